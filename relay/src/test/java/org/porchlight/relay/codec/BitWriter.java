package org.porchlight.relay.codec;

import java.io.ByteArrayOutputStream;

/** Writes bit strings for tests; the other half of {@link BitReader}. */
final class BitWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int current;
    private int used;

    BitWriter bits(long value, int count) {
        for (int i = count - 1; i >= 0; i--) {
            current = (current << 1) | (int) ((value >>> i) & 1);
            if (++used == 8) {
                out.write(current);
                current = 0;
                used = 0;
            }
        }
        return this;
    }

    BitWriter flag(boolean value) {
        return bits(value ? 1 : 0, 1);
    }

    BitWriter unsignedGolomb(int value) {
        long code = value + 1L;
        int length = 64 - Long.numberOfLeadingZeros(code);
        return bits(0, length - 1).bits(code, length);
    }

    BitWriter signedGolomb(int value) {
        return unsignedGolomb(value > 0 ? 2 * value - 1 : -2 * value);
    }

    /** The bytes with a stop bit and zeros up to the next byte. */
    byte[] withStopBit() {
        bits(1, 1);
        while (used != 0) {
            bits(0, 1);
        }
        return out.toByteArray();
    }

    /** A NAL unit: the header, then the bytes with emulation prevention. */
    static byte[] nal(byte[] header, byte[] rbsp) {
        ByteArrayOutputStream nal = new ByteArrayOutputStream();
        nal.writeBytes(header);
        int zeros = 0;
        for (byte b : rbsp) {
            if (zeros >= 2 && (b & 0xff) <= 3) {
                nal.write(3);
                zeros = 0;
            }
            nal.write(b);
            zeros = b == 0 ? zeros + 1 : 0;
        }
        return nal.toByteArray();
    }
}
