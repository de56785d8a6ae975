package org.porchlight.relay.stream;

import java.util.List;

/**
 * What a viewer gets when it joins: the cached GOP up to the live edge, and where every track stands there. Holds a reference of each
 * batch until {@link #close()}; used by one loop.
 */
public final class GopSnapshot implements AutoCloseable {
    private final List<MediaBatch> batches;
    private final int firstPacket;
    private final boolean complete;
    private final StreamDescription description;
    private final List<TrackPosition> positions;
    private boolean closed;

    GopSnapshot(
            List<MediaBatch> retainedBatches,
            int firstPacket,
            boolean complete,
            StreamDescription description,
            List<TrackPosition> positions) {
        this.batches = retainedBatches;
        this.firstPacket = firstPacket;
        this.complete = complete;
        this.description = description;
        this.positions = positions;
    }

    /** First to last, borrowed; empty when nothing is cached. */
    public List<MediaBatch> batches() {
        return batches;
    }

    /** Index of the first packet within the first batch. */
    public int firstPacket() {
        return firstPacket;
    }

    /** Whether the live packets follow the cached ones without a gap. */
    public boolean isComplete() {
        return complete;
    }

    public StreamDescription description() {
        return description;
    }

    /** One per track. */
    public List<TrackPosition> positions() {
        return positions;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            batches.forEach(MediaBatch::release);
        }
    }
}
