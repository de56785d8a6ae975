package org.porchlight.relay.webrtc.negotiation;

import java.util.Locale;
import java.util.Optional;

/** Who begins the DTLS handshake, as the writer of {@code a=setup} sees it (RFC 8842 section 5, RFC 4145 section 4). */
public enum SetupRole {
    ACTIVE,
    PASSIVE,
    ACTPASS,
    HOLDCONN;

    static Optional<SetupRole> of(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "active" -> Optional.of(ACTIVE);
            case "passive" -> Optional.of(PASSIVE);
            case "actpass" -> Optional.of(ACTPASS);
            case "holdconn" -> Optional.of(HOLDCONN);
            default -> Optional.empty();
        };
    }

    /** Its value in a description. */
    String token() {
        return name().toLowerCase(Locale.ROOT);
    }
}
