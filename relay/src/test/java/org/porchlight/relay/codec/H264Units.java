package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** H.264 NAL units made bit by bit, and RTP payloads of them. */
final class H264Units {
    static final int P = 0;
    static final int B = 1;
    static final int I = 2;
    static final int ALL_P = 5;
    static final int ALL_I = 7;

    private H264Units() {}

    /** SPS, High profile level 4.1, of so many macroblocks, cropped from 1088 to 1080 lines where that fits. */
    static byte[] sps(int id, int widthInMacroblocks, int heightInMacroblocks) {
        BitWriter bits = new BitWriter()
                .bits(100, 8)
                .bits(0, 8)
                .bits(41, 8)
                .unsignedGolomb(id)
                .unsignedGolomb(1)
                .unsignedGolomb(0)
                .unsignedGolomb(0)
                .flag(false)
                .flag(false);
        bits.unsignedGolomb(0)
                .unsignedGolomb(0)
                .unsignedGolomb(4)
                .unsignedGolomb(1)
                .flag(false);
        bits.unsignedGolomb(widthInMacroblocks - 1).unsignedGolomb(heightInMacroblocks - 1);
        bits.flag(true).flag(true);
        boolean crop = heightInMacroblocks == 68;
        bits.flag(crop);
        if (crop) {
            bits.unsignedGolomb(0).unsignedGolomb(0).unsignedGolomb(0).unsignedGolomb(4);
        }
        // VUI: timing 25 frames per second and bitstream restriction without reordering.
        bits.flag(true).flag(false).flag(false).flag(false).flag(false);
        bits.flag(true).bits(1, 32).bits(50, 32).flag(true);
        bits.flag(false).flag(false).flag(false);
        bits.flag(true)
                .flag(true)
                .unsignedGolomb(0)
                .unsignedGolomb(0)
                .unsignedGolomb(9)
                .unsignedGolomb(9);
        bits.unsignedGolomb(0).unsignedGolomb(4);
        return BitWriter.nal(new byte[] {0x67}, bits.withStopBit());
    }

    static byte[] pps(int id) {
        byte[] rbsp = new BitWriter()
                .unsignedGolomb(id)
                .unsignedGolomb(0)
                .bits(0b0011, 4)
                .withStopBit();
        return BitWriter.nal(new byte[] {0x68}, rbsp);
    }

    static byte[] slice(int header, int firstMacroblock, int sliceType, int size) {
        BitWriter bits = new BitWriter()
                .unsignedGolomb(firstMacroblock)
                .unsignedGolomb(sliceType)
                .unsignedGolomb(0);
        for (int i = 0; i < size; i++) {
            bits.bits(0x55 + i % 100, 8);
        }
        return BitWriter.nal(new byte[] {(byte) header}, bits.withStopBit());
    }

    static byte[] idr(int size) {
        return slice(0x65, 0, ALL_I, size);
    }

    static byte[] inter(int size) {
        return slice(0x41, 0, ALL_P, size);
    }

    static byte[] recoveryPoint(int frames) {
        byte[] payload = new BitWriter().unsignedGolomb(frames).bits(0b1000, 4).withStopBit();
        BitWriter sei = new BitWriter()
                .bits(5, 8)
                .bits(2, 8)
                .bits(0xabcd, 16)
                .bits(6, 8)
                .bits(payload.length, 8);
        for (byte b : payload) {
            sei.bits(b, 8);
        }
        return BitWriter.nal(new byte[] {0x06}, sei.withStopBit());
    }

    static byte[] stapA(byte[]... units) {
        ByteBuf out = Unpooled.buffer().writeByte(0x78);
        for (byte[] unit : units) {
            out.writeShort(unit.length).writeBytes(unit);
        }
        return bytes(out);
    }

    /** FU-A payloads of one unit, each of at most so many bytes of it. */
    static byte[][] fuA(byte[] unit, int chunk) {
        int count = (unit.length - 1 + chunk - 1) / chunk;
        byte[][] fragments = new byte[count][];
        for (int i = 0; i < count; i++) {
            int from = 1 + i * chunk;
            int length = Math.min(chunk, unit.length - from);
            int flags = (i == 0 ? 0x80 : 0) | (i == count - 1 ? 0x40 : 0);
            fragments[i] = bytes(Unpooled.buffer()
                    .writeByte((unit[0] & 0xe0) | 28)
                    .writeByte(flags | (unit[0] & 0x1f))
                    .writeBytes(unit, from, length));
        }
        return fragments;
    }

    static byte[] bytes(ByteBuf buf) {
        byte[] bytes = new byte[buf.readableBytes()];
        buf.readBytes(bytes);
        return bytes;
    }
}
