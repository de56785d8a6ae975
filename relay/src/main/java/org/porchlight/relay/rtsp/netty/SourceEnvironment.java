package org.porchlight.relay.rtsp.netty;

import io.netty.util.concurrent.EventExecutor;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.LoopCounters;

/**
 * What all pulled sources of a relay share.
 *
 * @param slabs where media is read into
 * @param counters of an event loop
 * @param nanoTime the relay's clock, ns; the same one that the streams use
 * @param gate budget of connects
 * @param lookup host names and TLS arithmetic off the loops
 * @param random unpredictable and thread-safe, for nonces, cookies, SSRCs and delays
 * @param connected told how long a camera took, from the first attempt to connect to its first packet, ns
 * @param drops what the kernel drops at the sockets of cameras
 */
public record SourceEnvironment(
        SlabPool slabs,
        Function<EventExecutor, LoopCounters> counters,
        LongSupplier nanoTime,
        ConnectGate gate,
        HostLookup lookup,
        RandomGenerator random,
        LongConsumer connected,
        KernelDrops drops) {

    public SourceEnvironment(
            SlabPool slabs,
            Function<EventExecutor, LoopCounters> counters,
            LongSupplier nanoTime,
            ConnectGate gate,
            HostLookup lookup,
            RandomGenerator random,
            LongConsumer connected) {
        this(
                slabs,
                counters,
                nanoTime,
                gate,
                lookup,
                random,
                connected,
                new KernelDrops(lookup.threads(), nanoTime.getAsLong()));
    }
}
