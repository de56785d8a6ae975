package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/** Cuts VP8 payloads (RFC 7741): each piece repeats the descriptor, only the first may start a partition. No state. */
final class Vp8Cutter implements Fragmenter.PayloadCutter {
    private static final int START = 0x10;

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        int descriptor = Vp8Scanner.descriptorLength(src, offset, length);
        if (descriptor < 0) {
            return false;
        }
        int first = src.getByte(offset);
        int from = offset + descriptor;
        int end = offset + length;
        int chunk = Fragmenter.evenChunk(end - from, 0, maxPayload - descriptor);
        for (int at = from; at < end; at += chunk) {
            if (out.isFull()) {
                return false;
            }
            ByteBuf piece = out.next().writeByte(at == from ? first : first & ~START);
            piece.writeBytes(src, offset + 1, descriptor - 1);
            out.finish(src, at, Math.min(chunk, end - at));
        }
        return true;
    }
}
