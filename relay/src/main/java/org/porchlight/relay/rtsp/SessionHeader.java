package org.porchlight.relay.rtsp;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code Session: id;timeout=60} (RFC 2326 section 12.37).
 *
 * @param id opaque, not empty
 * @param timeoutSeconds 0 or more; -1: not told, which means {@link #DEFAULT_TIMEOUT_SECONDS}
 */
public record SessionHeader(String id, int timeoutSeconds) {
    public static final int DEFAULT_TIMEOUT_SECONDS = 60;

    /** Reads a value; blanks anywhere and unknown parameters are passed over. Null for an empty id. */
    public static @Nullable SessionHeader parse(String value) {
        int semicolon = value.indexOf(';');
        String id = (semicolon < 0 ? value : value.substring(0, semicolon)).trim();
        if (id.isEmpty()) {
            return null;
        }
        int timeout = -1;
        while (semicolon >= 0 && timeout < 0) {
            int end = value.indexOf(';', semicolon + 1);
            String parameter = value.substring(semicolon + 1, end < 0 ? value.length() : end);
            int equals = parameter.indexOf('=');
            if (equals >= 0
                    && parameter
                            .substring(0, equals)
                            .trim()
                            .toLowerCase(Locale.ROOT)
                            .equals("timeout")) {
                timeout = Digits.parseLeading(parameter.substring(equals + 1).trim());
            }
            semicolon = end;
        }
        return new SessionHeader(id, timeout);
    }

    /** As sent on the wire. */
    public String render() {
        return timeoutSeconds < 0 ? id : id + ";timeout=" + timeoutSeconds;
    }
}
