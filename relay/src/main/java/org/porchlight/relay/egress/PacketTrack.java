package org.porchlight.relay.egress;

import org.porchlight.relay.codec.TrackFormat;

/**
 * A track as one viewer of RTP packets has agreed to take it.
 *
 * @param format codec, clock and the payload type under which it is sent
 * @param ssrc of its packets
 * @param rtxPayloadType of retransmissions (RFC 4588); -1: lost packets are sent again as they were
 * @param rtxSsrc of retransmissions
 * @param retransmits the receiver may ask for lost packets (RFC 4585 section 6.2.1)
 * @param extensions header extensions agreed upon
 */
public record PacketTrack(
        TrackFormat format,
        int ssrc,
        int rtxPayloadType,
        int rtxSsrc,
        boolean retransmits,
        PacketExtensions extensions) {

    boolean hasRtx() {
        return rtxPayloadType >= 0;
    }
}
