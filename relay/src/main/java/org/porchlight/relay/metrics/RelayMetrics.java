package org.porchlight.relay.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * All meters of one relay, bound to a registry. The registry reads when it is scraped: loops pay nothing for being watched. Any thread may
 * call any method. Closing belongs to the owner of the registry.
 */
public final class RelayMetrics {
    private final List<LoopCounters> loops = new CopyOnWriteArrayList<>();
    private final List<LoopWatch> watches = new CopyOnWriteArrayList<>();
    private final Map<Level, List<LongSupplier>> observed = new EnumMap<>(Level.class);
    private final Map<Timing, Timer> timers = new EnumMap<>(Timing.class);
    private final LongSupplier nanoClock;

    /**
     * Registers every meter, so that each is there from the first scrape.
     *
     * @param nanoClock the clock that the loops tell their watches, for example {@code System::nanoTime}
     */
    public RelayMetrics(MeterRegistry registry, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        for (Level level : Level.values()) {
            observed.put(level, new CopyOnWriteArrayList<>());
            Gauge.builder(level.meterName(), () -> total(level))
                    .description(level.description())
                    .strongReference(true)
                    .register(registry);
        }
        for (Counter counter : Counter.values()) {
            FunctionCounter.builder(counter.meterName(), this, metrics -> metrics.total(counter))
                    .description(counter.description())
                    .tags(tagsOf(counter))
                    .register(registry);
        }
        for (Timing timing : Timing.values()) {
            timers.put(
                    timing,
                    Timer.builder(timing.meterName())
                            .description(timing.description())
                            .serviceLevelObjectives(timing.bounds().toArray(Duration[]::new))
                            .register(registry));
        }
        Gauge.builder("porchlight_loop_silence_seconds", () -> maxSilenceNanos() / 1e9)
                .description("How long ago the event loop that is silent longest last ran its periodic task")
                .strongReference(true)
                .register(registry);
    }

    /**
     * Counters for one more event loop, which from then on owns them.
     *
     * @param loop name of the loop, for diagnosis; not a label
     */
    public LoopCounters registerLoop(String loop) {
        LoopCounters counters = new LoopCounters(loop);
        loops.add(counters);
        return counters;
    }

    /** Begins to watch a loop for stalls; the loop is to call {@link LoopWatch#onTick} every {@link LoopWatch#PERIOD}. */
    public LoopWatch watch(LoopCounters loop) {
        LoopWatch watch = new LoopWatch(this, loop, nanoClock.getAsLong());
        watches.add(watch);
        return watch;
    }

    /** Adds a share of a level that is asked at each scrape, from the scraping thread. Call a bounded number of times: at start, per loop or pool. */
    public void observe(Level level, LongSupplier share) {
        sharesOf(level).add(share);
    }

    /** Records one duration in ns, 0 or more. Any thread; not per packet. */
    public void record(Timing timing, long nanos) {
        Timer timer = timers.get(timing);
        if (timer == null) {
            throw new IllegalStateException("no timer for " + timing);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** What all loops have counted so far. */
    public long total(Counter counter) {
        long sum = 0;
        for (LoopCounters loop : loops) {
            sum += loop.value(counter);
        }
        return sum;
    }

    /** The amount over all loops and observed shares. */
    public long total(Level level) {
        long sum = 0;
        for (LoopCounters loop : loops) {
            sum += loop.value(level);
        }
        for (LongSupplier share : sharesOf(level)) {
            sum += share.getAsLong();
        }
        return sum;
    }

    /** How long the loop that is silent longest has not run its periodic task, in ns; 0 without watched loops. */
    public long maxSilenceNanos() {
        long now = nanoClock.getAsLong();
        long max = 0;
        for (LoopWatch watch : watches) {
            max = Math.max(max, watch.silenceNanos(now));
        }
        return max;
    }

    private List<LongSupplier> sharesOf(Level level) {
        List<LongSupplier> shares = observed.get(level);
        if (shares == null) {
            throw new IllegalStateException("no gauge for " + level);
        }
        return shares;
    }

    private static Tags tagsOf(Counter counter) {
        return counter.tagKey().isEmpty() ? Tags.empty() : Tags.of(counter.tagKey(), counter.tagValue());
    }
}
