package org.porchlight.relay.admission;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The parameters of one Digest response (RFC 7616 section 3.4.1), with which the keeper of the secret can check it.
 *
 * @param qop {@code auth}, or empty for the older form without (RFC 2069)
 * @param nonceCount hexadecimal as sent, empty without qop
 * @param clientNonce empty without qop
 * @param response hexadecimal as sent
 */
public record DigestProof(
        DigestAlgorithm algorithm,
        String user,
        String realm,
        String method,
        String uri,
        String nonce,
        String qop,
        String nonceCount,
        String clientNonce,
        String response) {

    /**
     * Whether the response was made with this secret; compares in constant time.
     *
     * @param ha1Hex lower-case hexadecimal {@code H(user:realm:password)} for {@link #algorithm}
     */
    public boolean matches(String ha1Hex) {
        String ha2 = hash(algorithm, method + ":" + uri);
        String middle = qop.isEmpty() ? nonce : nonce + ":" + nonceCount + ":" + clientNonce + ":" + qop;
        String expected = hash(algorithm, ha1Hex + ":" + middle + ":" + ha2);
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.US_ASCII),
                response.toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    }

    /** {@code H(user:realm:password)} in lower-case hexadecimal. */
    public static String ha1(DigestAlgorithm algorithm, String user, String realm, String password) {
        return hash(algorithm, user + ":" + realm + ":" + password);
    }

    /** Lower-case hexadecimal hash of the UTF-8 bytes of a text. */
    public static String hash(DigestAlgorithm algorithm, String text) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm.token()).digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm.token(), e);
        }
    }

    @Override
    public String toString() {
        return "DigestProof[algorithm=" + algorithm + ", user=" + user + "]";
    }
}
