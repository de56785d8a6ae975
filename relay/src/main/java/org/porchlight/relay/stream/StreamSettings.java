package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.LoopCounters;

/**
 * What all streams of a relay share.
 *
 * @param egress makes the viewers' side on a loop
 * @param counters of an event loop
 * @param nanoTime the relay's clock, ns
 * @param epochNanos wall clock in ns since 1970 that belongs to a value of {@code nanoTime}
 * @param random for SSRCs and the beginnings of sequences and timelines (RFC 3550 section 5.1)
 * @param describeTimeout how long a description waits for a source
 * @param linger how long a source stays open after its last viewer
 * @param sourceGrace how long viewers wait for a source that was lost
 * @param maxDatagramBytes RTP packets above this are cut for viewers over UDP, see {@link DatagramLimit}
 */
public record StreamSettings(
        GopBudget budget,
        SlabPool slabs,
        LoopEgress.Factory egress,
        Function<EventExecutor, LoopCounters> counters,
        LongSupplier nanoTime,
        WallClock epochNanos,
        IntSupplier random,
        Duration describeTimeout,
        Duration linger,
        Duration sourceGrace,
        int maxDatagramBytes) {

    /** Turns the relay's monotonic clock into wall-clock time. */
    @FunctionalInterface
    public interface WallClock {
        /** @return ns since 1970-01-01T00:00:00Z at that value of the monotonic clock */
        long epochNanosAt(long nanoTime);
    }
}
