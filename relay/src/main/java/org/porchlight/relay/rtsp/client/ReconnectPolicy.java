package org.porchlight.relay.rtsp.client;

import java.util.random.RandomGenerator;

/**
 * How long to wait before a lost camera is tried again: exponential with full spread over the upper half, so that cameras that went down
 * together do not come back together. Pure; owner: the loop of the source.
 *
 * <p>The delay of attempt n lies within [b/2, b], b = min(max, first * 2^n). A connection that played for the stable time starts over at n = 0.
 */
public final class ReconnectPolicy {
    /** Beyond this many doublings every sensible maximum is reached. */
    private static final int MAX_DOUBLINGS = 30;

    private final Settings settings;
    private final RandomGenerator random;
    private int attempt;

    /**
     * How patient to be.
     *
     * @param firstNanos upper bound of the first delay, above 0
     * @param maxNanos upper bound of all delays, at least {@code firstNanos}
     * @param stableNanos playing for this long makes up for earlier failures
     */
    public record Settings(long firstNanos, long maxNanos, long stableNanos) {
        /** 1 s to 60 s, stable after 30 s. */
        public static final Settings DEFAULT = new Settings(1_000_000_000L, 60_000_000_000L, 30_000_000_000L);

        public Settings {
            if (firstNanos <= 0 || maxNanos < firstNanos || stableNanos < 0) {
                throw new IllegalArgumentException("delays must be above 0 and the longest at least the first");
            }
        }
    }

    public ReconnectPolicy(Settings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /**
     * A connection failed or was lost.
     *
     * @param playedNanos how long it had played, 0 when it never did
     * @return nanoseconds to wait before the next attempt
     */
    public long onFailure(long playedNanos) {
        if (playedNanos > 0 && playedNanos >= settings.stableNanos()) {
            attempt = 0;
        }
        long bound = bound();
        attempt++;
        return bound - random.nextLong(bound / 2 + 1);
    }

    /** Starts over, because somebody changed the configuration or asked for the camera by hand. */
    public void reset() {
        attempt = 0;
    }

    /** Failures since the last stable connection. */
    public int attempts() {
        return attempt;
    }

    private long bound() {
        int doublings = Math.min(attempt, MAX_DOUBLINGS);
        long max = settings.maxNanos();
        return settings.firstNanos() > max >> doublings ? max : settings.firstNanos() << doublings;
    }
}
