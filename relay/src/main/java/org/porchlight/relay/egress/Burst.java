package org.porchlight.relay.egress;

import org.jspecify.annotations.Nullable;
import org.porchlight.relay.stream.GopSnapshot;

/**
 * A cached GOP on its way to one viewer: batches are made ready one at a time, when the viewer takes them, so that a joining viewer costs
 * one batch of memory and not one GOP. Owner: the viewer's loop.
 */
final class Burst implements AutoCloseable {
    private final GopSnapshot snapshot;
    private final CollapsedTimeline timeline;
    private final Representation representation;
    private int next;

    Burst(GopSnapshot snapshot, CollapsedTimeline timeline, Representation representation) {
        this.snapshot = snapshot;
        this.timeline = timeline;
        this.representation = representation;
    }

    /** The next batch, owned by the caller; null: that was all. */
    @Nullable
    PreparedBatch next() {
        while (next < snapshot.batches().size()) {
            int from = next == 0 ? snapshot.firstPacket() : 0;
            PreparedBatch prepared =
                    representation.prepareCached(snapshot.batches().get(next), from, timeline);
            next++;
            if (prepared != null) {
                return prepared;
            }
        }
        return null;
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
