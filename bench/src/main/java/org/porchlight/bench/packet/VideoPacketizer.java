package org.porchlight.bench.packet;

import java.util.ArrayList;
import java.util.List;
import org.porchlight.bench.media.EncodedFrame;
import org.porchlight.bench.media.FrameStamp;
import org.porchlight.bench.media.ParameterSets;

/**
 * Cuts access units to RTP packets by RFC 6184 (H.264, packetization-mode 1) or RFC 7798 (H.265) and puts a blank {@link FrameStamp}
 * in front of the slices.
 *
 * <p>Cameras send a frame as a run of full packets with a short last one. A stamp of its own small packet would spoil that shape and with it
 * the one-send-per-frame that a good relay makes of it. So in a frame of several packets the stamp is padded: alone, or aggregated with the parameter sets of a
 * keyframe, it fills one whole packet. A frame that fits one packet becomes one aggregation packet.
 */
public final class VideoPacketizer {
    private static final int STAP_A = 24;
    private static final int FU_A = 28;
    private static final int AGGREGATION_PACKET = 48;
    private static final int FRAGMENTATION_UNIT = 49;

    private final boolean hevc;
    private final int payloadType;
    private final int maxPayload;

    /**
     * @param packetBytes length of a full RTP packet with its header, 200 to 65,000
     */
    public VideoPacketizer(boolean hevc, int payloadType, int packetBytes) {
        if (packetBytes < 200 || packetBytes > 65_000) {
            throw new IllegalArgumentException("packet length " + packetBytes + " is not within 200 to 65000");
        }
        this.hevc = hevc;
        this.payloadType = payloadType;
        int payload = packetBytes - TemplateBuilder.RTP_HEADER;
        maxPayload = FrameStamp.isPossibleNal(hevc, payload) ? payload : payload - 1;
    }

    /** Length of a full RTP packet with its header. */
    public int packetBytes() {
        return maxPayload + TemplateBuilder.RTP_HEADER;
    }

    /**
     * Makes the packets of one frame.
     *
     * @param ballastBytes so much is added in whole packets (rounded down), to bring a frame to a wanted size; 0 or more
     */
    public FrameTemplate packetize(EncodedFrame frame, int ballastBytes) {
        List<byte[]> sets = new ArrayList<>();
        List<byte[]> slices = new ArrayList<>();
        for (byte[] nal : frame.nalUnits()) {
            if (ParameterSets.isParameterSet(hevc, nal)) {
                sets.add(nal);
            } else if (!ParameterSets.isDispensable(hevc, nal)) {
                slices.add(nal);
            }
        }
        TemplateBuilder out = new TemplateBuilder(payloadType);
        int ballastPackets = ballastBytes / packetBytes();
        List<byte[]> whole = new ArrayList<>(sets);
        whole.add(FrameStamp.seiNal(hevc, FrameStamp.smallestNal(hevc)));
        whole.addAll(slices);
        if (ballastPackets == 0 && aggregateLength(whole) <= maxPayload) {
            aggregate(out, whole);
            return out.build(frame.keyframe());
        }
        lead(out, sets);
        for (int i = 0; i < ballastPackets; i++) {
            out.beginPacket();
            out.put(FrameStamp.ballastNal(hevc, maxPayload));
        }
        slices.forEach(slice -> singleOrFragments(out, slice));
        return out.build(frame.keyframe());
    }

    /** Parameter sets and stamp as one full packet; sets too big for that go before it by themselves. */
    private void lead(TemplateBuilder out, List<byte[]> sets) {
        if (sets.isEmpty()) {
            out.beginPacket();
            out.put(FrameStamp.seiNal(hevc, maxPayload));
            return;
        }
        int stampLength = maxPayload - aggregateLength(sets) - 2;
        if (stampLength < FrameStamp.smallestNal(hevc) + 1) {
            sets.forEach(set -> singleOrFragments(out, set));
            lead(out, List.of());
            return;
        }
        List<byte[]> lead = new ArrayList<>(sets);
        lead.add(FrameStamp.seiNal(hevc, FrameStamp.isPossibleNal(hevc, stampLength) ? stampLength : stampLength - 1));
        aggregate(out, lead);
    }

    private int aggregateLength(List<byte[]> units) {
        int length = hevc ? 2 : 1;
        for (byte[] unit : units) {
            length += 2 + unit.length;
        }
        return length;
    }

    /** RFC 6184 section 5.7.1, RFC 7798 section 4.4.2. */
    private void aggregate(TemplateBuilder out, List<byte[]> units) {
        out.beginPacket();
        if (hevc) {
            out.put(AGGREGATION_PACKET << 1).put(1);
        } else {
            int highestNri = 0;
            for (byte[] unit : units) {
                highestNri = Math.max(highestNri, unit[0] & 0x60);
            }
            out.put(highestNri | STAP_A);
        }
        for (byte[] unit : units) {
            out.put16(unit.length).put(unit);
        }
    }

    private void singleOrFragments(TemplateBuilder out, byte[] nal) {
        if (nal.length <= maxPayload) {
            out.beginPacket();
            out.put(nal);
            return;
        }
        int header = hevc ? 2 : 1;
        int room = maxPayload - header - 1;
        for (int at = header; at < nal.length; at += room) {
            int length = Math.min(room, nal.length - at);
            int startAndEnd = (at == header ? 0x80 : 0) | (at + length == nal.length ? 0x40 : 0);
            out.beginPacket();
            if (hevc) { // RFC 7798 section 4.4.3
                out.put((nal[0] & 0x81) | (FRAGMENTATION_UNIT << 1)).put(nal[1]);
            } else { // RFC 6184 section 5.8
                out.put((nal[0] & 0xe0) | FU_A);
            }
            out.put(startAndEnd | ParameterSets.nalType(hevc, nal)).put(nal, at, length);
        }
    }
}
