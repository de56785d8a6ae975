package org.porchlight.relay.rtsp;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.DigestProof;

/** {@code Authorization} (RFC 7235 section 4.2): what a client shows. */
public final class AuthorizationHeader {
    private AuthorizationHeader() {}

    /** Reads a value; null if it holds no scheme. */
    public static @Nullable AuthElement parse(String value) {
        List<AuthElement> elements = AuthGrammar.parse(value);
        return elements.isEmpty() ? null : elements.get(0);
    }

    /** User and password of Basic credentials (RFC 7617, UTF-8); null if they are none. */
    public static @Nullable UserPassword basicOf(AuthElement element) {
        try {
            byte[] bytes = Base64.getDecoder().decode(element.token());
            String text = new String(bytes, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? null : new UserPassword(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The value for Basic (RFC 7617). */
    public static String renderBasic(String user, String password) {
        byte[] bytes = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    /** The value for Bearer (RFC 6750). */
    public static String renderBearer(String token) {
        return "Bearer " + token;
    }

    /**
     * The value for Digest (RFC 7616 section 3.4).
     *
     * @param opaque as in the challenge, null if there was none
     * @param tellAlgorithm false for challenges that did not name one: some cameras refuse what they did not say themselves
     */
    public static String renderDigest(DigestProof proof, @Nullable String opaque, boolean tellAlgorithm) {
        StringBuilder out = new StringBuilder("Digest username=").append(quote(proof.user()));
        out.append(", realm=").append(quote(proof.realm()));
        out.append(", nonce=").append(quote(proof.nonce()));
        out.append(", uri=").append(quote(proof.uri()));
        if (tellAlgorithm) {
            out.append(", algorithm=").append(proof.algorithm().token());
        }
        if (!proof.qop().isEmpty()) {
            out.append(", qop=").append(proof.qop());
            out.append(", nc=").append(proof.nonceCount());
            out.append(", cnonce=").append(quote(proof.clientNonce()));
        }
        out.append(", response=").append(quote(proof.response()));
        if (opaque != null) {
            out.append(", opaque=").append(quote(opaque));
        }
        return out.toString();
    }

    /** A quoted string (RFC 7230 section 3.2.6). */
    static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        return out.append('"').toString();
    }

    /** A user's name and password in plain text. */
    public record UserPassword(String user, String password) {
        @Override
        public String toString() {
            return "UserPassword[user=" + user + "]";
        }
    }
}
