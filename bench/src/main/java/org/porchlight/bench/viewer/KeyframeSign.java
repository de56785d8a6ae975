package org.porchlight.bench.viewer;

import io.netty.buffer.ByteBuf;

/** Whether a packet shows that its frame is a keyframe. Looks at NAL unit types only. */
final class KeyframeSign {

    private KeyframeSign() {}

    /** RFC 6184: a slice of an IDR picture, alone, in a STAP-A or as FU-A. */
    static boolean ofH264(ByteBuf buf, int from, int to) {
        int type = buf.getByte(from) & 0x1f;
        if (type == 28 && from + 1 < to) {
            return (buf.getByte(from + 1) & 0x1f) == 5;
        }
        if (type != 24) {
            return type == 5;
        }
        for (int at = from + 1; at + 2 < to; at += 2 + buf.getUnsignedShort(at)) {
            if ((buf.getByte(at + 2) & 0x1f) == 5) {
                return true;
            }
        }
        return false;
    }

    /** RFC 7798: a slice of an IRAP picture (types 16 to 23), alone, in an AP or as FU. */
    static boolean ofH265(ByteBuf buf, int from, int to) {
        int type = (buf.getByte(from) >> 1) & 0x3f;
        if (type == 49 && from + 2 < to) {
            return isIrap(buf.getByte(from + 2) & 0x3f);
        }
        if (type != 48) {
            return isIrap(type);
        }
        for (int at = from + 2; at + 2 < to; at += 2 + buf.getUnsignedShort(at)) {
            if (isIrap((buf.getByte(at + 2) >> 1) & 0x3f)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIrap(int type) {
        return type >= 16 && type <= 23;
    }
}
