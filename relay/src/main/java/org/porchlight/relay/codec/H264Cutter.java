package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Cuts H.264 payloads (RFC 6184): single units into FU-A, FU-A into smaller ones, STAP-A into its units. The structures of interleaved mode
 * are left alone: no camera was seen to send them. No state.
 */
final class H264Cutter implements Fragmenter.PayloadCutter {
    private static final int STAP_A = 24;
    private static final int FU_A = 28;
    private static final int HEADER = 2;
    private static final int START = 0x80;
    private static final int END = 0x40;

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        int indicator = src.getUnsignedByte(offset);
        int type = indicator & 0x1f;
        int end = offset + length;
        if (type == STAP_A) {
            return aggregate(src, offset + 1, end, maxPayload, out);
        }
        if (type == FU_A) {
            int header = src.getByte(offset + 1);
            return fragments(src, offset + 2, end, indicator, header, maxPayload, out);
        }
        return type != 0 && type < STAP_A && unit(src, offset, end, maxPayload, out);
    }

    private static boolean aggregate(ByteBuf src, int from, int end, int maxPayload, Fragmenter.Pieces out) {
        int at = from;
        while (end - at >= 2) {
            int size = src.getUnsignedShort(at);
            at += 2;
            if (size == 0 || size > end - at) {
                return false;
            }
            boolean added =
                    size <= maxPayload ? out.addWhole(src, at, size) : unit(src, at, at + size, maxPayload, out);
            if (!added) {
                return false;
            }
            at += size;
        }
        return at == end;
    }

    private static boolean unit(ByteBuf src, int offset, int end, int maxPayload, Fragmenter.Pieces out) {
        int header = src.getUnsignedByte(offset);
        int indicator = (header & 0xe0) | FU_A;
        return fragments(src, offset + 1, end, indicator, START | END | (header & 0x1f), maxPayload, out);
    }

    /** The bytes of one unit or fragment; the first piece gets the S bit and the last the E bit, if {@code header} has them. */
    private static boolean fragments(
            ByteBuf src, int from, int end, int indicator, int header, int maxPayload, Fragmenter.Pieces out) {
        int chunk = Fragmenter.evenChunk(end - from, 0, maxPayload - HEADER);
        for (int at = from; at < end; at += chunk) {
            if (out.isFull()) {
                return false;
            }
            int size = Math.min(chunk, end - at);
            int flags = (at == from ? header & START : 0) | (at + size == end ? header & END : 0);
            out.next().writeByte(indicator).writeByte(flags | (header & 0x3f));
            out.finish(src, at, size);
        }
        return true;
    }
}
