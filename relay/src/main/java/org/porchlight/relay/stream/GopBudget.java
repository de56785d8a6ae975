package org.porchlight.relay.stream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all GOP caches together may hold. Thread-safe. A cache takes what it appends and gives back what it drops; when the
 * budget is overdrawn the hub lets the largest idle caches shrink to their keyframe, and a cache that finds it overdrawn by an eighth
 * shrinks by itself.
 */
public final class GopBudget {
    private final long maxBytes;
    private final long maxBytesPerStream;
    private final AtomicLong usedBytes = new AtomicLong();

    /**
     * @param maxBytes for all streams
     * @param maxBytesPerStream for one; a longer GOP is cut down to its keyframe
     */
    public GopBudget(long maxBytes, long maxBytesPerStream) {
        this.maxBytes = maxBytes;
        this.maxBytesPerStream = maxBytesPerStream;
    }

    void add(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    public long usedBytes() {
        return usedBytes.get();
    }

    public long maxBytes() {
        return maxBytes;
    }

    long maxBytesPerStream() {
        return maxBytesPerStream;
    }

    /** Bytes above the budget, 0 when within. */
    public long overdraft() {
        return Math.max(0, usedBytes.get() - maxBytes);
    }

    boolean isFarOverdrawn() {
        return usedBytes.get() > maxBytes + maxBytes / 8;
    }
}
