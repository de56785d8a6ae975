package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/** The pieces of AV1's syntax that RTP shows: OBU headers and leb128 numbers (AV1 specification sections 5.3.2 and 4.10.5). */
final class Av1Obu {
    static final int SEQUENCE_HEADER = 1;
    static final int TEMPORAL_DELIMITER = 2;
    static final int FRAME_HEADER = 3;
    static final int TILE_GROUP = 4;
    static final int METADATA = 5;
    static final int FRAME = 6;
    static final int REDUNDANT_FRAME_HEADER = 7;
    static final int TILE_LIST = 8;
    static final int PADDING = 15;

    private static final int MAX_LEB128_BYTES = 8;

    private Av1Obu() {}

    static int type(int header) {
        return (header >> 3) & 0x0f;
    }

    static boolean hasExtension(int header) {
        return (header & 0x04) != 0;
    }

    static boolean hasSize(int header) {
        return (header & 0x02) != 0;
    }

    /**
     * Reads a leb128 number.
     *
     * @return the number in the upper 32 bits and its length in bytes in the lower; negative: it reaches beyond the end or 31 bits
     */
    static long leb128(ByteBuf buf, int at, int end) {
        long value = 0;
        for (int i = 0; i < MAX_LEB128_BYTES && at + i < end; i++) {
            int b = buf.getByte(at + i);
            value |= (b & 0x7fL) << (7 * i);
            if (b >= 0) {
                return value > Integer.MAX_VALUE ? -1 : (value << 32) | (i + 1);
            }
        }
        return -1;
    }

    /** Bytes of a leb128 number written in the shortest way. */
    static int leb128Length(int value) {
        int length = 1;
        for (int rest = value >>> 7; rest > 0; rest >>>= 7) {
            length++;
        }
        return length;
    }
}
