package org.porchlight.relay.stream;

import java.util.concurrent.TimeUnit;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.rtp.SequenceNumbers;

/**
 * Turns what one track's sources send over time into one SSRC, one sequence and one timeline. Pure calculation; owner: the loop of the
 * stream's source.
 *
 * <p>Design note. Within a source both are shifted by a constant, so that loss stays visible as loss. At a break (new source, another SSRC
 * with another sequence, sequence restart) the sequence goes on at the next number. The timeline is rebased, by the time that has passed on
 * arrival, at a new source and where a timestamp jumps away from the arrival clock: ahead by more than {@link #MAX_JUMP_NANOS} beyond what
 * the source was behind, or back by more than {@link #MAX_BACKWARDS_NANOS}. So the timeline never runs back by more than that, and
 * falls behind real time only as a source does that stood still.
 *
 * <p>A few packets that come out of order within a source, which happens inside cameras, keep their own numbers.
 */
final class TrackContinuity {
    /** Above any buffering inside a camera, below what a viewer would take for a jump. */
    static final long MAX_JUMP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Above any reordering of frames (B-frames), below what a viewer would notice. */
    static final long MAX_BACKWARDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What a source that stood still may catch up at once; more is not remembered. */
    private static final long MAX_LAG_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** A changed SSRC with a sequence number that follows this closely is the same encoder with a new label. */
    private static final int SAME_SEQUENCE = 64;

    /** So far back a packet may be a straggler; further back the sequence has restarted. */
    private static final int MAX_STRAGGLE = 64;

    /** So many packets back in a row, each following the one before, are a restarted sequence. */
    private static final int STRAGGLERS_OF_RESTART = 3;

    /** A step ahead of this many packets is a loss, a larger one a restart (RFC 3550 appendix A.1: MAX_DROPOUT). */
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
    private long lagNanos;
    private int stragglers;
    private int nextStraggler;

    // where withdraw() goes back to
    private boolean startedBefore;
    private int outSequenceBefore;
    private int outTimestampBefore;
    private long arrivalBefore;

    // what became of the last packet
    private int outSequence;
    private int outTimestamp;
    private boolean broken;
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

    /** For a new source: goes on where another one of the same clock rate stood. */
    static TrackContinuity after(TrackContinuity before) {
        TrackContinuity next = new TrackContinuity(
                before.clockRate, before.ssrc, before.nextSequenceNumber(), before.lastOutTimestamp);
        next.started = before.started;
        next.lastArrivalNanos = before.lastArrivalNanos;
        return next;
    }

    /**
     * Takes the next packet in sequence order; the accessors then tell what it becomes.
     *
     * @param restarted the reorder buffer saw the sequence restart
     * @return false: the packet was here before, it is to be left out
     */
    boolean accept(int inSequence, int inTimestamp, int packetSsrc, boolean restarted, long arrivalNanos) {
        clearFindings();
        if (inSource && isRepeated(inSequence, inTimestamp, packetSsrc, restarted)) {
            return false;
        }
        rememberForWithdrawal();
        if (!inSource) {
            goOnAt(inSequence);
            rebaseTimeline(inTimestamp, arrivalNanos);
        } else if (follow(inSequence, inTimestamp, packetSsrc, restarted)) {
            followTimeline(inTimestamp, arrivalNanos);
        } else {
            outSequence = inSequence + sequenceShift & 0xffff;
            outTimestamp = inTimestamp + timestampShift;
            return true;
        }
        inSsrc = packetSsrc;
        lastInSequence = inSequence;
        lastInTimestamp = inTimestamp;
        outSequence = inSequence + sequenceShift & 0xffff;
        outTimestamp = inTimestamp + timestampShift;
        lastOutSequence = outSequence;
        lastOutTimestamp = outTimestamp;
        lastArrivalNanos = arrivalNanos;
        started = true;
        inSource = true;
        return true;
    }

    private void clearFindings() {
        broken = false;
        ssrcChanged = false;
        sequenceRestarted = false;
        timestampJumped = false;
        timestampBackwards = false;
        missing = 0;
    }

    private boolean isRepeated(int inSequence, int inTimestamp, int packetSsrc, boolean restarted) {
        return inSequence == lastInSequence && inTimestamp == lastInTimestamp && packetSsrc == inSsrc && !restarted;
    }

    private void rememberForWithdrawal() {
        startedBefore = started;
        outSequenceBefore = lastOutSequence;
        outTimestampBefore = lastOutTimestamp;
        arrivalBefore = lastArrivalNanos;
    }

