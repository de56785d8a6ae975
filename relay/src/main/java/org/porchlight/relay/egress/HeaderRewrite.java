package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * How one track's headers go on for a viewer whose pictures change between two streams: the SSRC, payload type, numbers and timeline that
 * it has seen so far continue. Immutable.
 *
 * @param track in the stream that the packets come from
 * @param trackSent the same for the viewer
 * @param ssrc 32 bits
 * @param payloadType 0 to 127
 * @param sequenceShift added to sequence numbers, modulo 2^16
 * @param timestampShift added to timestamps, ticks modulo 2^32
 * @param reports sender reports of this stream are wanted; they are told on the shifted timeline
 */
record HeaderRewrite(
        int track, int trackSent, int ssrc, int payloadType, int sequenceShift, int timestampShift, boolean reports) {

    /** Where a sender report has its RTP timestamp (RFC 3550 section 6.4.1). */
    private static final int REPORT_TIMESTAMP = 16;

    /**
     * Rewrites a packet; those of other tracks stay as they are.
     *
     * @param data borrowed
     * @param at absolute index of the first RTP or RTCP byte
     * @param ofTrack the track of the packet in its stream
     * @param report the packet is RTCP that begins with a sender report, of the same SSRC
     */
    void apply(ByteBuf data, int at, int ofTrack, boolean report) {
        if (ofTrack != track) {
            return;
        }
        if (report) {
            data.setInt(at + REPORT_TIMESTAMP, data.getInt(at + REPORT_TIMESTAMP) + timestampShift);
            return;
        }
        RtpHeader.setPayloadType(data, at, payloadType);
        RtpHeader.setSequenceNumber(data, at, RtpHeader.sequenceNumber(data, at) + sequenceShift);
        RtpHeader.setTimestamp(data, at, RtpHeader.timestamp(data, at) + timestampShift);
        RtpHeader.setSsrc(data, at, ssrc);
    }
}
