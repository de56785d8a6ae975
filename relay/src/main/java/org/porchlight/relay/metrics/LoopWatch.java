package org.porchlight.relay.metrics;

import java.time.Duration;

/**
 * Measures how late an event loop is. The loop runs {@link #onTick} every {@link #PERIOD}; what it is late by is what every packet of that loop
 * waits. Owner: the watched loop; {@link #silenceNanos} may be asked from any thread and shows also a loop that hangs for good.
 */
public final class LoopWatch {
    /** How often the loop is to call {@link #onTick}. */
    public static final Duration PERIOD = Duration.ofMillis(20);
    /** Later than this is a stall: one frame at 20 frames per second. */
    public static final Duration THRESHOLD = Duration.ofMillis(50);

    private static final long PERIOD_NANOS = PERIOD.toNanos();
    private static final long THRESHOLD_NANOS = THRESHOLD.toNanos();

    private final RelayMetrics metrics;
    private final LoopCounters counters;
    private volatile long lastTickNanos;

    /** @param nowNanos time of the same clock as later {@link #onTick} is told */
    public LoopWatch(RelayMetrics metrics, LoopCounters counters, long nowNanos) {
        this.metrics = metrics;
        this.counters = counters;
        this.lastTickNanos = nowNanos;
    }

    /**
     * The loop runs its periodic task; owner only.
     *
     * @param pendingTasks tasks that wait in the loop
     */
    public void onTick(long nowNanos, int pendingTasks) {
        long lateNanos = nowNanos - lastTickNanos - PERIOD_NANOS;
        lastTickNanos = nowNanos;
        counters.set(Level.LOOP_PENDING_TASKS, pendingTasks);
        if (lateNanos > THRESHOLD_NANOS) {
            counters.increment(Counter.LOOP_STALLS);
            metrics.record(Timing.LOOP_STALL, lateNanos);
            new LoopStallEvent(counters.loop(), lateNanos, pendingTasks).commit();
        }
    }

    /** How long ago the loop last ran its periodic task, in ns; any thread. A healthy loop stays below twice {@link #PERIOD}. */
    public long silenceNanos(long nowNanos) {
        return Math.max(0, nowNanos - lastTickNanos);
    }

    /** Name of the watched loop. */
    public String loop() {
        return counters.loop();
    }
}
