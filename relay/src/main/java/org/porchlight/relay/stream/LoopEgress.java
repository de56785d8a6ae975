package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;

/**
 * All viewers of one stream on one event loop. Owner: that loop; every method is called there, in the order in which things happened at
 * the source, so that a viewer that joins misses no packet and gets none twice.
 */
public interface LoopEgress {
    /**
     * A viewer joins.
     *
     * @param snapshot owned by the callee, which closes it
     */
    void onJoin(Subscriber subscriber, GopSnapshot snapshot);

    /**
     * A viewer that has joined before needs a keyframe, and the cache has one: the GOP up to here, as for one who joins now. An egress that cannot
     * send it again lets it go.
     *
     * @param snapshot owned by the callee, which closes it
     */
    default void onKeyframeCached(Subscriber subscriber, GopSnapshot snapshot) {
        snapshot.close();
    }

    /** A viewer leaves; unknown ones are ignored. */
    void onLeave(Subscriber subscriber);

    /** @param batch borrowed */
    void onBatch(MediaBatch batch);

    /** Batches were lost between the loops because this one was too busy: everybody goes on at the next keyframe. */
    void onGap();

    /** All that was there has been told: write it out. */
    void onEndOfBatches();

    /** The stream has ended for these viewers: close them with this reason. */
    void onEnd(String reason);

    /** Makes the egress of a loop when its first viewer joins. */
    @FunctionalInterface
    interface Factory {
        LoopEgress create(Stream stream, EventExecutor loop);
    }
}
