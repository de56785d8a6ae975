package org.porchlight.relay.webrtc.session;

/** Why a session ended. */
public enum SessionEnd {
    /** No valid connectivity check ever came. */
    NEVER_CONNECTED,
    /** Checks came, but no finished handshake in time. */
    HANDSHAKE_TIMEOUT,
    /** The handshake failed: another certificate, no profile in common, broken messages. */
    HANDSHAKE_FAILED,
    /** Too many handshakes waited. */
    OVERLOADED,
    /** The peer's checks have stopped (RFC 7675): it has vanished. */
    CONSENT_EXPIRED,
    /** The peer closed its end of DTLS. */
    PEER_CLOSED,
    /** We closed it. */
    CLOSED
}
