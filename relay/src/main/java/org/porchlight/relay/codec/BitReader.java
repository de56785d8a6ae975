package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Reads bit fields and Exp-Golomb codes (ITU-T H.264 section 9.1) from a range of a buffer, on demand without the emulation prevention bytes
 * (7.4.1). Reading beyond the end gives zeros and sets {@link #isExhausted}: check it once after reading. Reused; owner: the loop of
 * the track's source, or the caller.
 */
final class BitReader {
    /** A longer row of zeros is no code of any syntax element here. */
    private static final int MAX_LEADING_ZEROS = 31;

    private ByteBuf buf = Unpooled.EMPTY_BUFFER;
    private int at;
    private int end;
    private boolean escaped;
    private int zeros;
    private int current;
    private int bitsLeft;
    private boolean exhausted;

    /** Begins at a byte of an H.264 or H.265 NAL unit; emulation prevention bytes are skipped. Borrows the buffer until {@link #clear}. */
    void resetToNal(ByteBuf source, int from, int to) {
        reset(source, from, to);
        escaped = true;
    }

    /** Begins at a byte of a plain bit string. Borrows the buffer until {@link #clear}. */
    void reset(ByteBuf source, int from, int to) {
        buf = source;
        at = from;
        end = to;
        escaped = false;
        zeros = 0;
        bitsLeft = 0;
        exhausted = false;
    }

    /** Lets go of the buffer. */
    void clear() {
        reset(Unpooled.EMPTY_BUFFER, 0, 0);
    }

    boolean isExhausted() {
        return exhausted;
    }

    boolean flag() {
        return bits(1) != 0;
    }

    /**
     * An unsigned number.
     *
     * @param count 0 to 32; of 32 bits the result is to be read as unsigned
     */
    int bits(int count) {
        int value = 0;
        int wanted = count;
        while (wanted > 0) {
            if (bitsLeft == 0 && !load()) {
                return 0;
            }
            int taken = Math.min(wanted, bitsLeft);
            bitsLeft -= taken;
            value = (value << taken) | ((current >>> bitsLeft) & ((1 << taken) - 1));
            wanted -= taken;
        }
        return value;
    }

    void skip(int count) {
        int left = count;
        while (left > 0 && !exhausted) {
            int step = Math.min(left, bitsLeft > 0 ? bitsLeft : 8);
            if (bitsLeft == 0 && !load()) {
                return;
            }
            bitsLeft -= step;
            left -= step;
        }
    }

    /** Whole bytes that were not looked at, those of emulation prevention among them. */
    int bytesLeft() {
        return end - at;
    }

    /** ue(v), 0 to 2^31 - 1; larger ones count as reading beyond the end. */
    int unsignedGolomb() {
        int leadingZeros = 0;
        while (!flag()) {
            if (exhausted || ++leadingZeros >= MAX_LEADING_ZEROS) {
                exhausted = true;
                return 0;
            }
        }
        return (1 << leadingZeros) - 1 + bits(leadingZeros);
    }

    /** se(v). */
    int signedGolomb() {
        int code = unsignedGolomb();
        return (code & 1) == 1 ? (code >>> 1) + 1 : -(code >>> 1);
    }

    private boolean load() {
        if (escaped && zeros >= 2 && at < end && buf.getByte(at) == 3) {
            at++;
            zeros = 0;
        }
        if (at >= end) {
            exhausted = true;
            return false;
        }
        current = buf.getUnsignedByte(at++);
        zeros = current == 0 ? zeros + 1 : 0;
        bitsLeft = 8;
        return true;
    }
}
