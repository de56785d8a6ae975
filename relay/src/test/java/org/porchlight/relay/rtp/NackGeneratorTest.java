package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NackGeneratorTest {
    private static final long MILLI = 1_000_000;
    private static final long AGE = 250 * MILLI;

    private final NackGenerator generator = new NackGenerator(AGE);
    private final int[] out = new int[64];

    private List<Integer> collect(long now) {
        int count = generator.collect(out, now);
        List<Integer> asked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            asked.add(out[i]);
        }
        return asked;
    }

    @Test
    void asksAtOnceForWhatAGapLeavesOutAcrossTheWrap() {
        generator.onPacket(65_533, 0);
        generator.onPacket(2, 0);
        assertThat(generator.nextDeadlineNanos()).isZero();
        assertThat(collect(0)).containsExactly(65_534, 65_535, 0, 1);
        assertThat(collect(0)).isEmpty();
        generator.onPacket(65_535, 30 * MILLI);
        generator.onPacket(0, 30 * MILLI);
        assertThat(generator.repaired()).isEqualTo(2);
        assertThat(collect(AGE - 1)).containsExactly(65_534, 1);
    }

    @Test
    void asksAgainAfterARoundTripWhichItLearns() {
        generator.onPacket(1, 0);
        long now = 0;
        for (int i = 0; i < 60; i++) {
            generator.onPacket(3 + 2 * i, now);
            assertThat(collect(now)).containsExactly(2 + 2 * i);
            now += 20 * MILLI;
            generator.onPacket(2 + 2 * i, now);
        }
        generator.reset();
        generator.onPacket(10, now);
        generator.onPacket(12, now);
        assertThat(collect(now)).containsExactly(11);
        assertThat(generator.nextDeadlineNanos() - now).isBetween(20 * MILLI, 30 * MILLI);
        assertThat(collect(now + 19 * MILLI)).isEmpty();
        assertThat(collect(now + 30 * MILLI)).containsExactly(11);
    }

    @Test
    void whatIsTooOldIsGivenUp() {
        generator.onPacket(1, 0);
        generator.onPacket(4, 0);
        collect(0);
        assertThat(collect(AGE)).isEmpty();
        assertThat(generator.givenUp()).isEqualTo(2);
        assertThat(generator.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aJumpIsANewBeginning() {
        generator.onPacket(1, 0);
        generator.onPacket(20_000, 0);
        assertThat(collect(0)).isEmpty();
        assertThat(generator.givenUp()).isEqualTo(1);
        generator.onPacket(20_002, 0);
        assertThat(collect(0)).containsExactly(20_001);
    }

    /** Random loss and order against a map of what is missing since when: the same are missing, asked for, and given up. */
    @Test
    void agreesWithASimpleModel() {
        Random random = new Random(7);
        Map<Integer, Long> missing = new LinkedHashMap<>();
        Map<Integer, Long> lastAsked = new HashMap<>();
        long now = 0;
        long givenUp = 0;
        int newest = 65_000;
        generator.onPacket(newest, now);
        for (int step = 0; step < 50_000; step++) {
            now += random.nextInt(3) * MILLI;
            if (random.nextInt(20) == 0 && !missing.isEmpty()) {
                int late = missing.keySet().iterator().next();
                missing.remove(late);
                generator.onPacket(late, now);
            } else {
                int skipped = random.nextInt(10) == 0 ? 1 + random.nextInt(3) : 0;
                for (int i = 1; i <= skipped; i++) {
                    missing.put(newest + i & 0xffff, now);
                    lastAsked.remove(newest + i & 0xffff);
                }
                newest = newest + skipped + 1 & 0xffff;
                generator.onPacket(newest, now);
            }
            List<Integer> asked = collect(now);
            long deadline = now - AGE;
            int before = missing.size();
            missing.values().removeIf(since -> since <= deadline);
            givenUp += before - missing.size();
            assertThat(generator.missing()).isEqualTo(missing.size());
            assertThat(generator.givenUp()).isEqualTo(givenUp);
            for (int number : asked) {
                assertThat(missing).containsKey(number);
                Long last = lastAsked.put(number, now);
                assertThat(last == null || now - last >= 10 * MILLI).isTrue();
            }
            assertThat(missing.keySet()).allMatch(lastAsked::containsKey);
        }
        assertThat(generator.repaired()).isPositive();
        assertThat(givenUp).isPositive();
    }

    @Test
    void whatIsAskedForSurvivesWritingAndReading() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            int number = random.nextInt(65_536);
            int[] numbers = new int[1 + random.nextInt(60)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = number;
                number = number + 1 + random.nextInt(random.nextBoolean() ? 2 : 40) & 0xffff;
            }
            ByteBuf buf = Unpooled.buffer();
            RtcpWriter.writeNacks(buf, 1, 2, numbers, numbers.length);
            assertThat(buf.readableBytes()).isLessThanOrEqualTo(RtcpWriter.nacksLength(numbers.length));
            List<Integer> read = new ArrayList<>();
            RtcpVisitor visitor = new RtcpVisitor() {
                @Override
                public void onNack(int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {
                    read.add(packetId);
                    for (int i = 0; i < 16; i++) {
                        if ((lostBitmask & 1 << i) != 0) {
                            read.add(packetId + i + 1 & 0xffff);
                        }
                    }
                }
            };
            assertThat(RtcpReader.read(buf, 0, buf.readableBytes(), visitor)).isEqualTo(RtcpReader.Result.OK);
            assertThat(read)
                    .containsExactlyElementsOf(Arrays.stream(numbers).boxed().toList());
        }
    }
}
