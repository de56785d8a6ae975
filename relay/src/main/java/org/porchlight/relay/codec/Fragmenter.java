package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/**
 * Cuts an RTP payload that is larger than a datagram may be into payloads that fit, as its format allows: H.264 and H.265 into fragmentation
 * units, aggregates first into their units; AV1 by element; VP8, VP9 and JPEG by their descriptors. The media bytes stay as they were. Owner:
 * one loop; reused for all packets of a track.
 *
 * <p>The pieces of one unit have equal length, the last one alone may be shorter, so that one segmented send (UDP GSO) can carry a run of
 * them. Sequence numbers, timestamps and the marker (on the last piece only, where the packet had it) are the caller's, who writes
 * them into the room left in front of each piece.
 */
public final class Fragmenter {
    /** The smallest payload that may be asked for. */
    public static final int MIN_PAYLOAD_BYTES = 128;
    /** A payload that would need more pieces is not cut. */
    public static final int MAX_PIECES = 1024;

    private final PayloadCutter cutter;
    private final Pieces pieces = new Pieces();

    /**
     * A fragmenter for the packets of one track.
     *
     * @param format of the track; its fmtp tells whether H.265 payloads carry order numbers
     */
    public Fragmenter(TrackFormat format) {
        cutter = switch (format.codec()) {
            case H264 -> new H264Cutter();
            case H265 -> new H265Cutter(H265Scanner.announcesOrderNumbers(FormatParameters.parse(format.fmtp())));
            case AV1 -> new Av1Cutter();
            case VP8 -> new Vp8Cutter();
            case VP9 -> new Vp9Cutter();
            case MJPEG -> new MjpegCutter();
            case AAC, OPUS, PCMU, PCMA, G722, LPCM, ONVIF_METADATA, OPAQUE ->
                (buf, offset, length, maxPayload, out) -> false;
        };
    }

    /**
     * Cuts one payload. When it cannot be cut, because its format has no way or it is damaged, nothing is written and IP fragmentation is what
     * is left.
     *
     * @param src borrowed; the payload at {@code [offset, offset + length)}
     * @param maxPayload bytes of each piece at most, at least {@link #MIN_PAYLOAD_BYTES}
     * @param headroom bytes left free before each piece, for headers
     * @param out borrowed; written to at its writer index and grown if need be, to less than {@code length} plus pieces times
     *     {@code headroom} and a descriptor
     * @return how many pieces were written; 0: it cannot be cut
     */
    public int cut(ByteBuf src, int offset, int length, int maxPayload, int headroom, ByteBuf out) {
        if (maxPayload < MIN_PAYLOAD_BYTES || headroom < 0) {
            throw new IllegalArgumentException("pieces of " + maxPayload + " bytes with " + headroom + " before each");
        }
        int start = out.writerIndex();
        pieces.begin(out, headroom);
        boolean cut = length <= maxPayload
                ? pieces.addWhole(src, offset, length)
                : cutter.cut(src, offset, length, maxPayload, pieces);
        pieces.end();
        if (cut && pieces.count > 0) {
            return pieces.count;
        }
        out.writerIndex(start);
        pieces.count = 0;
        return 0;
    }

    /** Index in {@code out} of the first byte of a piece, behind its headroom. */
    public int pieceOffset(int piece) {
        return pieces.offsets[piece];
    }

    /** Bytes of a piece. */
    public int pieceLength(int piece) {
        return pieces.lengths[piece];
    }

    /** How one format is cut. */
    interface PayloadCutter {
        /** Adds the pieces; false: it cannot be done, whatever was added does not count. */
        boolean cut(ByteBuf src, int offset, int length, int maxPayload, Pieces out);
    }

    /** The pieces made so far of one payload. */
    static final class Pieces {
        private final int[] offsets = new int[MAX_PIECES];
        private final int[] lengths = new int[MAX_PIECES];
        private int count;
        private int headroom;
        private ByteBuf out = io.netty.buffer.Unpooled.EMPTY_BUFFER;

        private void begin(ByteBuf target, int room) {
            out = target;
            headroom = room;
            count = 0;
        }

        private void end() {
            out = io.netty.buffer.Unpooled.EMPTY_BUFFER;
        }

        /** Begins a piece: its headers are written to the buffer returned; then {@link #finish}. Null-free: check {@link #isFull} first. */
        ByteBuf next() {
            out.writeZero(headroom);
            offsets[count] = out.writerIndex();
            return out;
        }

        boolean isFull() {
            return count == MAX_PIECES;
        }

        /** Ends the piece begun by {@link #next} with bytes of the payload. */
        void finish(ByteBuf src, int index, int length) {
            out.writeBytes(src, index, length);
            lengths[count] = out.writerIndex() - offsets[count];
            count++;
        }

        boolean addWhole(ByteBuf src, int offset, int length) {
            if (isFull()) {
                return false;
            }
            next();
            finish(src, offset, length);
            return true;
        }
    }
}
