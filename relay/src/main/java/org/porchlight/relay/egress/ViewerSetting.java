package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.Stream;

/**
 * What a viewer is made with.
 *
 * @param loop owns the viewer
 * @param counters of that loop
 * @param nanoTime the relay's clock, ns
 * @param subStream the small rendition of the same camera, for a viewer that cannot keep up; null: there is none
 */
public record ViewerSetting(
        EventExecutor loop,
        Stream stream,
        ViewerListener listener,
        StalenessContract contract,
        LoopCounters counters,
        LongSupplier nanoTime,
        @Nullable Stream subStream) {

    /** Without a sub stream to fall back to. */
    public ViewerSetting(
            EventExecutor loop,
            Stream stream,
            ViewerListener listener,
            StalenessContract contract,
            LoopCounters counters,
            LongSupplier nanoTime) {
        this(loop, stream, listener, contract, counters, nanoTime, null);
    }
}
