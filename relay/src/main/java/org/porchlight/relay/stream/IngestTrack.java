package org.porchlight.relay.stream;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.PayloadScanner;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.NtpTime;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.ReorderBuffer;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.rtp.SequenceNumbers;

/** What an {@link Ingest} keeps for one track. Owner: the loop of the source. */
final class IngestTrack {
    /** How long frames of a camera that shows no keyframe are held back, and how often one of them is then taken for a keyframe. */
    static final long FIRST_KEYFRAME_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * The same while frames go on after a keyframe. Cameras stretch their GOP when nothing moves, to minutes with the frame rate; what is taken for a
     * keyframe within a GOP is garbage to whoever starts with it. Left are cameras that begin with the one keyframe of their life.
     */
    static final long KEYFRAME_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** The longest that any GOP is believed to be. */
    static final long LONGEST_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(20);

    /** How long the first report waits for the camera's own, which has the better clock. */
    private static final long FIRST_REPORT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(6);

    /** Packets of an SSRC that was just given up are late for so long, not another change. */
    private static final long FORMER_SSRC_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A changed SSRC with a sequence number that follows this closely is the same encoder with a new label. */
    private static final int SAME_SEQUENCE = 64;

    /** After so many frames with parameter sets that were no keyframes they are no longer taken for the beginning of one. */
    private static final int MISLEADING = 2;

    /** Packets of another payload type after which it is taken for the right one, while the declared one never came. */
    private static final int ADOPT_PAYLOAD_TYPE_AFTER = 8;

    final int index;
    final TrackFormat format;
    final boolean video;
    final TrackContinuity continuity;
    final PayloadScanner scanner;
    final ReceiveStatistics statistics;
    final @Nullable ReorderBuffer reorder;
    final DatagramNumbers datagrams;
    private final Map<IngestDeviation, long[]> deviations = new EnumMap<>(IngestDeviation.class);

    private boolean gated;
    private long gateSinceNanos;
    private boolean keyframeSeen;
    private long lastKeyframeNanos;
    /** Longest time between two keyframes of the camera's own. */
    private long longestGopNanos;

    // the frame under way
    private boolean frameIsKey;
    private boolean frameByDecree;
    private boolean frameHasEntry;
    private boolean frameHasParameterSets;
    /** Frames in a row that had parameter sets and were no keyframes. */
    private int misleadingParameterSets;

    // order of arrival (UDP)
    private boolean hasSsrc;
    private int ssrc;
    private int formerSsrc;
    private long ssrcSinceNanos;
    private int lastSequence;

    private int payloadType;
    private boolean declaredTypeSeen;
    private int strayType = -1;
    private int strayCount;

    private int packets;
    private int octets;
    private long ntpTime;
    private int ntpRtpTimestamp;
    private boolean hasSenderReport;
    private int pendingSenderTimestamp;
    private long pendingSenderNtp;
    long nextReportNanos;

    IngestTrack(
            int index,
            TrackFormat format,
            int incomingPayloadType,
            TrackContinuity continuity,
            PayloadScanner scanner,
            @Nullable ReorderBuffer reorder,
            DatagramLimit limit,
            long nowNanos) {
        this.index = index;
        this.format = format;
        this.video = format.kind() == MediaKind.VIDEO;
        this.payloadType = incomingPayloadType;
        this.continuity = continuity;
        this.scanner = scanner;
        this.statistics = new ReceiveStatistics(format.clockRate());
        this.reorder = reorder;
        this.datagrams = new DatagramNumbers(limit, index);
        this.gated = video;
        this.gateSinceNanos = nowNanos;
        this.lastKeyframeNanos = nowNanos;
        this.nextReportNanos = nowNanos + FIRST_REPORT_PATIENCE_NANOS;
    }

    void count(IngestDeviation deviation) {
        deviations.computeIfAbsent(deviation, first -> new long[1])[0]++;
    }

    /** Adds what was counted so far. */
    void addDeviationsTo(Map<IngestDeviation, Long> sum) {
        deviations.forEach((deviation, count) -> sum.merge(deviation, count[0], Long::sum));
    }

