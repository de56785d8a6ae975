package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;

/** A viewer as the hub sees it: somebody on an event loop. What it gets is told to that loop's {@link LoopEgress}. */
public interface Subscriber {
    /** The event loop that owns this viewer; never changes. */
    EventExecutor executor();

    /** The stream has ended or has no source: nothing will come. Called on {@link #executor()} instead of a join. */
    void onRefused(String reason);
}
