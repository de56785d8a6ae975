package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Cuts VP9 payloads (RFC 9628): each piece repeats the descriptor; B and the scalability structure stay with the first, E with the last.
 * Owner: one loop.
 */
final class Vp9Cutter implements Fragmenter.PayloadCutter {
    private static final int BEGINS = 0x08;
    private static final int ENDS = 0x04;
    private static final int HAS_STRUCTURE = 0x02;

    private final Vp9Descriptor descriptor = new Vp9Descriptor();

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        boolean readable = descriptor.read(src, offset, length);
        // A structure of very many pictures could leave no room for data.
        if (!readable || descriptor.length > maxPayload / 2) {
            return false;
        }
        int flags = src.getByte(offset);
        int from = offset + descriptor.length;
        int end = offset + length;
        int structure = descriptor.length - descriptor.structureAt;
        int chunk = Fragmenter.evenChunk(end - from, structure, maxPayload - descriptor.structureAt);
        int at = from;
        while (at < end) {
            if (out.isFull()) {
                return false;
            }
            boolean first = at == from;
            int header = first ? descriptor.length : descriptor.structureAt;
            int size = Math.min(first ? chunk - structure : chunk, end - at);
            int pieceFlags = first ? flags : flags & ~(BEGINS | HAS_STRUCTURE);
            ByteBuf piece = out.next().writeByte(at + size == end ? pieceFlags : pieceFlags & ~ENDS);
            piece.writeBytes(src, offset + 1, header - 1);
            out.finish(src, at, size);
            at += size;
        }
        return true;
    }
}
