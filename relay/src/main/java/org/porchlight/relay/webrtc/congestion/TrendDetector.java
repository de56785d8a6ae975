package org.porchlight.relay.webrtc.congestion;

/**
 * Whether a queue grows: the slope of a line through the accumulated delays of the last bursts, held against a threshold that adapts itself
 * (draft-ietf-rmcat-gcc-02 sections 5.3 and 5.4), so that a path with much jitter or with a competing download is not given up. Owner: its
 * estimator.
 */
final class TrendDetector {
    private static final int POINTS = 20;
    private static final double SMOOTHING = 0.9;
    /** From the slope, which has no unit, to milliseconds comparable with the threshold. */
    private static final double GAIN = 4;

    private static final int MAX_WEIGHT = 60;

    private static final double FIRST_THRESHOLD_MILLIS = 12.5;
    private static final double LEAST_THRESHOLD_MILLIS = 6;
    private static final double MOST_THRESHOLD_MILLIS = 600;
    private static final double THRESHOLD_UP = 0.0087;
    private static final double THRESHOLD_DOWN = 0.039;
    /** Further off than this from the threshold is a sudden event, to which the threshold does not adapt. */
    private static final double OUTLIER_MILLIS = 15;
    /** A slope must lie above the threshold for this long. */
    private static final double OVERUSE_MILLIS = 10;

    private final double[] arrivals = new double[POINTS];
    private final double[] delays = new double[POINTS];
    private int count;
    private int next;
    private int deltas;
    private double accumulatedMillis;
    private double smoothedMillis;
    private double arrivalMillis;

    private double thresholdMillis = FIRST_THRESHOLD_MILLIS;
    private double lastTrendMillis;
    private double overuseMillis = -1;
    private int overuseBursts;
    private PathState state = PathState.NORMAL;

    PathState state() {
        return state;
    }

    /** Forgets the delays, keeps the threshold. */
    void restart() {
        count = 0;
        next = 0;
        deltas = 0;
        accumulatedMillis = 0;
        smoothedMillis = 0;
        arrivalMillis = 0;
        lastTrendMillis = 0;
        overuseMillis = -1;
        overuseBursts = 0;
        state = PathState.NORMAL;
    }

    /** Two bursts that followed each other, by what lay between them when they left and when they arrived. */
    void add(long sentDeltaMicros, long arrivalDeltaMicros) {
        deltas = Math.min(deltas + 1, MAX_WEIGHT);
        accumulatedMillis += (arrivalDeltaMicros - sentDeltaMicros) / 1e3;
        smoothedMillis = SMOOTHING * smoothedMillis + (1 - SMOOTHING) * accumulatedMillis;
        arrivalMillis += arrivalDeltaMicros / 1e3;
        arrivals[next] = arrivalMillis;
        delays[next] = smoothedMillis;
        next = (next + 1) % POINTS;
        count = Math.min(count + 1, POINTS);
        if (count == POINTS) {
            judge(slope() * deltas * GAIN, sentDeltaMicros / 1e3, arrivalDeltaMicros / 1e3);
        }
    }

    /** Least squares. */
    private double slope() {
        double meanArrival = 0;
        double meanDelay = 0;
        for (int i = 0; i < POINTS; i++) {
            meanArrival += arrivals[i] / POINTS;
            meanDelay += delays[i] / POINTS;
        }
        double numerator = 0;
        double denominator = 0;
        for (int i = 0; i < POINTS; i++) {
            double distance = arrivals[i] - meanArrival;
            numerator += distance * (delays[i] - meanDelay);
            denominator += distance * distance;
        }
        return denominator == 0 ? 0 : numerator / denominator;
    }

    private void judge(double trendMillis, double sentDeltaMillis, double arrivalDeltaMillis) {
        if (trendMillis > thresholdMillis) {
            overuseMillis = overuseMillis < 0 ? sentDeltaMillis / 2 : overuseMillis + sentDeltaMillis;
            overuseBursts++;
            if (overuseMillis > OVERUSE_MILLIS && overuseBursts > 1 && trendMillis >= lastTrendMillis) {
                overuseMillis = 0;
                overuseBursts = 0;
                state = PathState.OVERUSED;
            }
        } else {
            overuseMillis = -1;
            overuseBursts = 0;
            state = trendMillis < -thresholdMillis ? PathState.UNDERUSED : PathState.NORMAL;
        }
        lastTrendMillis = trendMillis;
        adapt(Math.abs(trendMillis), Math.min(Math.max(arrivalDeltaMillis, 0), 100));
    }

    private void adapt(double trendMillis, double elapsedMillis) {
        double distance = trendMillis - thresholdMillis;
        if (distance <= OUTLIER_MILLIS) {
            double factor = distance < 0 ? THRESHOLD_DOWN : THRESHOLD_UP;
            thresholdMillis += factor * distance * elapsedMillis;
            thresholdMillis = Math.max(LEAST_THRESHOLD_MILLIS, Math.min(thresholdMillis, MOST_THRESHOLD_MILLIS));
        }
    }
}
