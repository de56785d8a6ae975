package org.porchlight.relay.stream;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.PayloadScanner;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.NtpTime;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.ReorderBuffer;
import org.porchlight.relay.rtp.RtpTimestamps;

/** What an {@link Ingest} keeps for one track. Owner: the loop of the source. */
final class IngestTrack {
    /** Packets of another payload type after which it is taken for the right one, while the declared one never came. */
    private static final int ADOPT_PAYLOAD_TYPE_AFTER = 8;

    final int index;
    final TrackFormat format;
    final boolean video;
    final TrackContinuity continuity;
    final PayloadScanner scanner;
    final ReceiveStatistics statistics;
    final @Nullable ReorderBuffer reorder;
    final Map<IngestDeviation, Long> deviations = new EnumMap<>(IngestDeviation.class);

    /** No packet goes on before one with which a decoder can start. */
    boolean gated;

    long gateSinceNanos;
    boolean keyframeSeen;
    long lastKeyframeNanos;

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
            long nowNanos) {
        this.index = index;
        this.format = format;
        this.video = format.kind() == MediaKind.VIDEO;
        this.payloadType = incomingPayloadType;
        this.continuity = continuity;
        this.scanner = scanner;
        this.statistics = new ReceiveStatistics(format.clockRate());
        this.reorder = reorder;
        this.gated = video;
        this.gateSinceNanos = nowNanos;
        this.lastKeyframeNanos = nowNanos;
        this.nextReportNanos = nowNanos;
    }

    void count(IngestDeviation deviation) {
        deviations.merge(deviation, 1L, Long::sum);
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
            ntpRtpTimestamp = continuity.timestamp();
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
        int ticks = RtpTimestamps.distance(ntpRtpTimestamp, continuity.timestamp());
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
    }

    TrackPosition position() {
        return new TrackPosition(
                continuity.ssrc(),
                continuity.sequenceNumber() + 1 & 0xffff,
                continuity.timestamp(),
                continuity.isStarted(),
                ntpTime,
                ntpRtpTimestamp,
                packets,
                octets);
    }

    /** Flags of a packet, with keyframes by decree where a camera sends none for very long. */
    int withKeyframeByDecree(int flags, long nowNanos, long patienceNanos) {
        if (PacketFlags.isSet(flags, PacketFlags.KEYFRAME)) {
            lastKeyframeNanos = nowNanos;
            keyframeSeen = true;
            return flags;
        }
        boolean frameStart = PacketFlags.isSet(flags, PacketFlags.FRAME_START);
        if (video && frameStart && nowNanos - lastKeyframeNanos > patienceNanos) {
            lastKeyframeNanos = nowNanos;
            count(IngestDeviation.NO_KEYFRAME);
            return flags | PacketFlags.KEYFRAME;
        }
        return flags;
    }

    void close() {
        ReorderBuffer buffer = reorder;
        if (buffer != null) {
            buffer.close();
        }
    }
}
