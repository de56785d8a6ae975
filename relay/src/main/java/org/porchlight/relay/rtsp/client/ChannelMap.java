package org.porchlight.relay.rtsp.client;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * Which interleaved channel carries what (RFC 2326 section 10.12). Starts from what SETUP agreed and bends to what comes: a channel that
 * was not agreed is learned by payload type or, where that does not tell, by an SSRC seen or announced before; RTCP among RTP is told by its packet type
 * (RFC 5761 section 4). Owner: the loop of the connection.
 */
final class ChannelMap {
    /** Answer of {@link #route}: belongs to no track. */
    static final int UNKNOWN = -1;

    private static final int CHANNELS = 256;
    private static final int RTP_HEADER = RtpHeader.FIXED_LENGTH;
    private static final int RTCP_HEADER = 8;
    private static final int FIRST_RTCP_TYPE = 200;
    private static final int LAST_RTCP_TYPE = 207;

    /** For each channel {@code 2 * track}, plus 1 for RTCP; or UNKNOWN. */
    private final int[] carries = new int[CHANNELS];

    private final int[] payloadTypes;
    private final int[] ssrcs;
    private final boolean[] ssrcKnown;
    private final Set<CameraQuirk> quirks;

    ChannelMap(List<ClientTrack> tracks, int[] rtpChannels, int[] rtcpChannels, Set<CameraQuirk> quirks) {
        this.quirks = quirks;
        Arrays.fill(carries, UNKNOWN);
        payloadTypes =
                tracks.stream().mapToInt(track -> track.format().payloadType()).toArray();
        ssrcs = new int[payloadTypes.length];
        ssrcKnown = new boolean[payloadTypes.length];
        for (int track = 0; track < payloadTypes.length; track++) {
            Integer announced = tracks.get(track).ssrc();
            ssrcKnown[track] = announced != null;
            ssrcs[track] = announced == null ? 0 : announced;
        }
        for (int track = 0; track < payloadTypes.length; track++) {
            set(rtcpChannels[track], 2 * track + 1);
        }
        for (int track = 0; track < payloadTypes.length; track++) {
            set(rtpChannels[track], 2 * track);
        }
    }

    private void set(int channel, int what) {
        if (channel >= 0 && channel < CHANNELS) {
            carries[channel] = what;
        }
    }

    /** The channel for our own RTCP of a track, -1 when none is known. */
    int rtcpChannel(int track) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            if (carries[channel] == 2 * track + 1) {
                return channel;
            }
        }
        return -1;
    }

    /**
     * Where a frame belongs.
     *
     * @param channel 0 to 255
     * @param buf borrowed; the payload is at {@code [offset, offset + length)}
     * @return {@code 2 * track} for RTP, {@code 2 * track + 1} for RTCP, or {@link #UNKNOWN}
     */
    int route(int channel, ByteBuf buf, int offset, int length) {
        int what = carries[channel];
        if (length < 2) {
            return what;
        }
        boolean rtcp = isRtcp(buf, offset);
        if (what == UNKNOWN) {
            return learn(channel, buf, offset, length, rtcp);
        }
        boolean rtcpChannel = (what & 1) == 1;
        if (rtcp) {
            if (!rtcpChannel) {
                quirks.add(CameraQuirk.RTCP_ON_RTP_CHANNEL);
            }
            return what | 1;
        }
        int payloadType = buf.getUnsignedByte(offset + 1) & 0x7f;
        int track = what >> 1;
        if (payloadTypes[track] == payloadType) {
            note(track, buf, offset, length);
            if (rtcpChannel) {
                quirks.add(CameraQuirk.RTP_ON_RTCP_CHANNEL);
            }
            return what & ~1;
        }
        int other = onlyTrackOf(payloadType);
        if (other >= 0) {
            quirks.add(CameraQuirk.INTERLEAVED_CHANNELS);
            note(other, buf, offset, length);
            return 2 * other;
        }
        return what;
    }

    /** Whether the second byte is that of an RTCP packet; at least two bytes must be there. */
    static boolean isRtcp(ByteBuf buf, int offset) {
        int second = buf.getUnsignedByte(offset + 1);
        return second >= FIRST_RTCP_TYPE && second <= LAST_RTCP_TYPE;
    }

    private void note(int track, ByteBuf buf, int offset, int length) {
        if (length >= RTP_HEADER) {
            ssrcs[track] = RtpHeader.ssrc(buf, offset);
            ssrcKnown[track] = true;
        }
    }

    private int learn(int channel, ByteBuf buf, int offset, int length, boolean rtcp) {
        if ((buf.getUnsignedByte(offset) & 0xc0) != 0x80) {
            return UNKNOWN;
        }
        return rtcp ? learnRtcp(channel, buf, offset, length) : learnRtp(channel, buf, offset, length);
    }

    private int learnRtcp(int channel, ByteBuf buf, int offset, int length) {
        // every RTCP packet begins with the SSRC of its sender
        int track = length < RTCP_HEADER ? UNKNOWN : trackOf(buf.getInt(offset + 4));
        int before = channel > 0 ? carries[channel - 1] : UNKNOWN;
        if (track == UNKNOWN && before != UNKNOWN && (before & 1) == 0) {
            track = before >> 1;
        }
        if (track == UNKNOWN) {
            return UNKNOWN;
        }
        carries[channel] = 2 * track + 1;
        return 2 * track + 1;
    }

    private int learnRtp(int channel, ByteBuf buf, int offset, int length) {
        if (length < RTP_HEADER) {
            return UNKNOWN;
        }
        int track = onlyTrackOf(buf.getUnsignedByte(offset + 1) & 0x7f);
        if (track == UNKNOWN) {
            track = trackOf(RtpHeader.ssrc(buf, offset));
        }
        if (track == UNKNOWN && payloadTypes.length == 1) {
            track = 0;
        }
        if (track == UNKNOWN) {
            return UNKNOWN;
        }
        quirks.add(CameraQuirk.INTERLEAVED_CHANNELS);
        note(track, buf, offset, length);
        carries[channel] = 2 * track;
        return 2 * track;
    }

    /** The track with that SSRC when exactly one is known to have it. */
    private int trackOf(int ssrc) {
        int found = UNKNOWN;
        for (int track = 0; track < ssrcs.length; track++) {
            if (ssrcKnown[track] && ssrcs[track] == ssrc) {
                if (found != UNKNOWN) {
                    return UNKNOWN;
                }
                found = track;
            }
        }
        return found;
    }

    /** The track with that payload type when exactly one has it. */
    private int onlyTrackOf(int payloadType) {
        int found = UNKNOWN;
        for (int track = 0; track < payloadTypes.length; track++) {
            if (payloadTypes[track] == payloadType) {
                if (found != UNKNOWN) {
                    return UNKNOWN;
                }
                found = track;
            }
        }
        return found;
    }
}
