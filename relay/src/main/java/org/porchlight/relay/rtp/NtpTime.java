package org.porchlight.relay.rtp;

import java.time.Instant;

/**
 * NTP timestamps as RTCP carries them (RFC 3550 section 4): seconds since 1900 in the upper 32 bits, binary fractions of a second in the
 * lower 32. The seconds wrap in 2036; values with the top bit clear are read as after that (RFC 4330 section 3), so the range is 1968
 * to 2104.
 */
public final class NtpTime {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** Seconds from 1900-01-01 to 1970-01-01. */
    private static final long EPOCH_OFFSET_SECONDS = 2_208_988_800L;

    private static final long ERA_SECONDS = 1L << 32;

    private NtpTime() {}

    /**
     * NTP time of a moment.
     *
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z
     */
    public static long ofEpochNanos(long epochNanos) {
        long seconds = Math.floorDiv(epochNanos, NANOS_PER_SECOND);
        long nanos = Math.floorMod(epochNanos, NANOS_PER_SECOND);
        return of(seconds, nanos);
    }

    public static long ofInstant(Instant instant) {
        return of(instant.getEpochSecond(), instant.getNano());
    }

    private static long of(long epochSeconds, long nanos) {
        // Half a nanosecond more, so that going there and back gives the same nanosecond.
        long fraction = ((nanos << 32) + NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
        return ((epochSeconds + EPOCH_OFFSET_SECONDS) << 32) + fraction;
    }

    /** Nanoseconds since 1970-01-01T00:00Z, to the nearest. */
    public static long toEpochNanos(long ntp) {
        long seconds = ntp >>> 32;
        if (seconds < ERA_SECONDS / 2) {
            seconds += ERA_SECONDS;
        }
        return (seconds - EPOCH_OFFSET_SECONDS) * NANOS_PER_SECOND + fractionNanos(ntp);
    }

    public static Instant toInstant(long ntp) {
        return Instant.ofEpochSecond(0, toEpochNanos(ntp));
    }

    private static long fractionNanos(long ntp) {
        return ((ntp & 0xffff_ffffL) * NANOS_PER_SECOND + (1L << 31)) >>> 32;
    }

    /** The middle 32 bits, units of 1/65,536 s: what a reception report returns as LSR (RFC 3550 section 6.4.1). */
    public static int middle(long ntp) {
        return (int) (ntp >>> 16);
    }

    /** A span in units of 1/65,536 s, as DLSR carries it; longer than about 18 hours counts as the longest. */
    public static int spanOfNanos(long nanos) {
        if (nanos <= 0) {
            return 0;
        }
        long seconds = nanos / NANOS_PER_SECOND;
        if (seconds > 0xffff) {
            return -1;
        }
        return (int) (seconds << 16 | ((nanos % NANOS_PER_SECOND) << 16) / NANOS_PER_SECOND);
    }

    /** Nanoseconds of a span in units of 1/65,536 s, read as unsigned. */
    public static long spanToNanos(int span) {
        return ((span & 0xffff_ffffL) * NANOS_PER_SECOND) >>> 16;
    }
}
