package org.porchlight.relay.webrtc.publish;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;

/**
 * To which track a publisher's packets belong: by payload type, as the answer has left one for each track and one for its retransmissions. SSRCs
 * are learned from the packets. Owner: the session's loop.
 */
public final class PublishedTracks {
    /** Not agreed upon. */
    public static final int NO_TRACK = -1;

    /** What a retransmission has in front of its payload: the original sequence number (RFC 4588 section 4). */
    public static final int REPAIR_HEADER = 2;

    private static final int PAYLOAD_TYPES = 128;

    private final byte[] trackByType = new byte[PAYLOAD_TYPES];
    private final boolean[] repairs = new boolean[PAYLOAD_TYPES];
    private final int[] payloadTypes;
    private final int[] ssrcs;

    /** @param media in the order of the tracks */
    public PublishedTracks(List<AgreedMedia> media) {
        payloadTypes = new int[media.size()];
        ssrcs = new int[media.size()];
        Arrays.fill(trackByType, (byte) NO_TRACK);
        for (int track = 0; track < payloadTypes.length; track++) {
            AgreedMedia agreed = media.get(track);
            payloadTypes[track] = agreed.format().payloadType();
            ssrcs[track] = agreed.ssrc();
            trackByType[payloadTypes[track]] = (byte) track;
            if (agreed.hasRtx()) {
                trackByType[agreed.rtxPayloadType()] = (byte) track;
                repairs[agreed.rtxPayloadType()] = true;
            }
        }
    }

    /** The track of packets with this payload type, 0 to 127; {@link #NO_TRACK}: not agreed upon. */
    public int trackOf(int payloadType) {
        return trackByType[payloadType];
    }

    /** Whether packets with this payload type are retransmissions. */
    public boolean isRepair(int payloadType) {
        return repairs[payloadType];
    }

    /** The track whose media last came with this SSRC, or was announced with it; {@link #NO_TRACK}: none. */
    public int trackOfSsrc(int ssrc) {
        for (int track = 0; track < ssrcs.length; track++) {
            if (ssrcs[track] == ssrc) {
                return track;
            }
        }
        return NO_TRACK;
    }

    /** The SSRC of a track's media; 0: not known yet. */
    public int ssrc(int track) {
        return ssrcs[track];
    }

    /** Media of the track, no retransmission, has come with this SSRC. True: another one than before. */
    public boolean learn(int track, int ssrc) {
        boolean changed = ssrcs[track] != ssrc;
        ssrcs[track] = ssrc;
        return changed;
    }

    /**
     * Makes the original of a retransmission, in place: its header moves over the original sequence number, so that the packet begins
     * {@link #REPAIR_HEADER} bytes later and is shorter by as many.
     *
     * @param packet with a sound header at {@code index}
     * @param layout of the packet, from {@link RtpHeader#parse}
     * @return false: it holds nothing, as packets that only probe the path
     */
    public boolean unwrap(ByteBuf packet, int index, long layout, int track) {
        if (RtpHeader.payloadLength(layout) <= REPAIR_HEADER) {
            return false;
        }
        int headerLength = RtpHeader.payloadOffset(layout);
        int original = packet.getUnsignedShort(index + headerLength);
        for (int i = headerLength - 1; i >= 0; i--) {
            packet.setByte(index + REPAIR_HEADER + i, packet.getByte(index + i));
        }
        int moved = index + REPAIR_HEADER;
        RtpHeader.setSequenceNumber(packet, moved, original);
        RtpHeader.setPayloadType(packet, moved, payloadTypes[track]);
        RtpHeader.setSsrc(packet, moved, ssrcs[track]);
        return true;
    }
}
