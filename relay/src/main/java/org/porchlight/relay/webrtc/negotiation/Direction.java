package org.porchlight.relay.webrtc.negotiation;

import java.util.Locale;
import org.porchlight.relay.sdp.Attribute;

/** Direction of an m-line, as its writer sees it (RFC 8866 section 6.7). */
public enum Direction {
    SENDRECV(true, true),
    SENDONLY(true, false),
    RECVONLY(false, true),
    INACTIVE(false, false);

    private final boolean sends;
    private final boolean receives;

    Direction(boolean sends, boolean receives) {
        this.sends = sends;
        this.receives = receives;
    }

    public boolean sends() {
        return sends;
    }

    public boolean receives() {
        return receives;
    }

    Attribute toAttribute() {
        return Attribute.property(name().toLowerCase(Locale.ROOT));
    }
}
