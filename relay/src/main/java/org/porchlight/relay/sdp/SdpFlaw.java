package org.porchlight.relay.sdp;

/** What was wrong with a session description and was forgiven. */
public enum SdpFlaw {
    /** Lines end in a bare CR (RFC 8866 section 5 asks for CRLF; it allows a bare LF to be taken). */
    LINE_ENDS,
    /** Indented lines or control characters inside lines. */
    STRAY_CHARACTERS,
    /** A line that is not {@code type=value}. */
    MALFORMED_LINE,
    /** One of the lines v, o, s or t is missing. */
    MISSING_HEADER,
    /** An m-line without port, protocol or formats. */
    SHORT_MEDIA_LINE,
    /** A payload type that is not a number within 0 to 127, on an m-line or in an rtpmap. */
    BAD_PAYLOAD_TYPE,
    /** More lines, attributes or m-lines than the limits allow, or lines too long; the rest was left out. */
    TOO_LARGE
}
