package org.porchlight.relay.admission;

/** Hash of HTTP Digest authentication (RFC 7616 section 3.3), without the {@code -sess} variants, which no RTSP client uses. */
public enum DigestAlgorithm {
    MD5("MD5"),
    SHA_256("SHA-256");

    private final String token;

    DigestAlgorithm(String token) {
        this.token = token;
    }

    /** Its name on the wire and for {@link java.security.MessageDigest}. */
    public String token() {
        return token;
    }
}
