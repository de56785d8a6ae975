package org.porchlight.relay.webrtc.congestion;

import io.netty.buffer.ByteBuf;

/**
 * What one path carries, as its sender makes it out from transport-wide feedback, or else from REMB. Owner: the loop of the session; holds
 * about 17 KiB and allocates nothing per packet.
 */
public final class SendEstimator {
    private static final long FEEDBACK_NANOS = 5_000_000_000L;
    private static final long REMB_NANOS = 10_000_000_000L;
    /** Where the estimate begins at least, in bits per second: a picture that is worth looking at. More when more arrives. */
    private static final long FIRST = 1_000_000;
    /** A step of the receiver's clock against ours, beyond any queue. */
    private static final long CLOCK_JUMP_MICROS = 3_000_000;

    private final long least;
    private final long most;
    private final SentPacketLog sent = new SentPacketLog();
    private final PacketBursts bursts = new PacketBursts();
    private final TrendDetector trend = new TrendDetector();
    private final ArrivalRate arrivals = new ArrivalRate();
    private final TransportFeedback.Sink sink = this::onFeedbackPacket;
    private final DelayRateControl delay;
    private final LossRateControl loss;

    private boolean started;
    private long feedbackNanos;
    private long malformedFeedback;
    private boolean hasRemb;
    private long rembBitsPerSecond;
    private long rembNanos;

    // Of the feedback that is being read.
    private long readNanos;
    private boolean overused;
    private long responseNanos;

    // The newest packet that arrived.
    private boolean hasArrival;
    private long arrivalMicros;
    private long arrivalSentMicros;

    /**
     * An estimator that knows nothing yet.
     *
     * @param least the estimate is never lower, in bits per second
     * @param most the estimate is never higher
     */
    public SendEstimator(long least, long most, long nowNanos) {
        if (least <= 0 || most < least) {
            throw new IllegalArgumentException("bounds " + least + " to " + most + " bits per second");
        }
        this.least = least;
        this.most = most;
        delay = new DelayRateControl(least, most, FIRST, nowNanos);
        loss = new LossRateControl(least, most, most, nowNanos);
    }

    /**
     * A packet is handed to the kernel.
     *
     * @param transportSequenceNumber 16 bits, over all media of the session
     * @param bytes of the UDP payload
     */
    public void onPacketSent(int transportSequenceNumber, int bytes, long nowNanos) {
        sent.add(transportSequenceNumber & 0xffff, bytes, nowNanos);
    }

    /**
     * Feedback of the receiver (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). What is malformed is counted and left.
     *
     * @param buf borrowed; the base sequence number stands at {@code offset}
     */
    public void onTransportFeedback(ByteBuf buf, int offset, int length, long nowNanos) {
        readNanos = nowNanos;
        overused = false;
        responseNanos = 0;
        if (TransportFeedback.read(buf, offset, length, sink) == TransportFeedback.Result.MALFORMED) {
            malformedFeedback++;
            return;
        }
        feedbackNanos = nowNanos;
        long arrived = arrivals.bitsPerSecond();
        if (!started && arrived == 0) {
            return;
        }
        if (!started) {
            started = true;
            delay.raiseTo(arrived + arrived / 2);
        }
        delay.update(overused ? PathState.OVERUSED : trend.state(), arrived, responseNanos, nowNanos);
        long sending = arrived == 0 ? most : arrived + arrived / 2;
        loss.update(Math.min(sending, delay.bitsPerSecond()), nowNanos);
    }

    private void onFeedbackPacket(int sequenceNumber, boolean received, long wrappedArrivalMicros) {
        int bytes = sent.bytes(sequenceNumber);
        if (bytes == 0) {
            return;
        }
        if (!received) {
            if (!sent.isToldLost(sequenceNumber)) {
                sent.tellLost(sequenceNumber);
                loss.onPacket(false);
            }
            return;
        }
        if (sent.isToldLost(sequenceNumber)) {
            loss.onLateArrival();
        } else {
            loss.onPacket(true);
        }
        long sentMicros = sent.sentMicros(sequenceNumber, readNanos);
        sent.tellArrived(sequenceNumber);
        responseNanos = readNanos - sentMicros * 1_000;
        onArrival(sentMicros, wrappedArrivalMicros, bytes);
    }

    private void onArrival(long sentMicros, long wrappedArrivalMicros, int bytes) {
        long arrival = hasArrival ? unwrap(wrappedArrivalMicros) : wrappedArrivalMicros;
        if (hasArrival && Math.abs(arrival - arrivalMicros - (sentMicros - arrivalSentMicros)) > CLOCK_JUMP_MICROS) {
            bursts.restart();
            trend.restart();
            arrivals.restart();
        }
        hasArrival = true;
        arrivalMicros = arrival;
        arrivalSentMicros = sentMicros;
        arrivals.add(arrival, bytes);
        if (bursts.add(sentMicros, arrival)) {
            trend.add(bursts.sentDeltaMicros(), bursts.arrivalDeltaMicros());
            overused |= trend.state() == PathState.OVERUSED;
        }
    }

    private long unwrap(long wrappedMicros) {
        long step = Math.floorMod(wrappedMicros - arrivalMicros, TransportFeedback.WRAP_MICROS);
        return arrivalMicros + (step < TransportFeedback.WRAP_MICROS / 2 ? step : step - TransportFeedback.WRAP_MICROS);
    }

    /** Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03): counts while there is no transport-wide feedback. */
    public void onRemb(long bitsPerSecond, long nowNanos) {
        hasRemb = true;
        rembBitsPerSecond = Math.max(least, Math.min(bitsPerSecond, most));
        rembNanos = nowNanos;
    }

    /** The estimate in bits per second; 0: none yet. It stays when feedback ceases, until a REMB says otherwise. */
    public long bitsPerSecond(long nowNanos) {
        boolean freshFeedback = started && nowNanos - feedbackNanos <= FEEDBACK_NANOS;
        boolean freshRemb = hasRemb && nowNanos - rembNanos <= REMB_NANOS;
        if (freshRemb && !freshFeedback) {
            return rembBitsPerSecond;
        }
        return started ? Math.min(delay.bitsPerSecond(), loss.bitsPerSecond()) : 0;
    }

    /** Of about the last second, 0 to 1. */
    public double fractionLost() {
        return loss.fractionLost();
    }

    /** Feedback that could not be read. */
    public long malformedFeedback() {
        return malformedFeedback;
    }
}
