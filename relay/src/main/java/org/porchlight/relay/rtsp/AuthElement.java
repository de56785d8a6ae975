package org.porchlight.relay.rtsp;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One challenge or one set of credentials (RFC 7235 section 2.1), as {@code WWW-Authenticate} and {@code Authorization} hold them.
 *
 * @param scheme as written, for example {@code Digest}; compare without case
 * @param token the token68 of Basic and Bearer, empty without one
 * @param parameters by lower-case name, unquoted; the first of two equal names counts
 */
public record AuthElement(String scheme, String token, Map<String, String> parameters) {
    public AuthElement {
        parameters = Map.copyOf(parameters);
    }

    public boolean isScheme(String name) {
        return scheme.equalsIgnoreCase(name);
    }

    /** The value of a parameter, or null. */
    public @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    /** The value of a parameter, or another one. */
    public String parameterOr(String name, String other) {
        return parameters.getOrDefault(name, other);
    }

    /** The scheme only: the rest may be secret. */
    @Override
    public String toString() {
        return scheme;
    }
}
