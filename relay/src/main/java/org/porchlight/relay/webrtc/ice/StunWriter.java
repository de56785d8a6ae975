package org.porchlight.relay.webrtc.ice;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes the STUN messages that ICE needs (RFC 8489 section 5 and 14): Binding requests, success and error responses, indications. The
 * last message stays in its own small buffer until the next one is begun, so that an agent can answer without allocating. Every message
 * but an indication is signed and every one ends with a FINGERPRINT. Owner: one event loop.
 */
public final class StunWriter {
    /** No message is longer: a request with user names of the greatest length allowed (RFC 8839 section 5.4: 256 characters each). */
    public static final int MAX_LENGTH = 20 + 4 + 516 + 8 + 12 + 4 + 24 + 8;

    private static final int BINDING_REQUEST = 0x0001;
    private static final int BINDING_INDICATION = 0x0011;
    private static final int BINDING_SUCCESS = 0x0101;
    private static final int BINDING_ERROR = 0x0111;

    private final byte[] bytes = new byte[MAX_LENGTH];
    private final CRC32 crc = new CRC32();
    private int length;

    /** Bytes of the last message; 0: none since {@link #clear}. */
    public int length() {
        return length;
    }

    /** Forgets the last message. */
    public void clear() {
        length = 0;
    }

    /** Appends the last message to {@code out}, whose writer index moves on; keeps it. */
    public void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
    }

    /**
     * A Binding success response (RFC 8445 section 7.3.1.2).
     *
     * @param request whose transaction it answers
     * @param source where the request came from, resolved
     * @param key of the responder's own password
     */
    public void success(StunMessage request, InetSocketAddress source, IntegrityKey key) {
        respond(BINDING_SUCCESS, request);
        xorMappedAddress(source);
        finish(key);
    }

    /**
     * A Binding error response. For 420 the attributes that were not understood are listed.
     *
     * @param request whose transaction it answers
     * @param error what went wrong
     * @param key of the responder's own password
     */
    public void error(StunMessage request, StunError error, IntegrityKey key) {
        respond(BINDING_ERROR, request);
        String reason = error.reason();
        attribute(StunAttribute.ERROR_CODE, 4 + reason.length());
        putInt(((error.code() / 100) << 8) | (error.code() % 100));
        for (int i = 0; i < reason.length(); i++) {
            bytes[length++] = (byte) reason.charAt(i);
        }
        pad();
        if (error == StunError.UNKNOWN_ATTRIBUTE) {
            int count = request.unknownCount();
            attribute(StunAttribute.UNKNOWN_ATTRIBUTES, 2 * count);
            for (int i = 0; i < count; i++) {
                putShort(request.unknown(i));
            }
            pad();
        }
        finish(key);
    }

    /**
     * A connectivity check (RFC 8445 section 7.2.2).
     *
     * @param transaction its identifier
     * @param username remote fragment, colon, local fragment; at most 513 bytes
     * @param check role, tie-breaker, priority and nomination
     * @param key of the remote password
     */
    public void request(TransactionId transaction, String username, Check check, IntegrityKey key) {
        begin(BINDING_REQUEST);
        putInt(transaction.high());
        putLong(transaction.low());
        byte[] name = username.getBytes(StandardCharsets.UTF_8);
        attribute(StunAttribute.USERNAME, name.length);
        System.arraycopy(name, 0, bytes, length, name.length);
        length += name.length;
        pad();
        attribute(check.controlling() ? StunAttribute.ICE_CONTROLLING : StunAttribute.ICE_CONTROLLED, 8);
        putLong(check.tieBreaker());
        attribute(StunAttribute.PRIORITY, 4);
        putInt((int) check.priority());
        if (check.nominating()) {
            attribute(StunAttribute.USE_CANDIDATE, 0);
        }
        finish(key);
    }

    /** A Binding indication, which keeps a NAT's binding open and asks for no answer (RFC 8445 section 11). */
    public void indication(TransactionId transaction) {
        begin(BINDING_INDICATION);
        putInt(transaction.high());
        putLong(transaction.low());
        fingerprint();
    }

    /**
     * Identifier of a transaction (RFC 8489 section 5), to be unguessable.
     *
     * @param high first 32 bits
     * @param low last 64 bits
     */
    public record TransactionId(int high, long low) {}

    /**
     * What a connectivity check claims (RFC 8445 section 7.1).
     *
     * @param controlling the sender's role
     * @param tieBreaker unsigned
     * @param priority that a peer-reflexive candidate would have, 1 to 2^31 - 1
     * @param nominating whether USE-CANDIDATE is set
     */
    public record Check(boolean controlling, long tieBreaker, long priority, boolean nominating) {}

    private void respond(int type, StunMessage request) {
        begin(type);
        request.copyTransactionTo(bytes, length);
        length += 12;
    }

    private void begin(int type) {
        length = 0;
        putShort(type);
        putShort(0);
        putInt(StunMessage.COOKIE);
    }

    private void xorMappedAddress(InetSocketAddress source) {
        byte[] address = source.getAddress().getAddress();
        attribute(StunAttribute.XOR_MAPPED_ADDRESS, 4 + address.length);
        putShort(address.length == 4 ? 1 : 2);
        putShort(source.getPort() ^ (StunMessage.COOKIE >>> 16));
        for (int i = 0; i < address.length; i++) {
            bytes[length++] = (byte) (address[i] ^ bytes[4 + i]);
        }
    }

    private void finish(IntegrityKey key) {
        int attribute = length;
        patchLength(attribute + 4 + IntegrityKey.LENGTH);
        key.sign(bytes, attribute);
        // The digest was put where the attribute's own header belongs; move it behind.
        System.arraycopy(bytes, attribute, bytes, attribute + 4, IntegrityKey.LENGTH);
        attribute(StunAttribute.MESSAGE_INTEGRITY, IntegrityKey.LENGTH);
        length += IntegrityKey.LENGTH;
        fingerprint();
    }

    private void fingerprint() {
        patchLength(length + 8);
        crc.reset();
        crc.update(bytes, 0, length);
        attribute(StunAttribute.FINGERPRINT, 4);
        putInt((int) crc.getValue() ^ StunMessage.FINGERPRINT_MASK);
    }

    private void patchLength(int messageLength) {
        int value = messageLength - StunMessage.HEADER_LENGTH;
        bytes[2] = (byte) (value >>> 8);
        bytes[3] = (byte) value;
    }

    private void attribute(int type, int valueLength) {
        putShort(type);
        putShort(valueLength);
    }

    private void pad() {
        while (length % 4 != 0) {
            bytes[length++] = 0;
        }
    }

    private void putShort(int value) {
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }

    private void putInt(int value) {
        putShort(value >>> 16);
        putShort(value);
    }

    private void putLong(long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }
}
