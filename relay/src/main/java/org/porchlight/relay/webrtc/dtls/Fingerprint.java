package org.porchlight.relay.webrtc.dtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Hash of a certificate as a session description's {@code a=fingerprint} carries it (RFC 8122 section 5). Immutable. */
public final class Fingerprint {
    private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();

    /** Hash functions that we take; older ones of RFC 8122 are broken. */
    public enum Hash {
        SHA_256("sha-256", "SHA-256", 32),
        SHA_384("sha-384", "SHA-384", 48),
        SHA_512("sha-512", "SHA-512", 64);

        private final String token;
        private final String algorithm;
        private final int length;

        Hash(String token, String algorithm, int length) {
            this.token = token;
            this.algorithm = algorithm;
            this.length = length;
        }

        /** Its name in a session description. */
        public String token() {
            return token;
        }

        byte[] of(byte[] data) {
            try {
                return MessageDigest.getInstance(algorithm).digest(data);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has " + algorithm, e);
            }
        }
    }

    private final Hash hash;
    private final byte[] value;

    private Fingerprint(Hash hash, byte[] value) {
        this.hash = hash;
        this.value = value;
    }

    /** The fingerprint of a certificate in DER. */
    public static Fingerprint of(Hash hash, byte[] certificate) {
        return new Fingerprint(hash, hash.of(certificate));
    }

    /**
     * Parses an attribute's value.
     *
     * @param text such as {@code sha-256 12:DF:3E:…}, in either case
     * @return empty for another hash function or a value that is not one of its length
     */
    public static Optional<Fingerprint> parse(String text) {
        int space = text.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String token = text.substring(0, space).toLowerCase(Locale.ROOT);
        String hex = text.substring(space + 1).strip();
        for (Hash hash : Hash.values()) {
            if (hash.token.equals(token) && hex.length() == 3 * hash.length - 1) {
                return bytesOf(hex).map(value -> new Fingerprint(hash, value));
            }
        }
        return Optional.empty();
    }

    private static Optional<byte[]> bytesOf(String hex) {
        try {
            return Optional.of(COLONS.parseHex(hex));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The hash function. */
    public Hash hash() {
        return hash;
    }

    /** Whether it is the fingerprint of this certificate, in DER. */
    public boolean matches(byte[] certificate) {
        return MessageDigest.isEqual(value, hash.of(certificate));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && hash == that.hash && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** As the attribute's value. */
    @Override
    public String toString() {
        return hash.token + " " + COLONS.formatHex(value);
    }
}
