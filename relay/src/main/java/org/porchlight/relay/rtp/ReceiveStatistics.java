package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/**
 * What a receiver knows of one SSRC and tells in reception reports (RFC 3550 sections 6.4.1 and A.1, A.3, A.8). Owner: the loop of the
 * source.
 *
 * <p>The probation of a new source (A.1, MIN_SEQUENTIAL) is left out: the session's set-up has told who sends. A jump of the sequence
 * counts as a restart when the next packet continues it.
 */
public final class ReceiveStatistics {
    /** Bytes of one report block. */
    public static final int REPORT_BLOCK_LENGTH = 24;

    private static final int MAX_DROPOUT = 3000;
    private static final int MAX_MISORDER = 100;
    private static final int NO_SEQUENCE = -1;
    private static final int MAX_CUMULATIVE_LOST = 0x7fffff;
    private static final int MIN_CUMULATIVE_LOST = -0x800000;

    private final int clockRate;

    private boolean started;
    private long firstNumber;
    private long highestNumber;
    private long received;
    private int continuesAt = NO_SEQUENCE;
    private long restarts;

    private long expectedPrior;
    private long receivedPrior;

    private boolean hasTransit;
    private int transit;
    /** Times 16, as in A.8, so that rounding does not add up. */
    private long scaledJitter;

    private boolean hasSenderReport;
    private int lastSenderReport;
    private long senderReportNanos;

    /**
     * No packet yet.
     *
     * @param clockRate RTP clock in Hz, above 0
     */
    public ReceiveStatistics(int clockRate) {
        if (clockRate <= 0) {
            throw new IllegalArgumentException("clock rate " + clockRate + " is not above 0");
        }
        this.clockRate = clockRate;
    }

    /**
     * One packet came, whatever its order.
     *
     * @param sequenceNumber low 16 bits
     * @param rtpTimestamp clock-rate ticks
     * @param arrivalNanos when, on any monotonic clock
     */
    public void onPacket(int sequenceNumber, int rtpTimestamp, long arrivalNanos) {
        int sequence = sequenceNumber & 0xffff;
        if (!started) {
            start(sequence);
        } else if (!follow(sequence)) {
            return;
        }
        received++;
        updateJitter(rtpTimestamp, arrivalNanos);
    }

    private void start(int sequence) {
        started = true;
        firstNumber = sequence;
        highestNumber = sequence;
        received = 0;
        expectedPrior = 0;
        receivedPrior = 0;
        continuesAt = NO_SEQUENCE;
        hasTransit = false;
    }

    /** Whether the packet belongs to the sequence (A.1 update_seq). */
    private boolean follow(int sequence) {
        int ahead = SequenceNumbers.distance((int) highestNumber, sequence);
        if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
            if (sequence != continuesAt) {
                continuesAt = SequenceNumbers.next(sequence);
                return false;
            }
            start(sequence);
            restarts++;
            return true;
        }
        continuesAt = NO_SEQUENCE;
        if (ahead > 0) {
            highestNumber += ahead;
        }
        return true;
    }

    private void updateJitter(int rtpTimestamp, long arrivalNanos) {
        int arrival = (int) RtpTimestamps.nanosToTicks(arrivalNanos, clockRate);
        int newTransit = arrival - rtpTimestamp;
        if (hasTransit) {
            long difference = Math.abs((long) (newTransit - transit));
            scaledJitter += difference - ((scaledJitter + 8) >> 4);
        }
        hasTransit = true;
        transit = newTransit;
    }

    /**
     * A sender report of this SSRC came.
     *
     * @param ntp its NTP timestamp
     */
    public void onSenderReport(long ntp, long nowNanos) {
        hasSenderReport = true;
        lastSenderReport = NtpTime.middle(ntp);
        senderReportNanos = nowNanos;
    }

    /** Packets that came, duplicates and late ones too. */
    public long received() {
        return received;
    }

    /** Packets that should have come since the sequence began; 0 before the first. */
    public long expected() {
        return started ? highestNumber - firstNumber + 1 : 0;
    }

    /** Expected less received; negative when duplicates outnumber losses. */
    public long lost() {
        return expected() - received;
    }

    /** How often the sequence began anew. */
    public long restarts() {
        return restarts;
    }

    /** The highest sequence number with the count of wraps in its upper 16 bits. */
    public int extendedHighestSequenceNumber() {
        return (int) highestNumber;
    }

    /** Interarrival jitter in clock-rate ticks (A.8). */
    public long jitterTicks() {
        return scaledJitter >> 4;
    }

    /** Interarrival jitter in nanoseconds. */
    public long jitterNanos() {
        return RtpTimestamps.ticksToNanos(jitterTicks(), clockRate);
    }

    /**
     * Writes one report block and begins the next interval of the fraction lost.
     *
     * @param out borrowed; {@link #REPORT_BLOCK_LENGTH} bytes are written at its writer index
     * @param ssrc of the source reported on
     */
    public void writeReportBlock(ByteBuf out, int ssrc, long nowNanos) {
        long cumulative = Math.max(MIN_CUMULATIVE_LOST, Math.min(MAX_CUMULATIVE_LOST, lost()));
        out.writeInt(ssrc);
        out.writeByte(fractionLostSinceLastReport());
        out.writeMedium((int) cumulative);
        out.writeInt(extendedHighestSequenceNumber());
        out.writeInt((int) Math.min(0xffff_ffffL, jitterTicks()));
        out.writeInt(hasSenderReport ? lastSenderReport : 0);
        out.writeInt(hasSenderReport ? NtpTime.spanOfNanos(nowNanos - senderReportNanos) : 0);
        expectedPrior = expected();
        receivedPrior = received;
    }

    /** Lost among those expected since the last report block, in 1/256, 0 to 255 (A.3). */
    public int fractionLostSinceLastReport() {
        long expectedInterval = expected() - expectedPrior;
        long lostInterval = expectedInterval - (received - receivedPrior);
        return expectedInterval <= 0 || lostInterval <= 0
                ? 0
                : (int) Math.min(255, (lostInterval << 8) / expectedInterval);
    }
}
