package org.porchlight.relay.rtp;

/** Arithmetic of 32-bit RTP timestamps, which wrap (RFC 3550 section 5.1). Ticks are those of the track's clock rate. */
public final class RtpTimestamps {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private RtpTimestamps() {}

    /** Ticks from one timestamp to another by the shorter way; positive: {@code to} is later. */
    public static int distance(int from, int to) {
        return to - from;
    }

    public static boolean isLater(int timestamp, int than) {
        return distance(than, timestamp) > 0;
    }

    /**
     * The number of a long counter that has these low 32 bits and lies nearest to a reference.
     *
     * @param reference an extended timestamp near to the answer
     */
    public static long extend(long reference, int timestamp) {
        return reference + distance((int) reference, timestamp);
    }

    /**
     * Ticks as nanoseconds, rounded towards negative infinity; without overflow as long as the answer fits a long.
     *
     * @param clockRate ticks per second, above 0
     */
    public static long ticksToNanos(long ticks, int clockRate) {
        long seconds = Math.floorDiv(ticks, (long) clockRate);
        long rest = Math.floorMod(ticks, (long) clockRate);
        return seconds * NANOS_PER_SECOND + rest * NANOS_PER_SECOND / clockRate;
    }

    /**
     * Nanoseconds as ticks, rounded towards negative infinity.
     *
     * @param clockRate ticks per second, above 0
     */
    public static long nanosToTicks(long nanos, int clockRate) {
        long seconds = Math.floorDiv(nanos, NANOS_PER_SECOND);
        long rest = Math.floorMod(nanos, NANOS_PER_SECOND);
        return seconds * clockRate + rest * clockRate / NANOS_PER_SECOND;
    }
}
