package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.porchlight.relay.codec.FormatParameters;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.RtpMap;

/**
 * One payload type of an m-line with all that is said of it.
 *
 * @param map name, clock and channels
 * @param fmtp format parameters, empty: none
 * @param feedback what its receiver sends
 */
record PayloadFormat(RtpMap map, String fmtp, Set<Feedback> feedback) {
    PayloadFormat {
        feedback = Set.copyOf(feedback);
    }

    int payloadType() {
        return map.payloadType();
    }

    boolean isNamed(String name) {
        return map.encodingName().equalsIgnoreCase(name);
    }

    FormatParameters parameters() {
        return FormatParameters.parse(fmtp);
    }

    /** The payload types of an m-line that have a meaning, in order of preference. */
    static List<PayloadFormat> listOf(MediaDescription media) {
        List<PayloadFormat> list = new ArrayList<>();
        for (int payloadType : media.payloadTypes()) {
            media.rtpMap(payloadType)
                    .filter(map -> map.clockRate() > 0)
                    .ifPresent(map ->
                            list.add(new PayloadFormat(map, media.fmtp(payloadType), Feedback.of(media, payloadType))));
        }
        return list;
    }

    /** The payload type that carries retransmissions of this one (RFC 4588 section 8.6); -1: none. */
    int rtxAmong(List<PayloadFormat> all) {
        for (PayloadFormat other : all) {
            if (other.isNamed("rtx") && other.parameters().number("apt", -1) == payloadType()) {
                return other.payloadType();
            }
        }
        return -1;
    }
}
