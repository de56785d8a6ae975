package org.porchlight.relay.webrtc.congestion;

/**
 * Gathers packets that left together into bursts, as one frame's packets travel, and tells how much longer each burst travelled than the
 * one before (draft-ietf-rmcat-gcc-02 section 5.1). Owner: its estimator.
 */
final class PacketBursts {
    /** Packets that left within this time are one burst. */
    private static final long BURST_MICROS = 5_000;
    /** Packets that arrived this close after their burst were held up together. */
    private static final long ARRIVAL_BURST_MICROS = 5_000;
    /** A burst is at most this long, whatever arrives. */
    private static final long MAX_BURST_MICROS = 100_000;

    private boolean started;
    private long firstSentMicros;
    private long firstArrivalMicros;
    private long lastSentMicros;
    private long lastArrivalMicros;

    private boolean hasBefore;
    private long beforeSentMicros;
    private long beforeArrivalMicros;

    private long sentDeltaMicros;
    private long arrivalDeltaMicros;

    /** Forgets all; after a jump of the receiver's clock. */
    void restart() {
        started = false;
        hasBefore = false;
    }

    /**
     * A received packet, in the order of sending.
     *
     * @return true: a burst is complete; the deltas tell of it and the one before
     */
    boolean add(long sentMicros, long arrivalMicros) {
        if (!started) {
            begin(sentMicros, arrivalMicros);
            return false;
        }
        if (sentMicros < firstSentMicros) {
            // A packet that was told of late, with its number of then; its burst is gone.
            return false;
        }
        if (belongs(sentMicros, arrivalMicros)) {
            lastSentMicros = Math.max(lastSentMicros, sentMicros);
            lastArrivalMicros = Math.max(lastArrivalMicros, arrivalMicros);
            return false;
        }
        boolean complete = hasBefore;
        sentDeltaMicros = lastSentMicros - beforeSentMicros;
        arrivalDeltaMicros = lastArrivalMicros - beforeArrivalMicros;
        beforeSentMicros = lastSentMicros;
        beforeArrivalMicros = lastArrivalMicros;
        hasBefore = true;
        begin(sentMicros, arrivalMicros);
        return complete;
    }

    private void begin(long sentMicros, long arrivalMicros) {
        started = true;
        firstSentMicros = sentMicros;
        lastSentMicros = sentMicros;
        firstArrivalMicros = arrivalMicros;
        lastArrivalMicros = arrivalMicros;
    }

    private boolean belongs(long sentMicros, long arrivalMicros) {
        if (sentMicros - firstSentMicros <= BURST_MICROS) {
            return true;
        }
        // What waited in a queue and left it in one go says nothing about its growth.
        boolean heldUp = arrivalMicros - lastArrivalMicros < sentMicros - lastSentMicros;
        return heldUp
                && arrivalMicros - lastArrivalMicros <= ARRIVAL_BURST_MICROS
                && arrivalMicros - firstArrivalMicros < MAX_BURST_MICROS;
    }

    /** Between the last packets of the two bursts when they left. */
    long sentDeltaMicros() {
        return sentDeltaMicros;
    }

    /** Between the last packets of the two bursts when they arrived. */
    long arrivalDeltaMicros() {
        return arrivalDeltaMicros;
    }
}
