package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/** Cuts AV1 payloads: each piece holds one OBU element or a part of one, so that none needs a length (W is 1). No state. */
final class Av1Cutter implements Fragmenter.PayloadCutter {
    private static final int CONTINUES = 0x80;
    private static final int WILL_CONTINUE = 0x40;
    private static final int ONE_ELEMENT = 0x10;
    private static final int NEW_SEQUENCE = 0x08;

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        int header = src.getByte(offset);
        int count = (header >> 4) & 3;
        int end = offset + length;
        int at = offset + 1;
        int pending = header & (CONTINUES | NEW_SEQUENCE);
        for (int i = 0; at < end; i++) {
            int size = end - at;
            if (count == 0 || i < count - 1) {
                long number = Av1Obu.leb128(src, at, end);
                at += (int) number;
                size = (int) (number >>> 32);
                if (number < 0 || size > end - at) {
                    return false;
                }
            }
            int last = at + size == end ? header & WILL_CONTINUE : 0;
            if (size > 0) {
                if (!element(src, at, at + size, pending, last, maxPayload, out)) {
                    return false;
                }
                pending = 0;
            }
            at += size;
        }
        return true;
    }

    private static boolean element(
            ByteBuf src, int from, int end, int first, int last, int maxPayload, Fragmenter.Pieces out) {
        int chunk = Fragmenter.evenChunk(end - from, 0, maxPayload - 1);
        for (int at = from; at < end; at += chunk) {
            if (out.isFull()) {
                return false;
            }
            int size = Math.min(chunk, end - at);
            int before = at == from ? first : CONTINUES;
            int after = at + size == end ? last : WILL_CONTINUE;
            out.next().writeByte(ONE_ELEMENT | before | after);
            out.finish(src, at, size);
        }
        return true;
    }
}
