package org.porchlight.bench.camera;

/**
 * When a camera restarts: a calculation, so that no loop has to tell another. Immutable.
 *
 * @param zeroNanos when the fleet started
 * @param offsetNanos first restart after that, so that not all restart at once
 * @param intervalNanos from one restart to the next; 0: never
 * @param downNanos how long it is away
 */
public record RebootSchedule(long zeroNanos, long offsetNanos, long intervalNanos, long downNanos) {

    public static RebootSchedule never() {
        return new RebootSchedule(0, 0, 0, 0);
    }

    /** Spreads the restarts of a fleet over the interval. */
    public static RebootSchedule of(long zeroNanos, CameraSpec spec, int cameras, long downNanos) {
        long interval = spec.rebootSeconds() * 1_000_000_000L;
        return interval == 0
                ? never()
                : new RebootSchedule(
                        zeroNanos, interval / 2 + interval / cameras * (spec.number() - 1), interval, downNanos);
    }

    public boolean isDown(long nowNanos) {
        long since = nowNanos - zeroNanos - offsetNanos;
        return intervalNanos > 0 && since >= 0 && since % intervalNanos < downNanos;
    }

    /** Nanoseconds until the next restart, {@link Long#MAX_VALUE}: never. */
    public long untilNext(long nowNanos) {
        if (intervalNanos == 0) {
            return Long.MAX_VALUE;
        }
        long since = nowNanos - zeroNanos - offsetNanos;
        return since < 0 ? -since : intervalNanos - since % intervalNanos;
    }
}
