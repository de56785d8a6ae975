package org.porchlight.relay.webrtc.ice;

import io.netty.buffer.ByteBuf;

/**
 * The framing of ICE over TCP (RFC 4571 section 2; RFC 6544 section 3): every STUN, DTLS, RTP and RTCP packet behind its length in 16 bits.
 * No state: the adapter keeps the bytes that {@link #next} asks for and no more than {@link #HEADER_LENGTH} and the largest frame it
 * allows.
 */
public final class TcpFraming {
    /** Bytes in front of each packet. */
    public static final int HEADER_LENGTH = 2;
    /** The frame is not complete. */
    public static final int NEED_MORE = -1;
    /** The frame is longer than allowed: the connection speaks something else and must be closed. */
    public static final int TOO_LONG = -2;

    private TcpFraming() {}

    /**
     * Looks for a complete frame at the reader index. When there is one, the reader index moves to its first byte; the caller takes as
     * many bytes as told and calls again. An empty frame (0) is allowed by the RFC and means nothing.
     *
     * @param in borrowed
     * @param maxLength longest packet taken
     * @return bytes of the packet, {@link #NEED_MORE} or {@link #TOO_LONG}; in both cases the reader index stays
     */
    public static int next(ByteBuf in, int maxLength) {
        int readable = in.readableBytes();
        if (readable < HEADER_LENGTH) {
            return NEED_MORE;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (length > maxLength) {
            return TOO_LONG;
        }
        if (readable - HEADER_LENGTH < length) {
            return NEED_MORE;
        }
        in.skipBytes(HEADER_LENGTH);
        return length;
    }

    /**
     * Writes the length in front of a packet.
     *
     * @param length bytes of the packet, 0 to 65,535
     * @throws IllegalArgumentException when the length does not fit
     */
    public static void writeHeader(ByteBuf out, int length) {
        if (length < 0 || length > 0xFFFF) {
            throw new IllegalArgumentException("a frame of " + length + " bytes has no length in 16 bits");
        }
        out.writeShort(length);
    }
}
