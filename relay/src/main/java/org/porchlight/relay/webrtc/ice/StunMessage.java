package org.porchlight.relay.webrtc.ice;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A STUN message just received (RFC 8489 section 5), a view that is used again for the next one.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |0 0|     STUN message type     |         message length        |
 * |                    magic cookie = 0x2112A442                  |
 * |                  transaction identifier (96 bits)             |
 * |  attributes: type (16), length (16), value padded to 32 bits  |
 * </pre>
 *
 * <p>Every length is checked while parsing, so that accessors read without further checks. Of equal attributes the first counts; what
 * follows MESSAGE-INTEGRITY is ignored except FINGERPRINT (section 14.5). The bytes are copied, the buffer is not kept. Parsing allocates
 * nothing. Owner: one event loop; what an accessor tells holds until the next {@link #parse}.
 */
public final class StunMessage {
    /** Longer messages are refused; a check of ICE has about 100 bytes, with the longest user name 600. */
    public static final int MAX_LENGTH = 1_280;

    static final int HEADER_LENGTH = 20;
    static final int COOKIE = 0x2112A442;
    static final int FINGERPRINT_MASK = 0x5354554E;

    private static final int BINDING = 1;
    private static final int MAX_UNKNOWN = 8;
    private static final int MAX_USERNAME = 513;
    private static final int NONE = -1;

    /** How parsing ended. */
    public enum Parsing {
        OK,
        /** Fewer bytes than a header. */
        TOO_SHORT,
        /** More than {@link #MAX_LENGTH} bytes. */
        TOO_LONG,
        /** First two bits not zero or no magic cookie: RFC 3489 or no STUN at all. */
        NOT_STUN,
        /** The length field is not that of the packet, or no multiple of 4. */
        BAD_LENGTH,
        /** An attribute reaches beyond the message. */
        ATTRIBUTE_OVERRUN,
        /** An attribute's length or value is not what its type demands. */
        BAD_ATTRIBUTE,
        /** The FINGERPRINT is wrong, or not the last attribute. */
        BAD_FINGERPRINT
    }

    /** The class of a message (section 5), in the order of its bits. */
    public enum MessageClass {
        REQUEST,
        INDICATION,
        SUCCESS,
        ERROR
    }

    private static final MessageClass[] CLASSES = MessageClass.values();

    private final byte[] bytes = new byte[MAX_LENGTH];
    private final CRC32 crc = new CRC32();
    private final int[] unknown = new int[MAX_UNKNOWN];
    private int length;
    private int type;
    private int username;
    private int usernameLength;
    private int integrity;
    private boolean fingerprinted;
    private int priority;
    private boolean priorityPresent;
    private boolean useCandidate;
    private int controlling;
    private int controlled;
    private int mappedAddress;
    private boolean mappedIsXored;
    private int errorCode;
    private int unknownCount;

    /**
     * Reads one message. After anything but {@link Parsing#OK} the accessors tell nothing of use.
     *
     * @param buf borrowed, not kept
     * @param index absolute index of the first byte
     * @param messageLength bytes of the packet
     */
    public Parsing parse(ByteBuf buf, int index, int messageLength) {
        reset();
        if (messageLength < HEADER_LENGTH) {
            return Parsing.TOO_SHORT;
        }
        if (messageLength > MAX_LENGTH) {
            return Parsing.TOO_LONG;
        }
        buf.getBytes(index, bytes, 0, messageLength);
        length = messageLength;
        type = unsignedShort(0);
        if (type >>> 14 != 0 || intAt(4) != COOKIE) {
            return Parsing.NOT_STUN;
        }
        if (unsignedShort(2) != length - HEADER_LENGTH || length % 4 != 0) {
            return Parsing.BAD_LENGTH;
        }
        return parseAttributes();
    }

    private void reset() {
        length = 0;
        type = 0;
        username = NONE;
        usernameLength = 0;
        integrity = NONE;
        fingerprinted = false;
        priority = 0;
        priorityPresent = false;
        useCandidate = false;
        controlling = NONE;
        controlled = NONE;
        mappedAddress = NONE;
        mappedIsXored = false;
        errorCode = 0;
        unknownCount = 0;
    }

    private Parsing parseAttributes() {
        int at = HEADER_LENGTH;
        while (at < length) {
            // Header and message lengths are multiples of 4, so that four bytes are there.
            int attribute = unsignedShort(at);
            int valueLength = unsignedShort(at + 2);
            int value = at + 4;
            int next = value + ((valueLength + 3) & ~3);
            if (next > length) {
                return Parsing.ATTRIBUTE_OVERRUN;
            }
            if (attribute == StunAttribute.FINGERPRINT) {
                return parseFingerprint(at, value, valueLength);
            }
            if (integrity == NONE && !parseAttribute(attribute, value, valueLength)) {
                return Parsing.BAD_ATTRIBUTE;
            }
            at = next;
        }
        return Parsing.OK;
    }

    private Parsing parseFingerprint(int at, int value, int valueLength) {
        if (valueLength != 4 || value + 4 != length) {
            return Parsing.BAD_FINGERPRINT;
        }
        crc.reset();
        crc.update(bytes, 0, at);
        fingerprinted = ((int) crc.getValue() ^ FINGERPRINT_MASK) == intAt(value);
        return fingerprinted ? Parsing.OK : Parsing.BAD_FINGERPRINT;
    }

    private boolean parseAttribute(int attribute, int value, int valueLength) {
        switch (attribute) {
            case StunAttribute.USERNAME -> {
                if (valueLength > MAX_USERNAME) {
                    return false;
                }
                if (username == NONE) {
                    username = value;
                    usernameLength = valueLength;
                }
            }
            case StunAttribute.MESSAGE_INTEGRITY -> {
                integrity = value;
                return valueLength == IntegrityKey.LENGTH;
            }
            case StunAttribute.PRIORITY -> {
                if (valueLength != 4) {
                    return false;
                }
                priority = priorityPresent ? priority : intAt(value);
                priorityPresent = true;
            }
            case StunAttribute.USE_CANDIDATE -> {
                useCandidate = true;
                return valueLength == 0;
            }
            case StunAttribute.ICE_CONTROLLING -> {
                controlling = controlling == NONE ? value : controlling;
                return valueLength == 8;
            }
            case StunAttribute.ICE_CONTROLLED -> {
                controlled = controlled == NONE ? value : controlled;
                return valueLength == 8;
            }
            case StunAttribute.XOR_MAPPED_ADDRESS, StunAttribute.MAPPED_ADDRESS -> {
                return parseAddress(attribute == StunAttribute.XOR_MAPPED_ADDRESS, value, valueLength);
            }
            case StunAttribute.ERROR_CODE -> {
                return parseErrorCode(value, valueLength);
            }
            case StunAttribute.UNKNOWN_ATTRIBUTES,
                    StunAttribute.REALM,
                    StunAttribute.NONCE,
                    StunAttribute.MESSAGE_INTEGRITY_SHA256,
                    StunAttribute.PASSWORD_ALGORITHM,
                    StunAttribute.USERHASH -> {
                // Known, and of no use to ICE.
            }
            default -> {
                if (attribute < 0x8000 && unknownCount < MAX_UNKNOWN) {
                    unknown[unknownCount++] = attribute;
                }
            }
        }
        return true;
    }

    private boolean parseAddress(boolean xored, int value, int valueLength) {
        int family = valueLength < 4 ? 0 : bytes[value + 1];
        if (!(family == 1 && valueLength == 8) && !(family == 2 && valueLength == 20)) {
            return false;
        }
        if (mappedAddress == NONE || (xored && !mappedIsXored)) {
            mappedAddress = value;
            mappedIsXored = xored;
        }
        return true;
    }

    private boolean parseErrorCode(int value, int valueLength) {
        if (valueLength < 4) {
            return false;
        }
        int hundreds = bytes[value + 2] & 7;
        int rest = bytes[value + 3] & 0xFF;
        errorCode = hundreds * 100 + rest;
        return hundreds >= 3 && hundreds <= 6 && rest < 100;
    }

    /** The class; only ask when {@link #isBinding}. */
    public MessageClass messageClass() {
        return CLASSES[(type >>> 7 & 2) | (type >>> 4 & 1)];
    }

    /** Whether the method is Binding, the only one that ICE uses. */
    public boolean isBinding() {
        return (type & ~0x0110) == BINDING;
    }

    /** First 32 bits of the transaction identifier. */
    public int transactionHigh() {
        return intAt(8);
    }

    /** Last 64 bits of the transaction identifier. */
    public long transactionLow() {
        return longAt(12);
    }

    /** Whether the message ends with a FINGERPRINT; a wrong one does not parse. */
    public boolean isFingerprinted() {
        return fingerprinted;
    }

    /** The USERNAME; empty: none. */
    public String username() {
        return username == NONE ? "" : new String(bytes, username, usernameLength, StandardCharsets.UTF_8);
    }

    /**
     * The part of the USERNAME before its colon: in a request the user name fragment of the receiver, so ours (RFC 8445 section 7.2.2).
     *
     * @return empty when there is no USERNAME or no colon
     */
    public String localUfrag() {
        for (int i = 0; username != NONE && i < usernameLength; i++) {
            if (bytes[username + i] == ':') {
                return new String(bytes, username, i, StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    /** Whether the USERNAME begins with this fragment and a colon. */
    public boolean isFor(String ufrag) {
        int end = ufrag.length();
        if (username == NONE || usernameLength <= end || bytes[username + end] != ':') {
            return false;
        }
        for (int i = 0; i < end; i++) {
            if (bytes[username + i] != (byte) ufrag.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is a MESSAGE-INTEGRITY, right or wrong. */
    public boolean isSigned() {
        return integrity != NONE;
    }

    /** Whether there is a MESSAGE-INTEGRITY made with this key. */
    public boolean isSignedWith(IntegrityKey key) {
        if (integrity == NONE) {
            return false;
        }
        // The HMAC was made over a header whose length ends with MESSAGE-INTEGRITY (section 14.5).
        int attribute = integrity - 4;
        putShort(2, attribute + 4 + IntegrityKey.LENGTH - HEADER_LENGTH);
        boolean valid = key.verify(bytes, attribute, integrity);
        putShort(2, length - HEADER_LENGTH);
        return valid;
    }

    /** Whether a PRIORITY is there (RFC 8445 section 7.1.1 demands it in checks). */
    public boolean hasPriority() {
        return priorityPresent;
    }

    /** PRIORITY as an unsigned number; 0: none. */
    public long priority() {
        return Integer.toUnsignedLong(priority);
    }

    /** USE-CANDIDATE: the controlling side nominates this pair (RFC 8445 section 7.1.2). */
    public boolean isNominating() {
        return useCandidate;
    }

    /** The sender claims the controlling role. */
    public boolean isControlling() {
        return controlling != NONE;
    }

    /** The sender claims the controlled role. */
    public boolean isControlled() {
        return controlled != NONE;
    }

    /** The tie-breaker of whichever role is claimed, an unsigned number (RFC 8445 section 7.1.3); 0: none. */
    public long tieBreaker() {
        int at = controlling != NONE ? controlling : controlled;
        return at == NONE ? 0 : longAt(at);
    }

    /** ERROR-CODE, 300 to 699; 0: none. */
    public int errorCode() {
        return errorCode;
    }

    /** How many attributes there are, at most 8 told, that must be understood and are not. */
    public int unknownCount() {
        return unknownCount;
    }

    /** Type of one of the attributes that are not understood. */
    int unknown(int i) {
        return unknown[i];
    }

    /** The address in XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS; null: none. Allocates; meant for clients. */
    public @Nullable InetSocketAddress mappedAddress() {
        if (mappedAddress == NONE) {
            return null;
        }
        byte[] address = new byte[bytes[mappedAddress + 1] == 1 ? 4 : 16];
        System.arraycopy(bytes, mappedAddress + 4, address, 0, address.length);
        int port = unsignedShort(mappedAddress + 2);
        if (mappedIsXored) {
            port ^= COOKIE >>> 16;
            for (int i = 0; i < address.length; i++) {
                // The mask is the cookie followed by the transaction identifier, as they stand in the header.
                address[i] ^= bytes[4 + i];
            }
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes is one", e);
        }
    }

    /** The header's bytes: {@link StunWriter} copies the transaction identifier from here. */
    void copyTransactionTo(byte[] target, int at) {
        System.arraycopy(bytes, 8, target, at, 12);
    }

    private int unsignedShort(int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private int intAt(int at) {
        return unsignedShort(at) << 16 | unsignedShort(at + 2);
    }

    private long longAt(int at) {
        return (long) intAt(at) << 32 | Integer.toUnsignedLong(intAt(at + 4));
    }

    private void putShort(int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }
}
