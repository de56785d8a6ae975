package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/**
 * The fixed RTP header (RFC 3550 section 5.1) as functions over a buffer and the absolute index of its first byte. No state, no
 * allocation. {@link #parse} checks every length once; the accessors and setters afterwards trust it and need only
 * {@link #FIXED_LENGTH} readable bytes at the index.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |                             SSRC                              |
 * |                       CSRC list, 0 to 15                      |
 * |   profile-specific extension id |  extension length in words  |
 * </pre>
 */
public final class RtpHeader {
    /** Bytes of a header without CSRCs and extension. */
    public static final int FIXED_LENGTH = 12;

    private static final int VERSION = 2;
    private static final int PADDING_BIT = 0x20;
    private static final int EXTENSION_BIT = 0x10;
    private static final int MARKER_BIT = 0x80;

    private RtpHeader() {}

    /** What is wrong with a packet that {@link #parse} refuses. */
    public enum Defect {
        /** Fewer than {@link #FIXED_LENGTH} bytes. */
        TOO_SHORT(-1),
        /** The version is not 2. */
        BAD_VERSION(-2),
        /** The CSRC list reaches beyond the packet. */
        CSRC_OVERRUN(-3),
        /** The header extension reaches beyond the packet. */
        EXTENSION_OVERRUN(-4),
        /** The padding count is larger than what follows the header. */
        PADDING_OVERRUN(-5);

        private static final Defect[] ALL = values();

        private final long code;

        Defect(long code) {
            this.code = code;
        }
    }

    /**
     * Checks one packet and finds its payload; CSRCs, extension and padding are taken off. A padding bit with a count of zero, which some
     * cameras send, means no padding.
     *
     * @param buf borrowed
     * @param offset absolute index of the packet
     * @param length bytes of the packet
     * @return the layout for {@link #payloadOffset} and {@link #payloadLength}, or a negative value for {@link #defect}
     */
    public static long parse(ByteBuf buf, int offset, int length) {
        if (length < FIXED_LENGTH) {
            return failure(Defect.TOO_SHORT);
        }
        int first = buf.getUnsignedByte(offset);
        if (first >>> 6 != VERSION) {
            return failure(Defect.BAD_VERSION);
        }
        int headerLength = FIXED_LENGTH + (first & 0x0f) * 4;
        if (headerLength > length) {
            return failure(Defect.CSRC_OVERRUN);
        }
        if ((first & EXTENSION_BIT) != 0) {
            if (headerLength + 4 > length) {
                return failure(Defect.EXTENSION_OVERRUN);
            }
            headerLength += 4 + buf.getUnsignedShort(offset + headerLength + 2) * 4;
            if (headerLength > length) {
                return failure(Defect.EXTENSION_OVERRUN);
            }
        }
        int payloadLength = length - headerLength;
        if ((first & PADDING_BIT) != 0) {
            // Without any payload there is no count either; the last byte would be one of the header.
            int padding = payloadLength == 0 ? 1 : buf.getUnsignedByte(offset + length - 1);
            if (padding > payloadLength) {
                return failure(Defect.PADDING_OVERRUN);
            }
            payloadLength -= padding;
        }
        return (long) headerLength << 32 | payloadLength;
    }

    private static long failure(Defect defect) {
        return defect.code;
    }

    /** Whether {@link #parse} found a packet that can be used. */
    public static boolean isValid(long layout) {
        return layout >= 0;
    }

    /** The reason behind a negative result of {@link #parse}. */
    public static Defect defect(long layout) {
        return Defect.ALL[(int) (-1L - layout)];
    }

    /** Bytes from the start of the packet to its payload, from the result of {@link #parse}. */
    public static int payloadOffset(long layout) {
        return (int) (layout >>> 32);
    }

    /** Bytes of payload without padding, from the result of {@link #parse}. */
    public static int payloadLength(long layout) {
        return (int) layout;
    }

    public static boolean hasPadding(ByteBuf buf, int offset) {
        return (buf.getByte(offset) & PADDING_BIT) != 0;
    }

    public static boolean hasExtension(ByteBuf buf, int offset) {
        return (buf.getByte(offset) & EXTENSION_BIT) != 0;
    }

    public static boolean marker(ByteBuf buf, int offset) {
        return (buf.getByte(offset + 1) & MARKER_BIT) != 0;
    }

    /** 0 to 127. */
    public static int payloadType(ByteBuf buf, int offset) {
        return buf.getByte(offset + 1) & 0x7f;
    }

    /** 0 to 65,535. */
    public static int sequenceNumber(ByteBuf buf, int offset) {
        return buf.getUnsignedShort(offset + 2);
    }

    /** 32 bits, clock-rate ticks. */
    public static int timestamp(ByteBuf buf, int offset) {
        return buf.getInt(offset + 4);
    }

    public static int ssrc(ByteBuf buf, int offset) {
        return buf.getInt(offset + 8);
    }

    public static void setMarker(ByteBuf buf, int offset, boolean marker) {
        buf.setByte(offset + 1, (marker ? MARKER_BIT : 0) | payloadType(buf, offset));
    }

    /**
     * Leaves the marker as it is.
     *
     * @param payloadType 0 to 127
     */
    public static void setPayloadType(ByteBuf buf, int offset, int payloadType) {
        buf.setByte(offset + 1, (buf.getByte(offset + 1) & MARKER_BIT) | (payloadType & 0x7f));
    }

    /** Uses the low 16 bits. */
    public static void setSequenceNumber(ByteBuf buf, int offset, int sequenceNumber) {
        buf.setShort(offset + 2, sequenceNumber);
    }

    public static void setTimestamp(ByteBuf buf, int offset, int timestamp) {
        buf.setInt(offset + 4, timestamp);
    }

    public static void setSsrc(ByteBuf buf, int offset, int ssrc) {
        buf.setInt(offset + 8, ssrc);
    }

    /**
     * Writes a header without CSRCs, extension and padding at an absolute index; {@link #FIXED_LENGTH} bytes must be writable there.
     *
     * @param payloadType 0 to 127
     * @param sequenceNumber low 16 bits are used
     * @param timestamp clock-rate ticks
     */
    public static void write(
            ByteBuf buf, int offset, boolean marker, int payloadType, int sequenceNumber, int timestamp, int ssrc) {
        buf.setByte(offset, VERSION << 6);
        buf.setByte(offset + 1, (marker ? MARKER_BIT : 0) | (payloadType & 0x7f));
        buf.setShort(offset + 2, sequenceNumber);
        buf.setInt(offset + 4, timestamp);
        buf.setInt(offset + 8, ssrc);
    }
}
