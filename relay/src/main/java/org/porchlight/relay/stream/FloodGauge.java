package org.porchlight.relay.stream;

/**
 * Tells when a source, pulled or publishing, sends more than its limit: a token bucket in bytes that holds two seconds, so that keyframes and catching up after a
 * pause pass. Owner: the loop of the source.
 */
public final class FloodGauge {
    private static final long BURST_SECONDS = 2;
    /** What one keyframe may need whatever the limit. */
    private static final long MIN_BURST_BYTES = 4 << 20;

    private final double bytesPerNano;
    private final double burstBytes;
    private double tokens;
    private long lastNanos;

    /** @param maxBitsPerSecond above 0 */
    public FloodGauge(long maxBitsPerSecond, long nowNanos) {
        bytesPerNano = maxBitsPerSecond / 8.0 / 1e9;
        burstBytes = Math.max(MIN_BURST_BYTES, maxBitsPerSecond / 8.0 * BURST_SECONDS);
        tokens = burstBytes;
        lastNanos = nowNanos;
    }

    /** Counts bytes; false when they are too many. */
    public boolean take(int bytes, long nowNanos) {
        tokens = Math.min(burstBytes, tokens + (nowNanos - lastNanos) * bytesPerNano) - bytes;
        lastNanos = nowNanos;
        return tokens >= 0;
    }
}
