package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceNumbersTest {

    @Test
    void countsOnOverTheWrap() {
        assertThat(SequenceNumbers.next(65535)).isZero();
        assertThat(SequenceNumbers.distance(65535, 0)).isEqualTo(1);
        assertThat(SequenceNumbers.distance(3, 65530)).isEqualTo(-9);
        assertThat(SequenceNumbers.isNewer(2, 65534)).isTrue();
        assertThat(SequenceNumbers.isNewer(65534, 2)).isFalse();
        assertThat(SequenceNumbers.isNewer(5, 5)).isFalse();
    }

    @Test
    void extendsAWalkingSequenceToTheCounterItCameFrom() {
        Random random = new Random(3);
        long number = 65_000;
        long reference = number;
        for (int step = 0; step < 100_000; step++) {
            number = Math.max(0, number + random.nextInt(6000) - 2000);
            assertThat(SequenceNumbers.extend(reference, (int) number & 0xffff)).isEqualTo(number);
            reference = number;
        }
    }

    @Test
    void extendsTimestampsOverTheirWrap() {
        Random random = new Random(5);
        long time = 0xffff_0000L;
        long reference = time;
        for (int step = 0; step < 10_000; step++) {
            time += random.nextInt(1 << 30) - (1 << 28);
            assertThat(RtpTimestamps.extend(reference, (int) time)).isEqualTo(time);
            assertThat(RtpTimestamps.isLater((int) time, (int) reference)).isEqualTo(time > reference);
            reference = time;
        }
    }

    @Test
    void convertsTicksToNanosecondsAndBackWithoutOverflow() {
        assertThat(RtpTimestamps.ticksToNanos(90_000, 90_000)).isEqualTo(1_000_000_000L);
        assertThat(RtpTimestamps.ticksToNanos(-1, 90_000)).isEqualTo(-11_112);
        assertThat(RtpTimestamps.nanosToTicks(1_000_000_000L * 3600 * 24 * 365 * 100, 90_000))
                .isEqualTo(90_000L * 3600 * 24 * 365 * 100);
        Random random = new Random(9);
        for (int round = 0; round < 1000; round++) {
            long ticks = random.nextLong() >> 20;
            long nanos = RtpTimestamps.ticksToNanos(ticks, 8000);
            assertThat(RtpTimestamps.nanosToTicks(nanos, 8000)).isEqualTo(ticks);
        }
    }
}
