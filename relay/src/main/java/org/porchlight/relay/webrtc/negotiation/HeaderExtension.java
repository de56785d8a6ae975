package org.porchlight.relay.webrtc.negotiation;

import java.util.Optional;

/**
 * RTP header extensions that Porchlight writes or reads (RFC 8285). Video orientation is left out with intent: where it is not agreed upon, a
 * phone turns its pictures before it encodes them, and every viewer sees them upright.
 */
public enum HeaderExtension {
    /** RFC 9143 section 15. */
    MID("urn:ietf:params:rtp-hdrext:sdes:mid"),
    /** RFC 8852 section 3.1: which simulcast layer. */
    RID("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    /** RFC 8852 section 3.2: which layer a retransmission belongs to. */
    REPAIRED_RID("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
    /** Sending time in 24 bits, 6.18 fixed point seconds; what receivers estimate REMB from. */
    ABS_SEND_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    /** Capture time in NTP format. */
    ABS_CAPTURE_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"),
    /** draft-holmer-rmcat-transport-wide-cc-extensions-01. */
    TRANSPORT_CC("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    /** Bounds of the player's delay, two times 12 bits in units of 10 ms. */
    PLAYOUT_DELAY("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay");

    private final String uri;

    HeaderExtension(String uri) {
        this.uri = uri;
    }

    /** What {@code a=extmap} calls it. */
    public String uri() {
        return uri;
    }

    static Optional<HeaderExtension> of(String uri) {
        for (HeaderExtension extension : values()) {
            if (extension.uri.equals(uri)) {
                return Optional.of(extension);
            }
        }
        return Optional.empty();
    }
}
