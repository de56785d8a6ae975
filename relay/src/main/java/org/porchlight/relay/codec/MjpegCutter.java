package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Cuts JPEG payloads (RFC 2435) by their fragment offset; quantization tables stay with the first piece. Payloads that name single restart
 * intervals are left alone: cut anywhere, their numbers would be wrong. No state.
 */
final class MjpegCutter implements Fragmenter.PayloadCutter {
    private static final int MAX_OFFSET = 0xffffff;
    /** F, L and a count of all ones: restart markers are in use, intervals are not told (section 3.1.7). */
    private static final int WHOLE_FRAME = 0xffff;

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        int headers = MjpegScanner.headerLength(src, offset, length);
        if (headers < 0 || headers >= maxPayload) {
            return false;
        }
        boolean restart = MjpegScanner.hasRestartHeader(src.getUnsignedByte(offset + 4));
        if (restart && src.getUnsignedShort(offset + MjpegScanner.MAIN_HEADER + 2) != WHOLE_FRAME) {
            return false;
        }
        int repeated = MjpegScanner.MAIN_HEADER + (restart ? MjpegScanner.RESTART_HEADER : 0);
        int fragmentOffset = src.getUnsignedMedium(offset + 1);
        int from = offset + headers;
        int end = offset + length;
        int tables = headers - repeated;
        int chunk = Fragmenter.evenChunk(end - from, tables, maxPayload - repeated);
        int at = from;
        while (at < end) {
            int pieceOffset = fragmentOffset + at - from;
            if (out.isFull() || pieceOffset > MAX_OFFSET) {
                return false;
            }
            boolean first = at == from;
            int header = first ? headers : repeated;
            int size = Math.min(first ? chunk - tables : chunk, end - at);
            ByteBuf piece = out.next().writeByte(src.getByte(offset)).writeMedium(pieceOffset);
            piece.writeBytes(src, offset + 4, header - 4);
            out.finish(src, at, size);
            at += size;
        }
        return true;
    }
}