    /** Whether packets of this payload type are known to belong to the track. */
    boolean declares(int type) {
        return type == payloadType;
    }

    /** Whether packets of this payload type belong to the track; learns a type that was declared wrongly. */
    boolean isMine(int type) {
        if (type == payloadType) {
            declaredTypeSeen = true;
            return true;
        }
        if (declaredTypeSeen) {
            count(IngestDeviation.STRAY_PAYLOAD_TYPE);
            return false;
        }
        strayCount = type == strayType ? strayCount + 1 : 1;
        strayType = type;
        if (strayCount < ADOPT_PAYLOAD_TYPE_AFTER) {
            return false;
        }
        count(IngestDeviation.PAYLOAD_TYPE_UNDECLARED);
        payloadType = type;
        declaredTypeSeen = true;
        return true;
    }

    void countSent(int payloadBytes) {
        packets++;
        octets += payloadBytes;
    }

    /** The camera's sender report ties its clock to its timestamps. */
    void onSenderReport(long ntp, int rtpTimestamp, long nowNanos) {
        statistics.onSenderReport(ntp, nowNanos);
        if (ntp == 0) {
            return;
        }
        if (!hasSenderReport) {
            nextReportNanos = nowNanos;
        }
        hasSenderReport = true;
        pendingSenderNtp = ntp;
        pendingSenderTimestamp = rtpTimestamp;
        if (continuity.isInSource()) {
            settleSenderReport();
        }
    }

    private void settleSenderReport() {
        ntpTime = pendingSenderNtp;
        ntpRtpTimestamp = continuity.continuedTimestamp(pendingSenderTimestamp);
        pendingSenderNtp = 0;
    }

    /** The first packet of a source has come: a sender report that came before it can be placed now. */
    void onSourceBegun() {
        if (pendingSenderNtp != 0) {
            settleSenderReport();
        }
    }

    /** Without reports of the camera, the time of arrival stands in for its clock. */
    void useArrivalClock(long epochNanos) {
        if (!hasSenderReport) {
            ntpTime = NtpTime.ofEpochNanos(epochNanos);
            ntpRtpTimestamp = continuity.newestTimestamp();
        }
    }

    boolean hasSenderReport() {
        return hasSenderReport;
    }

    /** The camera's wall clock at the track's newest timestamp, 64-bit NTP; 0: unknown. */
    long ntpAtNewest() {
        if (ntpTime == 0) {
            return 0;
        }
        int ticks = RtpTimestamps.distance(ntpRtpTimestamp, continuity.newestTimestamp());
        long nanos = RtpTimestamps.ticksToNanos(ticks, format.clockRate());
        return NtpTime.ofEpochNanos(NtpTime.toEpochNanos(ntpTime) + nanos);
    }

    int packets() {
        return packets;
    }

    int octets() {
        return octets;
    }

    /** Carries counts of an earlier source on, as viewers see one sender. */
    void carryCounts(TrackPosition before) {
        packets = before.packets();
        octets = before.octets();
        datagrams.carry(before.cuts());
    }

    TrackPosition position() {
        return new TrackPosition(
                continuity.ssrc(),
                continuity.nextSequenceNumber(),
                continuity.newestTimestamp(),
                continuity.isStarted(),
                ntpTime,
                ntpRtpTimestamp,
                packets,
                octets,
                datagrams.cuts());
    }

    /** No packet goes on before one with which a decoder can start. */
    void closeGate(long nowNanos) {
        if (video) {
            gated = true;
            gateSinceNanos = nowNanos;
        }
    }

    boolean isGated() {
        return gated;
    }

