package org.porchlight.relay.rtsp;

/**
 * Why the bytes of a connection can no longer be understood.
 *
 * @param kind what was wrong
 * @param cseq sequence number of the message at fault, -1 when it could not be read
 */
public record FramingError(Kind kind, int cseq) {

    /** What was wrong. */
    public enum Kind {
        /** Start line and header fields are longer than allowed, or too many. */
        HEADER_TOO_LARGE,
        /** A start line or header field that is none. */
        MALFORMED_MESSAGE,
        /** {@code Content-Length} is no number, or given twice with different values. */
        BAD_CONTENT_LENGTH,
        /** {@code Content-Length} is above the limit. */
        BODY_TOO_LARGE,
        /** More bytes between two frames than can be passed over. */
        TOO_MUCH_GARBAGE
    }
}
