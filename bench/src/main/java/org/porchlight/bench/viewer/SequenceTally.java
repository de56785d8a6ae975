package org.porchlight.bench.viewer;

/**
 * Counts what is missing in a series of numbers that wrap, may come out of order and may come twice. A number counts as lost when the
 * series has gone on {@value #WINDOW} beyond it; one that comes later is none of ours any more. A jump by more than {@value #MAX_JUMP} either way is a new series. Owner: one event loop.
 */
final class SequenceTally {
    private static final int WINDOW = 64;
    private static final int MAX_JUMP = 5_000;

    private final int shift;
    private boolean started;
    private long highest;
    /** Bit i: {@code highest - i} has come, or came before the series began. */
    private long seen;

    private long expected;
    private long received;
    private long duplicate;
    private long lost;

    /**
     * @param bits of a number, 16 for RTP, 32 for the frame counter
     */
    SequenceTally(int bits) {
        shift = Long.SIZE - bits;
    }

    /** Takes the next number, as unsigned. */
    void take(long number) {
        if (!started) {
            start(number);
            return;
        }
        long distance = (number - highest) << shift >> shift;
        if (distance > MAX_JUMP || distance < -MAX_JUMP) {
            start(number);
        } else if (distance > 0) {
            for (long i = 0; i < Math.min(distance, WINDOW); i++) {
                lost += seen >= 0 ? 1 : 0;
                seen <<= 1;
            }
            lost += Math.max(0, distance - WINDOW);
            highest = number;
            seen |= 1;
            expected += distance;
            received++;
        } else if (distance > -WINDOW && (seen & 1L << -distance) == 0) {
            seen |= 1L << -distance;
            received++;
        } else {
            duplicate++;
        }
    }

    private void start(long number) {
        started = true;
        highest = number;
        seen = -1;
        expected++;
        received++;
    }

    /** The series ends or begins anew: what is missing now is lost. */
    void restart() {
        lost += missing();
        started = false;
        seen = -1;
    }

    private int missing() {
        return started ? Long.bitCount(~seen) : 0;
    }

    /** Everything counted from now on belongs to a new window of measurement; what is missing now to none. */
    void beginWindow() {
        seen = -1;
        expected = 0;
        received = 0;
        duplicate = 0;
        lost = 0;
    }

    long expected() {
        return expected;
    }

    long received() {
        return received;
    }

    long duplicate() {
        return duplicate;
    }

    /** Lost for good, or missing at the moment. */
    long lost() {
        return lost + missing();
    }
}
