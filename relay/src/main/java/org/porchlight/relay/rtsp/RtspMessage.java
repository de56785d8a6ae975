package org.porchlight.relay.rtsp;

import org.jspecify.annotations.Nullable;

/** One request or response (RFC 2326 section 4), complete with its body. Immutable; nobody writes into {@link #body}. */
public sealed interface RtspMessage permits RtspRequest, RtspResponse {
    byte[] NO_BODY = {};

    RtspVersion version();

    RtspHeaders headers();

    /** The entity, empty without one; shared, not to be changed. */
    byte[] body();

    /** The sequence number of RFC 2326 section 12.17, 0 to 2^31-1; -1 when it is missing or no number. */
    default int cseq() {
        String value = headers().first(RtspHeaders.CSEQ);
        return value == null ? -1 : Digits.parseInt(value.trim());
    }

    /** The value of {@code Session} with its parameters, or null when missing or empty. */
    default @Nullable SessionHeader session() {
        String value = headers().first(RtspHeaders.SESSION);
        return value == null ? null : SessionHeader.parse(value);
    }
}
