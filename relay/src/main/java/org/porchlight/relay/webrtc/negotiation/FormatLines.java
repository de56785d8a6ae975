package org.porchlight.relay.webrtc.negotiation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.RtpMap;

/** What an m-line says of its payload types, header extensions and feedback, and what of it two sides can agree upon. */
final class FormatLines {
    private FormatLines() {}

    /** Feedback that we answer where it is offered. */
    static Set<Feedback> agreedFeedback(PayloadFormat payload, HeaderExtensions offered) {
        Set<Feedback> feedback = EnumSet.noneOf(Feedback.class);
        feedback.addAll(payload.feedback());
        if (!offered.has(HeaderExtension.TRANSPORT_CC)) {
            feedback.remove(Feedback.TRANSPORT_CC);
        }
        // One way to estimate is enough; where both are agreed upon browsers send the first only.
        if (feedback.contains(Feedback.TRANSPORT_CC)) {
            feedback.remove(Feedback.REMB);
        }
        return feedback;
    }

    /**
     * Header extensions of what we send, as far as the viewer offers them.
     *
     * @param feedback agreed upon: each way of estimating has an extension of its own
     */
    static HeaderExtensions towardsViewer(HeaderExtensions offered, MediaKind kind, Set<Feedback> feedback) {
        Set<HeaderExtension> wanted = wanted(feedback);
        if (kind == MediaKind.VIDEO) {
            wanted.add(HeaderExtension.PLAYOUT_DELAY);
        }
        return offered.only(wanted);
    }

    /** Header extensions of what we receive; those of simulcast only with simulcast. */
    static HeaderExtensions fromPublisher(HeaderExtensions offered, Set<Feedback> feedback, boolean simulcast) {
        Set<HeaderExtension> wanted = wanted(feedback);
        if (simulcast) {
            wanted.add(HeaderExtension.RID);
            wanted.add(HeaderExtension.REPAIRED_RID);
        }
        return offered.only(wanted);
    }

    private static Set<HeaderExtension> wanted(Set<Feedback> feedback) {
        Set<HeaderExtension> wanted = EnumSet.of(HeaderExtension.MID, HeaderExtension.ABS_CAPTURE_TIME);
        if (feedback.contains(Feedback.TRANSPORT_CC)) {
            wanted.add(HeaderExtension.TRANSPORT_CC);
        }
        if (feedback.contains(Feedback.REMB)) {
            wanted.add(HeaderExtension.ABS_SEND_TIME);
        }
        return wanted;
    }

    /** rtpmap, fmtp and rtcp-fb of one payload type. */
    static List<Attribute> describe(RtpMap map, String fmtp, Set<Feedback> feedback) {
        List<Attribute> attributes = new ArrayList<>();
        attributes.add(map.toAttribute());
        if (!fmtp.isEmpty()) {
            attributes.add(new Attribute("fmtp", map.payloadType() + " " + fmtp));
        }
        for (Feedback each : Feedback.values()) {
            if (feedback.contains(each)) {
                attributes.add(new Attribute("rtcp-fb", map.payloadType() + " " + each.token()));
            }
        }
        return attributes;
    }

    /** The payload type of retransmissions (RFC 4588 section 8). */
    static List<Attribute> describeRtx(int rtxPayloadType, int payloadType, int clockRate) {
        return List.of(
                new RtpMap(rtxPayloadType, "rtx", clockRate, 1).toAttribute(),
                new Attribute("fmtp", rtxPayloadType + " apt=" + payloadType));
    }

    /** Names of what we send: stream, SSRCs and their group (RFC 8830, RFC 5576). */
    static List<Attribute> describeSender(String cname, String track, int ssrc, int rtxSsrc) {
        List<Attribute> attributes = new ArrayList<>();
        attributes.add(new Attribute("msid", cname + " " + track));
        String first = Integer.toUnsignedString(ssrc);
        if (rtxSsrc != 0) {
            String second = Integer.toUnsignedString(rtxSsrc);
            attributes.add(new Attribute("ssrc-group", "FID " + first + " " + second));
            attributes.add(new Attribute("ssrc", first + " cname:" + cname));
            attributes.add(new Attribute("ssrc", second + " cname:" + cname));
        } else {
            attributes.add(new Attribute("ssrc", first + " cname:" + cname));
        }
        return attributes;
    }
}