    /**
     * The scanner's flags of a packet, made complete: {@link MediaBatch#VIDEO}, {@link MediaBatch#ENTRY}, keyframes by decree where a camera sends
     * none for very long. Opens the gate for an entry, which then counts as the start of its frame, as nobody sees what came before.
     */
    int complete(int scanned, long nowNanos) {
        if (!video) {
            return scanned & ~(PacketFlags.KEYFRAME | PacketFlags.PARAMETER_SETS | PacketFlags.DISPOSABLE);
        }
        int flags = scanned | MediaBatch.VIDEO;
        if (PacketFlags.isSet(flags, PacketFlags.FRAME_START)) {
            beginFrame(flags, nowNanos);
        }
        if (frameByDecree) {
            flags |= PacketFlags.KEYFRAME;
        }
        flags |= entryOf(flags, nowNanos);
        if (gated && PacketFlags.isSet(flags, MediaBatch.ENTRY)) {
            gated = false;
            flags |= PacketFlags.FRAME_START;
        }
        return flags;
    }

    private void beginFrame(int flags, long nowNanos) {
        if (frameHasParameterSets) {
            misleadingParameterSets = frameIsKey ? 0 : Math.min(MISLEADING, misleadingParameterSets + 1);
        }
        frameIsKey = false;
        frameHasEntry = false;
        frameHasParameterSets = false;
        frameByDecree = !PacketFlags.isSet(flags, PacketFlags.KEYFRAME) && isOverdue(nowNanos);
        if (frameByDecree) {
            count(IngestDeviation.NO_KEYFRAME);
        }
    }

    private boolean isOverdue(long nowNanos) {
        long since = gated ? gateSinceNanos : lastKeyframeNanos;
        return nowNanos - since > patienceNanos();
    }

    /** A camera that has shown keyframes is given the time of two of its GOPs. */
    private long patienceNanos() {
        if (!keyframeSeen) {
            return FIRST_KEYFRAME_PATIENCE_NANOS;
        }
        long gop = gated ? Math.max(longestGopNanos, gateSinceNanos - lastKeyframeNanos) : longestGopNanos;
        long least = gated ? FIRST_KEYFRAME_PATIENCE_NANOS : KEYFRAME_PATIENCE_NANOS;
        return Math.min(LONGEST_PATIENCE_NANOS, Math.max(least, 2 * gop));
    }

    private int entryOf(int flags, long nowNanos) {
        boolean parameterSets = PacketFlags.isSet(flags, PacketFlags.PARAMETER_SETS);
        boolean key = PacketFlags.isSet(flags, PacketFlags.KEYFRAME);
        if (key && !frameIsKey) {
            frameIsKey = true;
            if (keyframeSeen && !frameByDecree) {
                longestGopNanos = Math.max(longestGopNanos, nowNanos - lastKeyframeNanos);
            }
            lastKeyframeNanos = nowNanos;
            keyframeSeen |= !frameByDecree;
        }
        frameHasParameterSets |= parameterSets;
        boolean entry = !frameHasEntry && (key || (parameterSets && misleadingParameterSets < MISLEADING));
        frameHasEntry |= entry;
        return entry ? MediaBatch.ENTRY : 0;
    }

    /** Whether a packet with these flags, that just went through {@link #complete}, belongs to a keyframe. */
    boolean isFrameKey() {
        return frameIsKey;
    }

    /** How a packet that came by UDP stands to the SSRC of those before. */
    enum SsrcVerdict {
        SAME,
        /** Another one, whose sequence has nothing to do with the one before. */
        OTHER,
        /** The one before; it came too late. */
        FORMER
    }

    SsrcVerdict judgeSsrc(int packetSsrc, int sequenceNumber, long nowNanos) {
        SsrcVerdict verdict = SsrcVerdict.SAME;
        if (hasSsrc && packetSsrc != ssrc) {
            int step = SequenceNumbers.distance(lastSequence, sequenceNumber);
            if (step < -SAME_SEQUENCE || step > SAME_SEQUENCE) {
                if (packetSsrc == formerSsrc && nowNanos - ssrcSinceNanos < FORMER_SSRC_NANOS) {
                    return SsrcVerdict.FORMER;
                }
                verdict = SsrcVerdict.OTHER;
                ssrcSinceNanos = nowNanos;
                formerSsrc = ssrc;
            }
        }
        hasSsrc = true;
        ssrc = packetSsrc;
        lastSequence = sequenceNumber;
        return verdict;
    }

    void close() {
        ReorderBuffer buffer = reorder;
        if (buffer != null) {
            buffer.close();
        }
    }
}
