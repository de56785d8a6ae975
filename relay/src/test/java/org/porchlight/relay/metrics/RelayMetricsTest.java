package org.porchlight.relay.metrics;

import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RelayMetricsTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RelayMetrics metrics = new RelayMetrics(registry, clock::get);

    @Test
    void everyCounterIsOneTimeSeriesWithAProperName() {
        Set<String> series = new HashSet<>();
        Map<String, String> tagKeyOfName = new HashMap<>();
        Map<String, String> descriptionOfName = new HashMap<>();
        for (Counter counter : Counter.values()) {
            assertThat(counter.meterName()).matches("porchlight_[a-z]+(_[a-z]+)*_total");
            assertThat(counter.tagValue()).matches("([a-z]+(_[a-z]+)*)?");
            assertThat(counter.tagKey().isEmpty()).isEqualTo(counter.tagValue().isEmpty());
            assertThat(series.add(counter.meterName() + "{" + counter.tagValue() + "}"))
                    .as("%s is declared once", counter)
                    .isTrue();
            assertThat(counter.tagKey())
                    .isEqualTo(tagKeyOfName.computeIfAbsent(counter.meterName(), name -> counter.tagKey()));
            assertThat(counter.description())
                    .isEqualTo(descriptionOfName.computeIfAbsent(counter.meterName(), name -> counter.description()));
        }
    }

    @Test
    void everyDeclaredMeterIsRegisteredBeforeAnythingHappens() {
        Set<String> registered = new HashSet<>();
        for (Meter meter : registry.getMeters()) {
            registered.add(meter.getId().getName());
            boolean bucket = meter.getId().getName().endsWith(".histogram");
            assertThat(bucket
                            || !requireNonNullElse(meter.getId().getDescription(), "")
                                    .isBlank())
                    .as("%s says what it means", meter.getId())
                    .isTrue();
        }
        for (Counter counter : Counter.values()) {
            assertThat(registered).contains(counter.meterName());
        }
        for (Level level : Level.values()) {
            assertThat(registered).contains(level.meterName());
        }
        for (Timing timing : Timing.values()) {
            assertThat(registered).contains(timing.meterName());
            assertThat(timing.bounds()).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void randomCountingOnSeveralLoopsAgreesWithAPlainModel() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(41);
        LoopCounters[] loops = {metrics.registerLoop("a"), metrics.registerLoop("b"), metrics.registerLoop("c")};
        Map<Object, Long> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            LoopCounters loop = loops[random.nextInt(loops.length)];
            if (random.nextBoolean()) {
                Counter counter = List.of(Counter.values()).get(random.nextInt(Counter.values().length));
                long amount = random.nextLong(1_000);
                loop.add(counter, amount);
                model.merge(counter, amount, Long::sum);
            } else {
                Level level = List.of(Level.values()).get(random.nextInt(Level.values().length));
                long delta = random.nextLong(-50, 51);
                loop.adjust(level, delta);
                model.merge(level, delta, Long::sum);
            }
        }
        for (Counter counter : Counter.values()) {
            assertThat(metrics.total(counter)).isEqualTo(model.getOrDefault(counter, 0L));
        }
        for (Level level : Level.values()) {
            assertThat(metrics.total(level)).isEqualTo(model.getOrDefault(level, 0L));
        }
    }

    @Test
    void theRegistryShowsSumsOfLoopsAndObservedShares() {
        LoopCounters first = metrics.registerLoop("first");
        LoopCounters second = metrics.registerLoop("second");
        first.add(Counter.SENT_BYTES, 5);
        second.add(Counter.SENT_BYTES, 7);
        second.increment(Counter.VIEWERS_CUT);
        first.set(Level.VIEWERS, 3);
        second.set(Level.VIEWERS, 4);
        metrics.observe(Level.VIEWERS, () -> 100);
        metrics.record(Timing.CUT, 2_000_000);

        assertThat(registry.get("porchlight_sent_bytes_total").functionCounter().count())
                .isEqualTo(12);
        assertThat(registry.get("porchlight_viewers_closed_total")
                        .tag("reason", "cut")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("porchlight_viewers").gauge().value()).isEqualTo(107);
        assertThat(registry.get("porchlight_cut").timer().count()).isEqualTo(1);
    }

    @Test
    void anotherThreadSeesWhatTheOwnerCounted() throws InterruptedException {
        LoopCounters loop = metrics.registerLoop("owner");
        CountDownLatch done = new CountDownLatch(1);
        Thread owner = new Thread(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                loop.increment(Counter.RECEIVED_PACKETS);
            }
            done.countDown();
        });
        owner.start();
        long last = 0;
        while (done.getCount() > 0) {
            long seen = metrics.total(Counter.RECEIVED_PACKETS);
            assertThat(seen).isBetween(last, 1_000_000L);
            last = seen;
        }
        owner.join();
        assertThat(metrics.total(Counter.RECEIVED_PACKETS)).isEqualTo(1_000_000);
    }

    @Test
    void aLoopThatIsLateIsCountedAndRecordedAlsoWhenTheClockWraps(@TempDir Path folder) throws Exception {
        LoopCounters loop = metrics.registerLoop("late loop");
        LoopWatch watch = metrics.watch(loop);
        try (Recording recording = new Recording()) {
            recording.enable(LoopStallEvent.class);
            recording.start();
            tickAfter(watch, LoopWatch.PERIOD.toNanos(), 0);
            tickAfter(watch, LoopWatch.PERIOD.plus(LoopWatch.THRESHOLD).toNanos(), 1);
            assertThat(metrics.total(Counter.LOOP_STALLS)).isZero();

            tickAfter(watch, LoopWatch.PERIOD.plus(LoopWatch.THRESHOLD).toNanos() + 1, 17);
            recording.stop();
            Path file = folder.resolve("stall.jfr");
            recording.dump(file);
            assertThat(Files.size(file)).isPositive();
            RecordedEvent event = RecordingFile.readAllEvents(file).stream()
                    .filter(e -> e.getEventType().getName().equals("org.porchlight.LoopStall"))
                    .findFirst()
                    .orElseThrow();
            assertThat(event.getString("loop")).isEqualTo("late loop");
            assertThat(event.getInt("pendingTasks")).isEqualTo(17);
            assertThat(event.getDuration("lateBy")).isEqualTo(LoopWatch.THRESHOLD.plusNanos(1));
        }
        assertThat(metrics.total(Counter.LOOP_STALLS)).isEqualTo(1);
        assertThat(metrics.total(Level.LOOP_PENDING_TASKS)).isEqualTo(17);
        assertThat(registry.get("porchlight_loop_stall").timer().count()).isEqualTo(1);
    }

    @Test
    void aLoopThatHangsShowsInTheSilenceOfTheWorst() {
        LoopWatch alive = metrics.watch(metrics.registerLoop("alive"));
        metrics.watch(metrics.registerLoop("hanging"));
        tickAfter(alive, 3_000_000_000L, 0);
        assertThat(alive.silenceNanos(clock.get())).isZero();
        assertThat(metrics.maxSilenceNanos()).isEqualTo(3_000_000_000L);
        assertThat(registry.get("porchlight_loop_silence_seconds").gauge().value())
                .isEqualTo(3);
    }

    private void tickAfter(LoopWatch watch, long nanos, int pendingTasks) {
        watch.onTick(clock.addAndGet(nanos), pendingTasks);
    }
}
