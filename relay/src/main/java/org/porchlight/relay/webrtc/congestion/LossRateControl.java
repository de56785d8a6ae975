package org.porchlight.relay.webrtc.congestion;

/**
 * The rate that loss allows (draft-ietf-rmcat-gcc-02 section 6): above 10 % it falls by half of the loss, below 2 % it rises, between the two
 * it stays, as radio loses that much of any rate. Loss is taken over a second and at least 20 packets. Owner: its estimator.
 */
final class LossRateControl {
    private static final double HEAVY = 0.10;
    private static final double LIGHT = 0.02;
    private static final double RISE_PER_SECOND = 1.08;
    private static final long WINDOW_NANOS = 1_000_000_000;
    private static final int LEAST_PACKETS = 20;

    private final double least;
    private final double most;
    private double rate;
    private int lost;
    private int received;
    private long windowNanos;
    private double fractionLost;

    /** Bits per second: bounds and the first rate. */
    LossRateControl(long least, long most, long first, long nowNanos) {
        this.least = least;
        this.most = most;
        rate = Math.max(this.least, Math.min((double) first, this.most));
        windowNanos = nowNanos;
    }

    long bitsPerSecond() {
        return (long) rate;
    }

    /** Of the last window, 0 to 1. */
    double fractionLost() {
        return fractionLost;
    }

    void onPacket(boolean arrived) {
        if (arrived) {
            received++;
        } else {
            lost++;
        }
    }

    /** A packet that was taken for lost has arrived after all. */
    void onLateArrival() {
        lost = Math.max(0, lost - 1);
        received++;
    }

    /** @param current about what is sent, where a fall begins, in bits per second */
    void update(long current, long nowNanos) {
        long elapsed = nowNanos - windowNanos;
        if (elapsed < WINDOW_NANOS || lost + received < LEAST_PACKETS) {
            return;
        }
        fractionLost = (double) lost / (lost + received);
        if (fractionLost > HEAVY) {
            rate = Math.min(rate, (double) current) * (1 - fractionLost / 2);
        } else if (fractionLost < LIGHT) {
            rate *= Math.pow(RISE_PER_SECOND, Math.min(elapsed / 1e9, 2));
        }
        rate = Math.max(least, Math.min(rate, most));
        lost = 0;
        received = 0;
        windowNanos = nowNanos;
    }
}
