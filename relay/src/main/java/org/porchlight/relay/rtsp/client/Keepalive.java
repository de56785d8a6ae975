package org.porchlight.relay.rtsp.client;

import org.jspecify.annotations.Nullable;

/**
 * When a session that plays must be kept alive and by which request, found out by trying (RFC 2326 section 10.8 leaves it open): a request that is refused, not
 * answered, or does not keep the camera from closing is not used again for that camera. Owner: the loop of the connection.
 */
final class Keepalive {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final CameraMemory memory;
    private final long maxIntervalNanos;
    private long timeoutNanos;
    private long playingSinceNanos;
    private long dueNanos = Long.MAX_VALUE;
    private @Nullable KeepaliveMethod used;

    /** @param maxIntervalNanos longest interval, whatever the camera announces */
    Keepalive(CameraMemory memory, long maxIntervalNanos) {
        this.memory = memory;
        this.maxIntervalNanos = maxIntervalNanos;
    }

    /** The camera plays. */
    void begin(int timeoutSeconds, long nowNanos) {
        timeoutNanos = timeoutSeconds * SECOND_NANOS;
        playingSinceNanos = nowNanos;
        dueNanos = nowNanos + intervalNanos();
    }

    /** Two thirds of the camera's time-out, and never longer than the configured bound. */
    private long intervalNanos() {
        return Math.max(SECOND_NANOS, Math.min(timeoutNanos * 2 / 3, maxIntervalNanos));
    }

    /** When {@link #next} is to be called; {@link Long#MAX_VALUE}: the camera does not play yet. */
    long dueNanos() {
        return dueNanos;
    }

    /** It is time: the request to send, null if none works. */
    @Nullable
    KeepaliveMethod next(long nowNanos) {
        dueNanos = nowNanos + intervalNanos();
        used = memory.keepalive();
        return used;
    }

    /** The last one was refused: the session must be kept by another now, not at the next turn. */
    void onRefused() {
        KeepaliveMethod method = used;
        if (method != null) {
            memory.onKeepaliveUseless(method);
            dueNanos = memory.keepalive() == null ? dueNanos : Long.MIN_VALUE;
        }
    }

    /** The last one was not answered in time. */
    void onSilence(long nowNanos) {
        KeepaliveMethod method = used;
        if (method != null) {
            memory.onKeepaliveUseless(method);
            dueNanos = nowNanos;
        }
    }

    /**
     * The camera closed while it played. If that was about when its time-out was over, or on a keepalive, it does not honour that keepalive.
     *
     * @param awaited method of the request that waited for its answer; empty: none
     */
    void onConnectionLost(String awaited, long nowNanos) {
        KeepaliveMethod method = used;
        if (method == null) {
            return;
        }
        long played = nowNanos - playingSinceNanos;
        boolean onTimeout = played >= timeoutNanos - timeoutNanos / 10 && played <= timeoutNanos + timeoutNanos / 4;
        if (awaited.equals(method.name()) || onTimeout) {
            memory.onKeepaliveUseless(method);
        }
    }
}
