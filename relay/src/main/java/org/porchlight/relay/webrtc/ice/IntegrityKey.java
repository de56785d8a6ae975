package org.porchlight.relay.webrtc.ice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The short-term credential of one side of an ICE session, ready to compute MESSAGE-INTEGRITY (RFC 8489 sections 9.1.1 and 14.5:
 * HMAC-SHA1 keyed with the password). ICE passwords are ASCII, so that SASLprep changes nothing. Owner: the loop of the session; not
 * thread-safe.
 */
public final class IntegrityKey {
    /** Bytes of an HMAC-SHA1. */
    static final int LENGTH = 20;

    private final Mac mac;
    private final byte[] digest = new byte[LENGTH];

    private IntegrityKey(Mac mac) {
        this.mac = mac;
    }

    /**
     * The key of a password.
     *
     * @param password not empty
     * @throws IllegalArgumentException when the password is empty
     */
    public static IntegrityKey of(String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            return new IntegrityKey(mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform must have HmacSHA1", e);
        }
    }

    /** Writes the HMAC of {@code bytes[0, end)} to {@code bytes[end, end + 20)}. */
    void sign(byte[] bytes, int end) {
        compute(bytes, end);
        System.arraycopy(digest, 0, bytes, end, LENGTH);
    }

    /** Whether {@code bytes[at, at + 20)} is the HMAC of {@code bytes[0, end)}; takes the same time wherever they differ. */
    boolean verify(byte[] bytes, int end, int at) {
        compute(bytes, end);
        int difference = 0;
        for (int i = 0; i < LENGTH; i++) {
            difference |= digest[i] ^ bytes[at + i];
        }
        return difference == 0;
    }

    private void compute(byte[] bytes, int end) {
        mac.update(bytes, 0, end);
        try {
            mac.doFinal(digest, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an HMAC-SHA1 has " + LENGTH + " bytes", e);
        }
    }
}
