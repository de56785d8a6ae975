package org.porchlight.relay.webrtc.negotiation;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;

/** RTCP feedback that can be agreed upon (RFC 4585 section 4.2, RFC 5104 section 7.1). */
public enum Feedback {
    /** Generic NACK, RFC 4585 section 6.2.1. */
    NACK("nack"),
    /** Picture loss indication, RFC 4585 section 6.3.1. */
    PLI("nack pli"),
    /** Full intra request, RFC 5104 section 4.3.1. */
    FIR("ccm fir"),
    /** Transport-wide feedback; needs {@link HeaderExtension#TRANSPORT_CC} as well. */
    TRANSPORT_CC("transport-cc"),
    /** Receiver estimated maximum bit rate, draft-alvestrand-rmcat-remb. */
    REMB("goog-remb");

    private final String token;

    Feedback(String token) {
        this.token = token;
    }

    /** The words behind the payload type in {@code a=rtcp-fb}. */
    String token() {
        return token;
    }

    private static Optional<Feedback> of(String text) {
        String normal = text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
        for (Feedback feedback : values()) {
            if (feedback.token.equals(normal)) {
                return Optional.of(feedback);
            }
        }
        return Optional.empty();
    }

    /** What an m-line says of one payload type, or of all with {@code *}. */
    static Set<Feedback> of(MediaDescription media, int payloadType) {
        Set<Feedback> found = EnumSet.noneOf(Feedback.class);
        for (Attribute attribute : media.attributes()) {
            if (!attribute.isNamed("rtcp-fb")) {
                continue;
            }
            String[] words = attribute.value().split("\\s+", 2);
            boolean applies = words[0].equals("*") || Numbers.parse(words[0], 127) == payloadType;
            if (applies && words.length == 2) {
                of(words[1]).ifPresent(found::add);
            }
        }
        return found;
    }
}
