package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.webrtc.negotiation.NegotiationException.Reason;

/** What answers to viewers and to publishers have in common. */
final class AnswerRules {
    private AnswerRules() {}

    /** We wait for the ClientHello, so the peer must be willing to send it (RFC 8842 section 5.3). */
    static void checkSetup(RemoteDescription offer) throws NegotiationException {
        SetupRole setup = offer.transport().setup();
        if (setup != SetupRole.ACTPASS && setup != SetupRole.ACTIVE) {
            throw new NegotiationException(
                    Reason.UNUSABLE_SETUP, "The offer must allow the active DTLS role: a=setup:actpass.");
        }
    }

    static boolean isKind(RemoteMedia media, MediaKind kind) {
        return switch (kind) {
            case VIDEO -> media.isKind("video");
            case AUDIO -> media.isKind("audio");
            case METADATA -> false;
        };
    }

    /** The lines of an answered m-line that say what was taken; format parameters are the offerer's own. */
    static List<Attribute> describe(
            RemoteMedia media, PayloadFormat payload, int rtx, Set<Feedback> feedback, HeaderExtensions extensions) {
        List<Attribute> attributes = new ArrayList<>();
        if (media.has("rtcp-rsize")) {
            attributes.add(Attribute.property("rtcp-rsize"));
        }
        attributes.addAll(extensions.toAttributes());
        attributes.addAll(FormatLines.describe(payload.map(), payload.fmtp(), feedback));
        if (rtx >= 0) {
            attributes.addAll(FormatLines.describeRtx(
                    rtx, payload.payloadType(), payload.map().clockRate()));
        }
        return attributes;
    }
}
