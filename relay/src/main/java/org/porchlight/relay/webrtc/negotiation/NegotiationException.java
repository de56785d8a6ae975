package org.porchlight.relay.webrtc.negotiation;

/** A description that cannot be answered, or an answer that cannot be used. The message says what was missing, in words for the peer. */
public final class NegotiationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; each is one status and problem type of the HTTP side. */
    public enum Reason {
        /** No session description, or one with more lines than any browser writes. */
        NOT_SDP,
        /** Several m-lines and no BUNDLE group that holds them, or m-lines with the same mid. */
        NO_BUNDLE,
        /** RTP and RTCP on separate ports. */
        NO_RTCP_MUX,
        /** No ice-ufrag and ice-pwd, or none that are valid. */
        NO_ICE_CREDENTIALS,
        /** No certificate fingerprint with SHA-256, SHA-384 or SHA-512. */
        NO_FINGERPRINT,
        /** The peer insists on waiting for our ClientHello. */
        UNUSABLE_SETUP,
        /** A viewer that does not want to receive, or a publisher that does not want to send. */
        WRONG_DIRECTION,
        /** The media fit, their codecs do not. */
        NO_CODEC_IN_COMMON,
        /** The peer's answer takes nothing of what we offered, or does not belong to our offer. */
        ANSWER_UNUSABLE
    }

    private final Reason reason;

    public NegotiationException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
