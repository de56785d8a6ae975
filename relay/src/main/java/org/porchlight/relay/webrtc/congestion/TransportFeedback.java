package org.porchlight.relay.webrtc.congestion;

import io.netty.buffer.ByteBuf;

/**
 * Reads transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), from the base sequence number on.
 *
 * <pre>
 * |      base sequence number     |      packet status count      |
 * |                 reference time                | fb pkt. count |
 * |          packet chunk         |         packet chunk          |
 * |         recv delta, 1 or 2 bytes for each received packet     |
 * </pre>
 */
final class TransportFeedback {
    /** Most packets that one feedback may be about; a second of any stream we send is less. */
    static final int MAX_PACKETS = 8_192;

    private static final int HEADER = 8;
    private static final int VECTOR_BIT = 0x8000;
    private static final int TWO_BIT_SYMBOLS = 0x4000;
    private static final int DELTA_MICROS = 250;
    private static final int REFERENCE_MICROS = 64_000;

    private static final int NOT_RECEIVED = 0;
    private static final int SMALL_DELTA = 1;
    private static final int LARGE_DELTA = 2;

    private TransportFeedback() {}

    /** What {@link #read} makes of the bytes. */
    enum Result {
        OK,
        /** A length or symbol is wrong; nothing was told. */
        MALFORMED
    }

    /** Is told of each packet, in the order of sequence numbers. */
    interface Sink {
        /**
         * One packet.
         *
         * @param sequenceNumber 16 bits, transport-wide
         * @param received false: not yet, and {@code arrivalMicros} has no meaning
         * @param arrivalMicros by the receiver's clock since some beginning; wraps after 12 days, see {@link #WRAP_MICROS}
         */
        void onPacket(int sequenceNumber, boolean received, long arrivalMicros);
    }

    /** Where the receiver's clock starts anew. */
    static final long WRAP_MICROS = (1L << 24) * REFERENCE_MICROS;

    /**
     * Checks all lengths, then tells of every packet.
     *
     * @param buf borrowed; the base sequence number stands at {@code offset}
     */
    static Result read(ByteBuf buf, int offset, int length, Sink sink) {
        if (length < HEADER) {
            return Result.MALFORMED;
        }
        int count = buf.getUnsignedShort(offset + 2);
        int deltaBytes = 0;
        int chunkEnd = offset + HEADER;
        for (int packets = 0; packets < count; chunkEnd += 2) {
            if (count > MAX_PACKETS || chunkEnd + 2 > offset + length) {
                return Result.MALFORMED;
            }
            int chunk = buf.getUnsignedShort(chunkEnd);
            int symbols = Math.min(symbols(chunk), count - packets);
            for (int i = 0; i < symbols; i++) {
                int symbol = symbol(chunk, i);
                if (symbol > LARGE_DELTA) {
                    return Result.MALFORMED;
                }
                deltaBytes += symbol;
            }
            if (symbols == 0) {
                return Result.MALFORMED;
            }
            packets += symbols;
        }
        if (chunkEnd + deltaBytes > offset + length) {
            return Result.MALFORMED;
        }
        tell(buf, offset, count, chunkEnd, sink);
        return Result.OK;
    }

    private static void tell(ByteBuf buf, int offset, int count, int deltasAt, Sink sink) {
        int sequenceNumber = buf.getUnsignedShort(offset);
        long arrivalMicros = (long) buf.getUnsignedMedium(offset + 4) * REFERENCE_MICROS;
        int deltaAt = deltasAt;
        int chunkAt = offset + HEADER;
        for (int packets = 0; packets < count; chunkAt += 2) {
            int chunk = buf.getUnsignedShort(chunkAt);
            int symbols = Math.min(symbols(chunk), count - packets);
            for (int i = 0; i < symbols; i++) {
                int symbol = symbol(chunk, i);
                if (symbol != NOT_RECEIVED) {
                    int delta = symbol == SMALL_DELTA ? buf.getUnsignedByte(deltaAt) : buf.getShort(deltaAt);
                    arrivalMicros += (long) delta * DELTA_MICROS;
                    deltaAt += symbol;
                }
                sink.onPacket((sequenceNumber + packets + i) & 0xffff, symbol != NOT_RECEIVED, arrivalMicros);
            }
            packets += symbols;
        }
    }

    /** Packets that a chunk is about: a run of up to 8,191, or 14 of one bit, or 7 of two. */
    private static int symbols(int chunk) {
        if ((chunk & VECTOR_BIT) == 0) {
            return chunk & 0x1fff;
        }
        return (chunk & TWO_BIT_SYMBOLS) == 0 ? 14 : 7;
    }

    /** Also the bytes of the packet's delta. */
    private static int symbol(int chunk, int i) {
        if ((chunk & VECTOR_BIT) == 0) {
            return (chunk >>> 13) & 0x3;
        }
        return (chunk & TWO_BIT_SYMBOLS) == 0 ? (chunk >>> (13 - i)) & 0x1 : (chunk >>> (12 - 2 * i)) & 0x3;
    }
}
