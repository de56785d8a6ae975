package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * The VP9 payload descriptor (RFC 9628 section 4.2), read anew for each packet into the same object. Owner: whoever holds it.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * |I|P|L|F|B|E|V|Z|
 * |M| PictureID   |  with I; 15 bits with M
 * | TID |U| SID |D|  with L
 * |   TL0PICIDX   |  with L, without F
 * | P_DIFF      |N|  with F and P; up to three
 * | scalability structure, with V
 * </pre>
 */
final class Vp9Descriptor {
    private static final int MAX_REFERENCES = 3;

    /** Bytes of the whole descriptor. */
    int length;
    /** Where the scalability structure begins, as bytes from the start; {@link #length} when there is none. */
    int structureAt;

    boolean interPredicted;
    boolean hasLayers;
    boolean begins;
    boolean ends;
    int temporalId;
    int spatialId;
    /** Of the highest spatial layer that the scalability structure tells; 0: not told. */
    int width;

    int height;

    /** Reads a descriptor; false: it reaches beyond the payload. */
    boolean read(ByteBuf buf, int offset, int payloadLength) {
        int end = offset + payloadLength;
        if (payloadLength < 1) {
            return false;
        }
        int flags = buf.getByte(offset);
        int at = offset + 1;
        interPredicted = (flags & 0x40) != 0;
        hasLayers = (flags & 0x20) != 0;
        boolean flexible = (flags & 0x10) != 0;
        begins = (flags & 0x08) != 0;
        ends = (flags & 0x04) != 0;
        temporalId = 0;
        spatialId = 0;
        width = 0;
        height = 0;
        if ((flags & 0x80) != 0) {
            at += at < end && buf.getByte(at) < 0 ? 2 : 1;
        }
        if (hasLayers) {
            if (at >= end) {
                return false;
            }
            int layers = buf.getByte(at);
            temporalId = (layers >> 5) & 7;
            spatialId = (layers >> 1) & 7;
            at += flexible ? 1 : 2;
        }
        if (flexible && interPredicted) {
            at = references(buf, at, end);
        }
        if (at > end) {
            return false;
        }
        structureAt = at - offset;
        if ((flags & 0x02) != 0) {
            at = structure(buf, at, end);
        }
        length = at - offset;
        return at <= end;
    }

    private static int references(ByteBuf buf, int from, int end) {
        int at = from;
        for (int i = 0; i < MAX_REFERENCES; i++) {
            if (at >= end) {
                return end + 1;
            }
            if ((buf.getByte(at++) & 1) == 0) {
                break;
            }
        }
        return at;
    }

    /** {@code |N_S |Y|G|RSV|}, with Y sizes of each layer, with G the picture group. */
    private int structure(ByteBuf buf, int from, int end) {
        if (from >= end) {
            return end + 1;
        }
        int flags = buf.getByte(from);
        int at = from + 1;
        int layers = ((flags >> 5) & 7) + 1;
        if ((flags & 0x10) != 0) {
            int last = at + (layers - 1) * 4;
            if (last + 4 > end) {
                return end + 1;
            }
            width = buf.getUnsignedShort(last);
            height = buf.getUnsignedShort(last + 2);
            at = last + 4;
        }
        if ((flags & 0x08) != 0) {
            if (at >= end) {
                return end + 1;
            }
            int pictures = buf.getUnsignedByte(at++);
            for (int i = 0; i < pictures; i++) {
                if (at >= end) {
                    return end + 1;
                }
                at += 1 + ((buf.getByte(at) >> 2) & 3);
            }
        }
        return at;
    }
}
