package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Cuts H.265 payloads (RFC 7798): single units into fragmentation units, those into smaller ones, aggregates into their units, with decoding
 * order numbers where the track has them. PACI is left alone. No state.
 */
final class H265Cutter implements Fragmenter.PayloadCutter {
    private static final int AGGREGATION = 48;
    private static final int FRAGMENTATION = 49;
    private static final int HEADER = 2;
    private static final int START = 0x80;
    private static final int END = 0x40;
    private static final int NO_ORDER_NUMBER = -1;

    private final boolean orderNumbers;

    H265Cutter(boolean orderNumbers) {
        this.orderNumbers = orderNumbers;
    }

    @Override
    public boolean cut(ByteBuf src, int offset, int length, int maxPayload, Fragmenter.Pieces out) {
        int header = src.getUnsignedShort(offset);
        int type = (header >>> 9) & 0x3f;
        int at = offset + HEADER;
        int end = offset + length;
        if (type == AGGREGATION) {
            return aggregate(src, at, end, maxPayload, out);
        }
        if (type > FRAGMENTATION) {
            return false;
        }
        int fragmentHeader = START | END | type;
        if (type == FRAGMENTATION) {
            fragmentHeader = src.getUnsignedByte(at++);
        }
        int orderNumber = NO_ORDER_NUMBER;
        if (orderNumbers && (fragmentHeader & START) != 0) {
            orderNumber = src.getUnsignedShort(at);
            at += 2;
        }
        return fragments(src, at, end, header, fragmentHeader, orderNumber, maxPayload, out);
    }

    private boolean aggregate(ByteBuf src, int from, int end, int maxPayload, Fragmenter.Pieces out) {
        int at = from;
        int orderNumber = NO_ORDER_NUMBER;
        while (at < end) {
            if (orderNumbers) {
                if (end - at < 2) {
                    return false;
                }
                boolean first = orderNumber == NO_ORDER_NUMBER;
                orderNumber = first ? src.getUnsignedShort(at) : (orderNumber + src.getUnsignedByte(at) + 1) & 0xffff;
                at += first ? 2 : 1;
            }
            if (end - at < 2) {
                return false;
            }
            int size = src.getUnsignedShort(at);
            at += 2;
            if (size < HEADER || size > end - at || !unit(src, at, at + size, orderNumber, maxPayload, out)) {
                return false;
            }
            at += size;
        }
        return true;
    }

    private boolean unit(ByteBuf src, int offset, int end, int orderNumber, int maxPayload, Fragmenter.Pieces out) {
        int header = src.getUnsignedShort(offset);
        int extra = orderNumbers ? 2 : 0;
        if (end - offset + extra > maxPayload) {
            int fragmentHeader = START | END | ((header >>> 9) & 0x3f);
            return fragments(src, offset + HEADER, end, header, fragmentHeader, orderNumber, maxPayload, out);
        }
        if (out.isFull()) {
            return false;
        }
        ByteBuf piece = out.next().writeShort(header);
        if (orderNumbers) {
            piece.writeShort(orderNumber);
        }
        out.finish(src, offset + HEADER, end - offset - HEADER);
        return true;
    }

    private static boolean fragments(
            ByteBuf src,
            int from,
            int end,
            int header,
            int fragmentHeader,
            int orderNumber,
            int maxPayload,
            Fragmenter.Pieces out) {
        int payloadHeader = (header & 0x81ff) | (FRAGMENTATION << 9);
        int number = orderNumber == NO_ORDER_NUMBER ? 0 : 2;
        int chunk = Fragmenter.evenChunk(end - from, number, maxPayload - HEADER - 1);
        int at = from;
        while (at < end) {
            if (out.isFull()) {
                return false;
            }
            boolean numbered = at == from && number > 0;
            int size = Math.min(numbered ? chunk - number : chunk, end - at);
            int flags = (at == from ? fragmentHeader & START : 0) | (at + size == end ? fragmentHeader & END : 0);
            ByteBuf piece = out.next().writeShort(payloadHeader).writeByte(flags | (fragmentHeader & 0x3f));
            if (numbered) {
                piece.writeShort(orderNumber);
            }
            out.finish(src, at, size);
            at += size;
        }
        return true;
    }
}
