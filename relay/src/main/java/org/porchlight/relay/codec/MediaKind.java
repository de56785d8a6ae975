package org.porchlight.relay.codec;

/** What a track carries; the media type of an SDP m-line (RFC 8866 section 5.14), {@code application} read as metadata. */
public enum MediaKind {
    VIDEO,
    AUDIO,
    METADATA
}
