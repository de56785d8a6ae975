package org.porchlight.relay.webrtc.whip;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;

/**
 * What a client shows in {@code Authorization}: a bearer token (RFC 6750), which is how WHIP goes about it, or user and password (RFC 7617).
 * Digest is not taken over HTTP: browsers do not speak it from scripts, and over TLS it gives nothing.
 */
final class ShownCredentials {
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private ShownCredentials() {}

    /** The credentials; null: there are some, and they could never be right here. */
    static @Nullable Credentials of(EdgeRequest request) {
        String value = request.header("authorization");
        String scheme = value.toLowerCase(Locale.ROOT);
        if (value.isEmpty()) {
            return new Credentials.Anonymous();
        }
        if (scheme.startsWith(BEARER)) {
            String token = value.substring(BEARER.length()).strip();
            return isToken(token) ? new Credentials.Bearer(token) : null;
        }
        return scheme.startsWith(BASIC) ? basic(value.substring(BASIC.length()).strip()) : null;
    }

    /** RFC 6750 section 2.1. */
    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean fits = c < 128 && (Character.isLetterOrDigit(c) || "-._~+/=".indexOf(c) >= 0);
            if (!fits) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static @Nullable Credentials basic(String encoded) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int colon = pair.indexOf(':');
        return colon < 0 ? null : new Credentials.Basic(pair.substring(0, colon), pair.substring(colon + 1));
    }

    /** By which the same credentials are known again without being kept: a hash of what was shown. */
    static byte[] digestOf(EdgeRequest request) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(request.header("authorization").getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** 401 with what would help, in the order of admission; 403 when nothing does. */
    static EdgeResponse challenge(List<Challenge> challenges) {
        EdgeResponse response = Problem.AUTHENTICATION_REQUIRED.response();
        boolean any = false;
        for (Challenge challenge : challenges) {
            String scheme = schemeOf(challenge);
            if (!scheme.isEmpty()) {
                String realm = challenge.realm().replace("\\", "\\\\").replace("\"", "\\\"");
                response = response.with("WWW-Authenticate", scheme + " realm=\"" + realm + "\"");
                any = true;
            }
        }
        return any ? response : Problem.FORBIDDEN.response();
    }

    private static String schemeOf(Challenge challenge) {
        if (challenge instanceof Challenge.Bearer) {
            return "Bearer";
        }
        return challenge instanceof Challenge.Basic ? "Basic" : "";
    }
}
