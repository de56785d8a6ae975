package org.porchlight.relay.webrtc.dtls;

/** Why a DTLS connection did not come about, or ended. */
public enum DtlsFailure {
    /** More handshakes wait than the endpoint takes; nothing was sent. */
    OVERLOADED,
    /** The peer fell silent, or its turn did not come, within {@link DtlsSettings#timeout}. */
    TIMED_OUT,
    /** The peer showed no certificate, or one that cannot be read. */
    NO_CERTIFICATE,
    /** The peer's certificate is not the one that its session description names. */
    FINGERPRINT_MISMATCH,
    /** No SRTP protection profile in common, or none offered. */
    NO_SRTP_PROFILE,
    /** Broken messages, no cipher suite or version in common, no extended master secret. */
    PROTOCOL_ERROR,
    /** The peer sent a fatal alert. */
    PEER_ALERT,
    /** The peer sent close_notify. */
    PEER_CLOSED,
    /** We closed it. */
    CLOSED
}
