package org.porchlight.relay.rtsp.server;

import java.time.Duration;

/** When silence has lasted too long, by what a session is doing. Owner: that of its session; times are of its clock, in ns. */
final class SessionClock {
    static final long NEVER = Long.MAX_VALUE;

    private final ServerPolicy policy;
    private long lastRequestNanos;
    private long lastLifeNanos;
    private long lastMediaNanos;
    private boolean anyRequest;

    SessionClock(ServerPolicy policy, long nowNanos) {
        this.policy = policy;
        this.lastRequestNanos = nowNanos;
        this.lastLifeNanos = nowNanos;
        this.lastMediaNanos = nowNanos;
    }

    void onRequest(long nowNanos) {
        anyRequest = true;
        lastRequestNanos = nowNanos;
        lastLifeNanos = nowNanos;
    }

    /** RTCP of a viewer, by whatever way. */
    void onLifeSign(long nowNanos) {
        lastLifeNanos = nowNanos;
    }

    /** Media of a publisher, or the beginning of its recording. */
    void onMedia(long nowNanos) {
        lastMediaNanos = nowNanos;
        lastLifeNanos = nowNanos;
    }

    /** Whether the client has said anything yet. */
    boolean anyRequest() {
        return anyRequest;
    }

    /** When silence is over; {@link #NEVER}: it may be silent. */
    long deadlineNanos(SessionState state, boolean travelsByUdp) {
        return switch (state) {
            case INIT -> after(lastRequestNanos, anyRequest ? policy.idle() : policy.firstRequest());
            case READY -> sessionDeadline();
            // A TCP viewer that is gone shows by bytes that it does not take.
            case PLAYING -> travelsByUdp ? sessionDeadline() : NEVER;
            case RECORDING -> after(lastMediaNanos, policy.publisherSilence());
            case CLOSED -> NEVER;
        };
    }

    private long sessionDeadline() {
        return after(lastLifeNanos, policy.sessionTimeout().plus(policy.sessionGrace()));
    }

    private static long after(long nanos, Duration patience) {
        return nanos + patience.toNanos();
    }

    /** The earlier of two times of which each may be {@link #NEVER}. */
    static long earlier(long a, long b) {
        if (a == NEVER || b == NEVER) {
            return a == NEVER ? b : a;
        }
        return a - b <= 0 ? a : b;
    }
}
