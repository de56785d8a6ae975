package org.porchlight.relay.stream;

import java.util.concurrent.TimeUnit;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.rtp.SequenceNumbers;

/**
 * Turns what one track's sources send over time into one SSRC, one sequence and one timeline. Pure calculation; owner: the loop of the
 * stream's source.
 *
 * <p>Within a source both are shifted by a constant, so that loss stays visible as loss. At a break (new source, other SSRC, sequence
 * restart) the sequence goes on at the next number and the timeline by the time that has passed on arrival; a timestamp that jumps away
 * from the arrival clock by more than {@link #MAX_JUMP_NANOS} is a break of the timeline alone.
 */
final class TrackContinuity {
    /** Above any buffering inside a camera, below what a viewer would take for a jump. */
    static final long MAX_JUMP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A changed SSRC with a sequence number that follows this closely is the same encoder with a new label. */
    private static final int SAME_SEQUENCE = 64;

    private static final int MAX_STEP = 3000;

    private final int clockRate;
    private final int ssrc;

    private boolean started;
    private boolean inSource;
    private int inSsrc;
    private int lastInSequence;
    private int lastInTimestamp;
    private int sequenceShift;
    private int timestampShift;
    private int lastOutSequence;
    private int lastOutTimestamp;
    private long lastArrivalNanos;

    private boolean ssrcChanged;
    private boolean sequenceRestarted;
    private boolean timestampJumped;
    private boolean timestampBackwards;
    private int missing;

    /**
     * @param ssrc what viewers see
     * @param firstSequenceNumber where the sequence begins
     * @param firstTimestamp where the timeline begins
     */
    TrackContinuity(int clockRate, int ssrc, int firstSequenceNumber, int firstTimestamp) {
        this.clockRate = clockRate;
        this.ssrc = ssrc;
        lastOutSequence = firstSequenceNumber - 1 & 0xffff;
        lastOutTimestamp = firstTimestamp;
    }

    /** Goes on where another one stood. */
    static TrackContinuity after(TrackPosition position, int clockRate, long arrivalNanos) {
        TrackContinuity next =
                new TrackContinuity(clockRate, position.ssrc(), position.nextSequenceNumber(), position.rtpTimestamp());
        next.started = position.started();
        next.lastArrivalNanos = arrivalNanos;
        return next;
    }

    /**
     * Takes the next packet in sequence order; the accessors then tell what it becomes.
     *
     * @param restarted the reorder buffer saw the sequence restart
     */
    void accept(int inSequence, int inTimestamp, int packetSsrc, boolean restarted, long arrivalNanos) {
        ssrcChanged = false;
        sequenceRestarted = false;
        timestampJumped = false;
        timestampBackwards = false;
        missing = 0;
        if (!inSource) {
            beginSource(inSequence, inTimestamp, arrivalNanos);
        } else {
            continueSource(inSequence, inTimestamp, packetSsrc, restarted, arrivalNanos);
        }
        inSsrc = packetSsrc;
        lastInSequence = inSequence;
        lastInTimestamp = inTimestamp;
        lastOutSequence = inSequence + sequenceShift & 0xffff;
        lastOutTimestamp = inTimestamp + timestampShift;
        lastArrivalNanos = arrivalNanos;
        started = true;
        inSource = true;
    }

    private void beginSource(int inSequence, int inTimestamp, long arrivalNanos) {
        sequenceShift = lastOutSequence + 1 - inSequence;
        rebaseTimeline(inTimestamp, arrivalNanos);
    }

    private void continueSource(int inSequence, int inTimestamp, int packetSsrc, boolean restarted, long arrivalNanos) {
        int step = SequenceNumbers.distance(lastInSequence, inSequence);
        boolean follows = step > 0 && step <= SAME_SEQUENCE;
        ssrcChanged = packetSsrc != inSsrc;
        sequenceRestarted = restarted || step > MAX_STEP || step < -MAX_STEP;
        if (sequenceRestarted || (ssrcChanged && !follows)) {
            sequenceShift = lastOutSequence + 1 - inSequence;
        } else if (step > 1) {
            missing = step - 1;
        }
        followTimeline(inTimestamp, arrivalNanos);
    }

    private void followTimeline(int inTimestamp, long arrivalNanos) {
        int ticks = RtpTimestamps.distance(lastInTimestamp, inTimestamp);
        long elapsed = arrivalNanos - lastArrivalNanos;
        long ahead = RtpTimestamps.ticksToNanos(ticks, clockRate) - elapsed;
        timestampBackwards = ticks < 0;
        // A source that was silent may go on with its old clock or with the time that has passed: both are within
        // bounds.
        boolean stoodStill = ticks >= 0 && ticks <= clockRate && ahead < 0;
        if (ahead > MAX_JUMP_NANOS || (ahead < -MAX_JUMP_NANOS && !stoodStill)) {
            timestampJumped = true;
            rebaseTimeline(inTimestamp, arrivalNanos);
        }
    }

    private void rebaseTimeline(int inTimestamp, long arrivalNanos) {
        long elapsedTicks = started ? RtpTimestamps.nanosToTicks(arrivalNanos - lastArrivalNanos, clockRate) : 0;
        int outTimestamp = started ? lastOutTimestamp + (int) Math.max(1, elapsedTicks) : lastOutTimestamp;
        timestampShift = outTimestamp - inTimestamp;
    }

    /** Takes the last packet's number back: it is not sent, the next one gets it. Only while nothing of this source was sent. */
    void withdraw() {
        lastOutSequence = lastOutSequence - 1 & 0xffff;
        inSource = false;
    }

    /** The camera's timestamp in the stream's timeline; senseless before the first packet of a source. */
    int continuedTimestamp(int inTimestamp) {
        return inTimestamp + timestampShift;
    }

    boolean isInSource() {
        return inSource;
    }

    boolean isStarted() {
        return started;
    }

    int ssrc() {
        return ssrc;
    }

    int sequenceNumber() {
        return lastOutSequence;
    }

    int timestamp() {
        return lastOutTimestamp;
    }

    /** Packets missing right before the last one. */
    int missing() {
        return missing;
    }

    boolean isSsrcChanged() {
        return ssrcChanged;
    }

    boolean isSequenceRestarted() {
        return sequenceRestarted;
    }

    boolean isTimestampJumped() {
        return timestampJumped;
    }

    boolean isTimestampBackwards() {
        return timestampBackwards;
    }
}
