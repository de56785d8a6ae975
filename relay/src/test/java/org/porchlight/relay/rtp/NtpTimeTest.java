package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NtpTimeTest {

    @Test
    void placesTheUnixEpochSeventyYearsAfterItsOwn() {
        assertThat(NtpTime.ofInstant(Instant.EPOCH)).isEqualTo(2_208_988_800L << 32);
        assertThat(NtpTime.toInstant(2_208_988_800L << 32)).isEqualTo(Instant.EPOCH);
        assertThat(NtpTime.ofEpochNanos(500_000_000L)).isEqualTo(2_208_988_800L << 32 | 0x8000_0000L);
    }

    @Test
    void goesOnAfterTheSecondsWrapIn2036() {
        Instant afterWrap = Instant.parse("2036-02-07T06:28:17Z");
        assertThat(NtpTime.ofInstant(afterWrap) >>> 32).isEqualTo(1);
        assertThat(NtpTime.toInstant(NtpTime.ofInstant(afterWrap))).isEqualTo(afterWrap);
    }

    @Test
    void keepsEveryNanosecondThereAndBack() {
        Random random = new Random(1);
        for (int round = 0; round < 10_000; round++) {
            long seconds = (random.nextInt() & 0xffff_ffffL) * 14 / 15;
            long nanos = seconds * 1_000_000_000L + random.nextInt(1_000_000_000);
            assertThat(NtpTime.toEpochNanos(NtpTime.ofEpochNanos(nanos))).isEqualTo(nanos);
        }
    }

    @Test
    void givesTheMiddleBitsAndSpansOfReports() {
        // The example of RFC 3550 section 6.4.1: 0xb44db705:20000000 gives LSR 0xb705:2000; 5.25 s of delay are
        // 0x0005:4000.
        assertThat(NtpTime.middle(0xb44db705_20000000L)).isEqualTo(0xb7052000);
        assertThat(NtpTime.spanOfNanos(5_250_000_000L)).isEqualTo(0x00054000);
        assertThat(NtpTime.spanToNanos(0x00054000)).isEqualTo(5_250_000_000L);
        assertThat(NtpTime.spanOfNanos(-5)).isZero();
        assertThat(NtpTime.spanOfNanos(Long.MAX_VALUE)).isEqualTo(-1);
    }
}