    private void goOnAt(int inSequence) {
        sequenceShift = lastOutSequence + 1 - inSequence;
        stragglers = 0;
    }

    /** False for a straggler, which changes nothing. */
    private boolean follow(int inSequence, int inTimestamp, int packetSsrc, boolean restarted) {
        int step = SequenceNumbers.distance(lastInSequence, inSequence);
        boolean follows = step > 0 && step <= SAME_SEQUENCE;
        ssrcChanged = packetSsrc != inSsrc;
        boolean straggles = !ssrcChanged && !restarted && step < 0 && step >= -MAX_STRAGGLE;
        if (straggles && !isRestartOfStragglers(inSequence)) {
            return false;
        }
        boolean sameNumberAgain = step == 0 && inTimestamp != lastInTimestamp;
        sequenceRestarted = restarted || straggles || sameNumberAgain || step > MAX_STEP || step < -MAX_STRAGGLE;
        if (sequenceRestarted || (ssrcChanged && !follows)) {
            broken = true;
            goOnAt(inSequence);
        } else {
            stragglers = 0;
            missing = step - 1;
        }
        return true;
    }

    private boolean isRestartOfStragglers(int inSequence) {
        stragglers = stragglers > 0 && inSequence == nextStraggler ? stragglers + 1 : 1;
        nextStraggler = SequenceNumbers.next(inSequence);
        return stragglers >= STRAGGLERS_OF_RESTART;
    }

    private void followTimeline(int inTimestamp, long arrivalNanos) {
        int ticks = RtpTimestamps.distance(lastInTimestamp, inTimestamp);
        long step = RtpTimestamps.ticksToNanos(ticks, clockRate);
        long ahead = step - (arrivalNanos - lastArrivalNanos);
        timestampBackwards = ticks < 0;
        // A source that was silent may go on with its old clock, and later catch up with the time that has passed.
        boolean stoodStill = ticks >= 0 && ticks <= clockRate;
        boolean tooFarAhead = ahead > MAX_JUMP_NANOS + lagNanos;
        boolean tooFarBehind = ahead < -MAX_JUMP_NANOS && !stoodStill;
        if (tooFarAhead || tooFarBehind || step < -MAX_BACKWARDS_NANOS) {
            timestampJumped = true;
            rebaseTimeline(inTimestamp, arrivalNanos);
        } else {
            lagNanos = Math.max(0, Math.min(MAX_LAG_NANOS, lagNanos - ahead));
        }
    }

    private void rebaseTimeline(int inTimestamp, long arrivalNanos) {
        long elapsedTicks = started ? RtpTimestamps.nanosToTicks(arrivalNanos - lastArrivalNanos, clockRate) : 0;
        int next = started ? lastOutTimestamp + (int) Math.max(1, elapsedTicks) : lastOutTimestamp;
        timestampShift = next - inTimestamp;
        lagNanos = 0;
    }

    /**
     * Takes the last packet back, which is not sent: as if it had not come, and the next one begins a source. Only for a packet that began a source
     * or broke the sequence.
     */
    void withdraw() {
        started = startedBefore;
        lastOutSequence = outSequenceBefore;
        lastOutTimestamp = outTimestampBefore;
        lastArrivalNanos = arrivalBefore;
        inSource = false;
    }

    /** The camera's timestamp in the stream's timeline; senseless before the first packet of a source. */
    int continuedTimestamp(int inTimestamp) {
        return inTimestamp + timestampShift;
    }

    /** A packet of the present source was accepted and not withdrawn. */
    boolean isInSource() {
        return inSource;
    }

    /** Some packet of some source was accepted and not withdrawn. */
    boolean isStarted() {
        return started;
    }

    int ssrc() {
        return ssrc;
    }

    /** What the last packet's number becomes, 0 to 65,535. */
    int sequenceNumber() {
        return outSequence;
    }

    /** What the last packet's timestamp becomes. */
    int timestamp() {
        return outTimestamp;
    }

    /** The number of the next packet if nothing is lost. */
    int nextSequenceNumber() {
        return SequenceNumbers.next(lastOutSequence);
    }

    /** Timestamp of the newest packet in sequence order. */
    int newestTimestamp() {
        return lastOutTimestamp;
    }

    /** The last packet came after others of higher numbers. */
    boolean isStraggler() {
        return outSequence != lastOutSequence;
    }

    /** Packets missing right before the last one. */
    int missing() {
        return missing;
    }

    /** The last packet does not follow the one before, though its number will seem to. */
    boolean isBroken() {
        return broken;
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
