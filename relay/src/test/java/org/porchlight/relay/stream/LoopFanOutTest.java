package org.porchlight.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;

class LoopFanOutTest {
    private final SlabPool pool = new SlabPool(2);
    private final EventExecutor consumer = new DefaultEventExecutor();
    private final EventExecutor producer = new DefaultEventExecutor();
    private final LoopCounters producerCounters = new LoopCounters("producer");
    private final LoopCounters consumerCounters = new LoopCounters("consumer");

    @AfterEach
    void stop() {
        consumer.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        producer.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        assertThat(pool.bytesInUse()).isZero();
        assertThat(producerCounters.value(Level.FAN_OUT_QUEUED) + consumerCounters.value(Level.FAN_OUT_QUEUED))
                .isZero();
    }

    /** A viewer that knows the number of the next batch; a gap forgives. */
    private final class Counting implements Subscriber {
        private final int joinedAt;
        long next;
        long got;
        boolean gap;
        boolean left;

        @Nullable
        String wrong;

        Counting(int joinedAt) {
            this.joinedAt = joinedAt;
            this.next = joinedAt;
        }

        @Override
        public EventExecutor executor() {
            return consumer;
        }

        @Override
        public void onRefused(String reason) {}

        void onBatch(long number) {
            boolean right = gap ? number >= next : number == next;
            if ((!right || left) && wrong == null) {
                wrong = "joined at " + joinedAt + ", wanted " + next + ", got " + number
                        + (left ? " after leaving" : "");
            }
            gap = false;
            got++;
            next = number + 1;
        }
    }

    /** Counts on the consumer's loop; sometimes it is slow. */
    private static final class Counted implements LoopEgress {
        final List<Counting> viewers = new ArrayList<>();
        final Random random = new Random(2);
        final int slowness;
        int gaps;
        int ends;
        boolean unflushed;

        Counted(int slowness) {
            this.slowness = slowness;
        }

        @Override
        public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
            snapshot.close();
            viewers.add((Counting) subscriber);
        }

        @Override
        public void onLeave(Subscriber subscriber) {
            ((Counting) subscriber).left = true;
            viewers.remove(subscriber);
        }

        @Override
        public void onBatch(MediaBatch batch) {
            unflushed = true;
            long number = batch.arrivalNanos();
            viewers.forEach(v -> v.onBatch(number));
            if (slowness > 0 && random.nextInt(64) == 0) {
                LockSupport.parkNanos(slowness);
            }
        }

        @Override
        public void onGap() {
            gaps++;
            viewers.forEach(v -> v.gap = true);
        }

        @Override
        public void onEndOfBatches() {
            unflushed = false;
        }

