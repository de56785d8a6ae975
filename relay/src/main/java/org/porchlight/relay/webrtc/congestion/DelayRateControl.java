package org.porchlight.relay.webrtc.congestion;

/**
 * The rate that delays allow: down to 85 % of what arrives when a queue grows, then held until it has drained, then up again, in small steps
 * near the rate at which it grew last, by 8 % a second elsewhere (draft-ietf-rmcat-gcc-02 section 5.5). Owner: its estimator.
 *
 * <p>Unlike there, the rate goes on rising when less is sent than it allows. A relay sends what a camera makes and no padding; it learns what
 * a path carries by trying the next better picture, and may only try when the estimate lets it. So that it does not try for ever what has
 * just failed, the rate stays below the known capacity for a while after each time, twice as long when it failed again.
 */
final class DelayRateControl {
    private static final double BACK_OFF = 0.85;
    private static final double RISE_PER_SECOND = 1.08;
    /** As far from the capacity, by proportion, steps are small; as far above it, the rate may rise while the capacity is fresh. */
    private static final double NEAR = 0.15;
    /** As much more arriving than the capacity shows that the path has got better. */
    private static final double BETTER = 1.1;

    private static final double CAPACITY_SMOOTHING = 0.3;
    private static final double STEP_BITS = 1_200 * 8;
    private static final double LEAST_STEP_PER_SECOND = 4_000;
    private static final long EPISODE_NANOS = 5_000_000_000L;
    private static final long LEAST_PAUSE_NANOS = 15_000_000_000L;
    private static final long MOST_PAUSE_NANOS = 120_000_000_000L;

    private final double least;
    private final double most;
    private double rate;
    /** The rate at which a queue grew; 0: none did, or it is history. */
    private double capacity;

    private boolean holding;
    private long lastNanos;

    private boolean backedOff;
    private long backOffNanos;
    private long pauseNanos = LEAST_PAUSE_NANOS;

    /** Bits per second: bounds and the first rate. */
    DelayRateControl(long least, long most, long first, long nowNanos) {
        this.least = least;
        this.most = most;
        rate = Math.max(this.least, Math.min((double) first, this.most));
        lastNanos = nowNanos;
    }

    long bitsPerSecond() {
        return (long) rate;
    }

    /** What has arrived in the first half second shows that the path carries more than the first rate. */
    void raiseTo(long bitsPerSecond) {
        rate = Math.min(Math.max(rate, (double) bitsPerSecond), most);
    }

    /**
     * Feedback has come.
     *
     * @param arrived what arrives, in bits per second; 0: not known
     * @param responseNanos from sending to feedback
     */
    void update(PathState state, long arrived, long responseNanos, long nowNanos) {
        double elapsed = Math.max(0, Math.min(1, (nowNanos - lastNanos) / 1e9));
        lastNanos = nowNanos;
        switch (state) {
            case OVERUSED -> backOff(arrived > 0 ? arrived : rate, nowNanos);
            case UNDERUSED -> holding = true;
            case NORMAL -> {
                // The first calm moment after a drain ends the pause; from the next on the rate rises.
                if (holding) {
                    holding = false;
                } else {
                    rise(arrived, responseNanos, elapsed, nowNanos);
                }
            }
        }
        rate = Math.max(least, Math.min(rate, most));
    }

    private void backOff(double arrived, long nowNanos) {
        rate = Math.min(rate, BACK_OFF * arrived);
        boolean far = capacity == 0 || Math.abs(arrived - capacity) > 3 * NEAR * capacity;
        capacity = far ? arrived : capacity + CAPACITY_SMOOTHING * (arrived - capacity);
        holding = true;
        long sinceLast = nowNanos - backOffNanos;
        if (!backedOff || sinceLast > EPISODE_NANOS) {
            boolean again = backedOff && sinceLast < 2 * pauseNanos + LEAST_PAUSE_NANOS;
            pauseNanos = again ? Math.min(2 * pauseNanos, MOST_PAUSE_NANOS) : LEAST_PAUSE_NANOS;
        }
        backedOff = true;
        backOffNanos = nowNanos;
    }

    private void rise(long arrived, long responseNanos, double elapsed, long nowNanos) {
        if (arrived > capacity * BETTER) {
            capacity = 0;
        }
        boolean near = capacity > 0 && Math.abs(rate - capacity) < NEAR * capacity;
        double step = near
                ? Math.max(LEAST_STEP_PER_SECOND, STEP_BITS / (0.1 + Math.max(0, responseNanos) / 1e9)) * elapsed
                : rate * (Math.pow(RISE_PER_SECOND, elapsed) - 1);
        boolean fresh = capacity > 0 && nowNanos - backOffNanos < pauseNanos;
        double ceiling = fresh ? Math.max(rate, capacity * (1 + NEAR)) : most;
        rate = Math.min(rate + step, ceiling);
    }
}
