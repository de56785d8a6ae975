package org.porchlight.relay.webrtc.negotiation;

import java.util.List;
import java.util.Set;
import org.porchlight.relay.codec.TrackFormat;

/**
 * One m-line that both sides take.
 *
 * @param index of the m-line, from 0
 * @param mid of the m-line; empty: none
 * @param track index of the track in the list that was offered to the viewer; for a publisher its place among the agreed media
 * @param format what travels: for a viewer the track under the payload type agreed upon, with the track's own parameters; for a publisher what
 *     its description says
 * @param rtxPayloadType of retransmissions (RFC 4588); -1: not agreed upon
 * @param ssrc of the media: ours where we send, else the peer's or 0 when it has not told
 * @param rtxSsrc of the retransmissions, in the same way; 0 without
 * @param extensions the header extensions agreed upon
 * @param feedback what the receiver of the media may send
 * @param reducedSizeRtcp whether RTCP need not be compound (RFC 5506)
 * @param rids simulcast layers (RFC 8853) in the publisher's order; empty: no simulcast
 */
public record AgreedMedia(
        int index,
        String mid,
        int track,
        TrackFormat format,
        int rtxPayloadType,
        int ssrc,
        int rtxSsrc,
        HeaderExtensions extensions,
        Set<Feedback> feedback,
        boolean reducedSizeRtcp,
        List<String> rids) {
    public AgreedMedia {
        feedback = Set.copyOf(feedback);
        rids = List.copyOf(rids);
    }

    public boolean hasRtx() {
        return rtxPayloadType >= 0;
    }
}
