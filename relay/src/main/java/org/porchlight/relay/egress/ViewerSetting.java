package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;
import java.util.function.LongSupplier;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.Stream;

/**
 * What a viewer is made with.
 *
 * @param loop owns the viewer
 * @param counters of that loop
 * @param nanoTime the relay's clock, ns
 */
public record ViewerSetting(
        EventExecutor loop,
        Stream stream,
        ViewerListener listener,
        StalenessContract contract,
        LoopCounters counters,
        LongSupplier nanoTime) {}
