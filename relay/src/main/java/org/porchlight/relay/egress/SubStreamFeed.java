package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.Subscriber;

/**
 * Somebody who takes the sub stream for a viewer of the main stream: asks what it is, joins it, and hands over what it brings. Owner: the
 * viewer's loop; its {@link SubStreamSwitch} makes it leave.
 */
final class SubStreamFeed implements Subscriber {
    private final EventExecutor loop;
    private final Stream sub;
    private final SubStreamSwitch owner;
    private boolean left;

    SubStreamFeed(EventExecutor loop, Stream sub, SubStreamSwitch owner) {
        this.loop = loop;
        this.sub = sub;
        this.owner = owner;
    }

    /** Opens the sub stream; the answer comes later. */
    void open() {
        sub.describe().whenComplete((description, failure) -> loop.execute(() -> onDescribed(description)));
    }

    private void onDescribed(@Nullable StreamDescription description) {
        if (left) {
            return;
        }
        if (description == null || !owner.fits(description)) {
            owner.onUnavailable();
        } else {
            sub.subscribe(this);
        }
    }

    /** Nothing comes any more; may be repeated. */
    void leave() {
        left = true;
        sub.unsubscribe(this);
    }

    @Override
    public EventExecutor executor() {
        return loop;
    }

    @Override
    public void onRefused(String reason) {
        if (!left) {
            owner.onUnavailable();
        }
    }

    // ---- told by LoopViewers, on the loop

    /**
     * Of the cached GOP nothing is used: to catch up is not what a viewer needs that is behind.
     *
     * @param snapshot owned by the callee
     */
    void onJoin(GopSnapshot snapshot, ByteBufAllocator allocator) {
        StreamDescription description = snapshot.description();
        snapshot.close();
        if (left) {
            sub.unsubscribe(this);
        } else if (!owner.fits(description)) {
            owner.onUnavailable();
        } else {
            owner.onJoined(description, allocator);
        }
    }

    /** @param batch borrowed */
    void onBatch(MediaBatch batch, long nowNanos) {
        if (!left) {
            owner.onSubBatch(batch, nowNanos);
        }
    }

    void onGap() {
        if (!left) {
            owner.onSubGap();
        }
    }

    void onEnd() {
        if (!left) {
            owner.onUnavailable();
        }
    }

    Viewer viewer() {
        return owner.viewer();
    }

    /**
     * Index of the first packet of a track with which a decoder can begin that knows another stream's parameter sets; -1: none.
     *
     * @param needsParameterSets the codec has them, so they have to stand there
     */
    static int entryOf(MediaBatch batch, int track, boolean needsParameterSets) {
        if ((batch.allFlags() & MediaBatch.ENTRY) == 0) {
            return -1;
        }
        for (int i = 0; i < batch.count(); i++) {
            int flags = batch.flags(i);
            if (batch.track(i) == track && PacketFlags.isSet(flags, MediaBatch.ENTRY)) {
                return !needsParameterSets || PacketFlags.isSet(flags, PacketFlags.PARAMETER_SETS) ? i : -1;
            }
        }
        return -1;
    }
}
