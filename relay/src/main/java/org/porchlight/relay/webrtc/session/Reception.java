package org.porchlight.relay.webrtc.session;

/** What became of a packet that a session was given. */
public enum Reception {
    /** Taken in. */
    TAKEN,
    /** A valid check: the address that it came from carries this session now. */
    VALID_CHECK,
    /** A check that was answered with an error, or an indication: fine, and of no consequence. */
    HARMLESS,
    /** A check that is not signed with this session's password, or for another user. */
    UNAUTHENTICATED,
    /** An overheard check, or an SRTP packet seen before or too old to tell. */
    REPLAYED,
    /** From an address without a valid check. */
    UNKNOWN_PATH,
    /** Media before the handshake is over; peers send early when packets overtake each other. */
    NO_KEYS,
    /** SRTP or SRTCP not protected with this session's keys. */
    AUTH_FAILED,
    /** Neither DTLS nor SRTP nor SRTCP by its form. */
    MALFORMED,
    /** The session has ended. */
    ENDED
}
