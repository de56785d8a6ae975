package org.porchlight.relay.webrtc.ice;

/** The error codes that an ICE agent answers with (RFC 8489 section 14.8, RFC 8445 section 16.2). */
public enum StunError {
    /** The request lacks what a check must have. */
    BAD_REQUEST(400, "Bad Request"),
    /** An attribute below 0x8000 is not understood. */
    UNKNOWN_ATTRIBUTE(420, "Unknown Attribute"),
    /** Both sides claim the same role. */
    ROLE_CONFLICT(487, "Role Conflict");

    private final int code;
    private final String reason;

    StunError(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** The number, 300 to 699. */
    public int code() {
        return code;
    }

    /** The reason phrase, ASCII. */
    String reason() {
        return reason;
    }
}
