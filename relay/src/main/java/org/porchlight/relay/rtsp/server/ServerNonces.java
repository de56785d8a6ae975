package org.porchlight.relay.rtsp.server;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces of Digest authentication (RFC 7616 section 3.3) that need no memory: the time of issue, and a keyed hash over it and the address
 * that it was given to. Thread-safe.
 *
 * <p>A nonce may be used any number of times while it is fresh, by the same address. That is the price of keeping no state: who can read
 * the connection may use what he saw for as long, from that address, for the same method and URI. RTSPS is the answer to that.
 */
public final class ServerNonces {
    private static final int TIME_BYTES = 8;
    private static final int MAC_BYTES = 16;
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final long freshNanos;

    /** What is known of a nonce that a client shows. */
    public enum Verdict {
        FRESH,
        /** Ours, but too old: the client is to try again with a new one. */
        STALE,
        /** Not ours, or given to another address. */
        FOREIGN
    }

    /**
     * @param secret at least 16 random bytes, copied
     * @param fresh how long a nonce may be used
     */
    public ServerNonces(byte[] secret, Duration fresh) {
        if (secret.length < 16) {
            throw new IllegalArgumentException("a secret of " + secret.length + " bytes is too short");
        }
        key = new SecretKeySpec(secret, ALGORITHM);
        freshNanos = fresh.toNanos();
    }

    /** A nonce for a client at this address. */
    public String issue(InetAddress remote, long nowNanos) {
        byte[] nonce = ByteBuffer.allocate(TIME_BYTES + MAC_BYTES)
                .putLong(nowNanos)
                .put(mac(remote, nowNanos), 0, MAC_BYTES)
                .array();
        return HexFormat.of().formatHex(nonce);
    }

    public Verdict check(String nonce, InetAddress remote, long nowNanos) {
        if (nonce.length() != 2 * (TIME_BYTES + MAC_BYTES)) {
            return Verdict.FOREIGN;
        }
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(nonce);
        } catch (IllegalArgumentException e) {
            return Verdict.FOREIGN;
        }
        long issued = ByteBuffer.wrap(bytes).getLong();
        byte[] shown = new byte[MAC_BYTES];
        System.arraycopy(bytes, TIME_BYTES, shown, 0, MAC_BYTES);
        byte[] expected = new byte[MAC_BYTES];
        System.arraycopy(mac(remote, issued), 0, expected, 0, MAC_BYTES);
        if (!MessageDigest.isEqual(shown, expected)) {
            return Verdict.FOREIGN;
        }
        return nowNanos - issued <= freshNanos ? Verdict.FRESH : Verdict.STALE;
    }

    private byte[] mac(InetAddress remote, long issuedNanos) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(ByteBuffer.allocate(TIME_BYTES).putLong(issuedNanos).array());
            mac.update("digest nonce".getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(remote.getAddress());
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