        @Override
        public void onEnd(String reason) {
            ends++;
            viewers.forEach(v -> v.left = true);
            viewers.clear();
        }
    }

    private static GopSnapshot nothing(SlabCursor slabs) {
        return new GopSnapshot(List.of(batch(slabs, 0)), 0, true, TestHub.video(), List.of());
    }

    private static MediaBatch batch(SlabCursor slabs, int number) {
        return TestHub.batch(slabs, number, List.of(new TestHub.Packet(0, new byte[40], MediaBatch.VIDEO)));
    }

    /** Everything that the producer does in one storm, on two loops one after the other. */
    private final class Storm {
        final Random random;
        final LoopFanOut fanOut;
        final SlabCursor slabs = new SlabCursor(pool, 8192);
        final List<Counting> all = new ArrayList<>();
        final List<Counting> present = new ArrayList<>();
        int number;

        Storm(long seed, LoopFanOut fanOut) {
            this.random = new Random(seed);
            this.fanOut = fanOut;
        }

        void rage(int steps, LoopCounters counters) {
            for (int i = 0; i < steps; i++) {
                int dice = random.nextInt(100);
                if (dice < 6) {
                    Counting viewer = new Counting(number);
                    if (fanOut.join(viewer, nothing(slabs))) {
                        all.add(viewer);
                        present.add(viewer);
                    }
                } else if (dice < 11 && !present.isEmpty()) {
                    Counting viewer = present.get(random.nextInt(present.size()));
                    if (fanOut.leave(viewer)) {
                        present.remove(viewer);
                    }
                } else {
                    MediaBatch batch = batch(slabs, number);
                    fanOut.batch(batch, counters, number % 5 == 1);
                    batch.release();
                    number++;
                }
            }
        }
    }

    private static void await(EventExecutor loop, Runnable task) throws Exception {
        loop.submit(task).get(30, TimeUnit.SECONDS);
    }

    private void storms(int slowness, boolean mustOverflow) throws Exception {
        for (int seed = 0; seed < 12; seed++) {
            Counted egress = new Counted(slowness);
            LoopFanOut fanOut = new LoopFanOut(consumer, egress, consumerCounters);
            Storm storm = new Storm(seed, fanOut);
            await(producer, () -> storm.rage(20_000, producerCounters));
            // The stream moves to the viewers' loop, then goes on there.
            await(consumer, () -> storm.rage(3000, consumerCounters));
            await(producer, () -> storm.rage(5000, producerCounters));
            await(producer, () -> {
                fanOut.end("over");
                storm.slabs.close();
            });
            CountDownLatch told = new CountDownLatch(1);
            waitFor(egress, told);
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            await(consumer, () -> {
                assertThat(egress.ends).isEqualTo(1);
                assertThat(egress.unflushed).isFalse();
                assertThat(storm.all)
                        .allMatch(v -> v.wrong == null, "each batch once, in order")
                        .allMatch(v -> v.left);
                assertThat(storm.all.stream().mapToLong(v -> v.got).sum()).isPositive();
                if (mustOverflow) {
                    assertThat(egress.gaps).isPositive();
                } else {
                    assertThat(egress.gaps).isLessThanOrEqualTo((int) total(Counter.FAN_OUT_OVERFLOWS));
                }
            });
        }
    }

    private long total(Counter counter) {
        return producerCounters.value(counter) + consumerCounters.value(counter);
    }

    private void waitFor(Counted egress, CountDownLatch told) {
        consumer.execute(() -> {
            if (egress.ends > 0) {
                told.countDown();
            } else {
                waitFor(egress, told);
            }
        });
    }

    @Test
    void eachViewerGetsEveryBatchAfterItsJoinOnce() throws Exception {
        storms(0, false);
    }

    @Test
    void aConsumerThatIsBehindGetsGapsInPlaceOfWhatWasLost() throws Exception {
        storms(2_000_000, true);
    }

    @Test
    void anEndFindsRoomAlsoWhenTheQueueIsFull() throws Exception {
        Counted egress = new Counted(0);
        LoopFanOut fanOut = new LoopFanOut(consumer, egress, consumerCounters);
        CountDownLatch blocked = new CountDownLatch(1);
        consumer.execute(() -> {
            try {
                blocked.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        SlabCursor slabs = new SlabCursor(pool, 8192);
        await(producer, () -> {
            List<Counting> viewers = new ArrayList<>();
            Counting refused = null;
            while (refused == null) {
                Counting viewer = new Counting(0);
                if (fanOut.join(viewer, nothing(slabs))) {
                    viewers.add(viewer);
                } else {
                    refused = viewer;
                }
            }
            assertThat(viewers).hasSize(LoopFanOut.CAPACITY - 2);
            assertThat(fanOut.has(refused)).isFalse();
            assertThat(fanOut.leave(viewers.get(0))).isTrue();
            assertThat(fanOut.leave(viewers.get(1))).isTrue();
            assertThat(fanOut.leave(viewers.get(2))).isFalse();
            assertThat(fanOut.has(viewers.get(2))).isTrue();
            fanOut.end("full");
            slabs.close();
        });
        blocked.countDown();
        CountDownLatch told = new CountDownLatch(1);
        waitFor(egress, told);
        assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(egress.viewers).isEmpty();
    }
}
