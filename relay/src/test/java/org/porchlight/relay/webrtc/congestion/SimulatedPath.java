package org.porchlight.relay.webrtc.congestion;

import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/**
 * A sender of 25 frames a second, a bottleneck with a queue of 300 ms, 20 ms of way in each direction, and a receiver that answers every
 * 100 ms; all in virtual time.
 */
final class SimulatedPath {
    private static final long MILLI = 1_000_000;
    private static final long FRAME_NANOS = 40 * MILLI;
    private static final long FEEDBACK_NANOS = 100 * MILLI;
    private static final long WAY_NANOS = 20 * MILLI;
    private static final long MAX_QUEUE_NANOS = 300 * MILLI;
    private static final int PACKET_BYTES = 1_200;

    final SendEstimator estimator = new SendEstimator(100_000, 20_000_000, 0);

    private final SplittableRandom random = new SplittableRandom(11);
    private final FeedbackWriter receiver = new FeedbackWriter();
    private long nowNanos;
    private long nextFrameNanos;
    private long nextFeedbackNanos = FEEDBACK_NANOS;
    private int nextNumber;
    private int nextBase;
    private long busyUntilNanos;
    private double credit;

    long capacity = 4_000_000;
    double lossFraction;
    long jitterNanos;
    long worstQueueNanos;
    /** Of the receiver's clock. */
    long clockMicros = 5_000_000_000L;

    /** Runs for so many seconds; the sender is asked each frame what it sends, by the estimate. */
    void run(int seconds, LongUnaryOperator sendRate) {
        long end = nowNanos + seconds * 1_000L * MILLI;
        while (nowNanos - end < 0) {
            if (nextFrameNanos <= nextFeedbackNanos) {
                nowNanos = nextFrameNanos;
                nextFrameNanos += FRAME_NANOS;
                sendFrame(sendRate.applyAsLong(estimate()));
            } else {
                nowNanos = nextFeedbackNanos;
                nextFeedbackNanos += FEEDBACK_NANOS;
                answer();
            }
        }
    }

    long estimate() {
        return estimator.bitsPerSecond(nowNanos);
    }

    private void sendFrame(long bitsPerSecond) {
        credit += bitsPerSecond / 25.0 / 8;
        while (credit >= PACKET_BYTES) {
            credit -= PACKET_BYTES;
            int number = nextNumber++;
            estimator.onPacketSent(number & 0xffff, PACKET_BYTES, nowNanos);
            long start = Math.max(nowNanos, busyUntilNanos);
            worstQueueNanos = Math.max(worstQueueNanos, start - nowNanos);
            if (start - nowNanos > MAX_QUEUE_NANOS || random.nextDouble() < lossFraction) {
                continue;
            }
            busyUntilNanos = start + PACKET_BYTES * 8L * 1_000_000_000L / capacity;
            long jitter = jitterNanos == 0 ? 0 : random.nextLong(jitterNanos);
            long arrival = busyUntilNanos + WAY_NANOS + jitter;
            receiver.add(number, clockMicros + arrival / 1_000);
        }
    }

    /** Whatever was sent by now is in the receiver's book with its time to come; only what has come by now is told. */
    private void answer() {
        FeedbackWriter due = new FeedbackWriter();
        long until = clockMicros + (nowNanos - WAY_NANOS) / 1_000;
        receiver.arrivals().forEach((number, arrival) -> {
            if (arrival <= until && number >= nextBase) {
                due.add(number, arrival);
            }
        });
        if (due.isEmpty()) {
            return;
        }
        int last = ((java.util.NavigableMap<Integer, Long>) due.arrivals()).lastKey();
        ByteBuf feedback = due.writeFrom(nextBase);
        // The base is 16 bits on the wire; setShort keeps the low ones.
        estimator.onTransportFeedback(feedback, 0, feedback.readableBytes(), nowNanos);
        feedback.release();
        nextBase = last + 1;
        receiver.arrivals().keySet().removeIf(number -> number <= last);
    }
}
