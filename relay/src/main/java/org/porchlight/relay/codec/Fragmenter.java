package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Cuts an RTP payload that is larger than a datagram may be into payloads that fit, as its format allows: H.264 and H.265 into fragmentation
 * units, aggregates first into their units; AV1 by element; VP8, VP9 and JPEG by their descriptors. The media bytes stay as they were. Owner:
 * one loop; reused for all packets of a track.
 *
 * <p>A unit is cut into as few pieces as possible, all of the same length but for the last one, which lacks a byte or so for each of the others: one
 * segmented send (UDP GSO) can carry a run of them, and often goes on with the next packet. Sequence numbers, timestamps and the marker (on the last piece only, where the packet had it) are the caller's, who writes
 * them into the room left in front of each piece.
 */
public final class Fragmenter {
    /** The smallest payload that may be asked for. */
    public static final int MIN_PAYLOAD_BYTES = 128;
    /** A payload that would need more pieces is not cut. */
    public static final int MAX_PIECES = 1024;

    private final PayloadCutter cutter;
    private final Pieces pieces = new Pieces();
    /** Headers of pieces that are only measured. */
    private final ByteBuf headers = Unpooled.buffer(64);

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
        pieces.begin(out, headroom, true);
        int count = run(src, offset, length, maxPayload);
        if (count == 0) {
            out.writerIndex(start);
        }
        return count;
    }

    /**
     * Tells what {@link #cut} would do, and copies no media. {@link #pieceLength} tells the pieces' lengths, {@link #pieceOffset} nothing.
     *
     * @param src borrowed; the payload at {@code [offset, offset + length)}
     * @param maxPayload bytes of each piece at most, at least {@link #MIN_PAYLOAD_BYTES}
     * @return how many pieces there would be; 0: it cannot be cut
     */
    public int measure(ByteBuf src, int offset, int length, int maxPayload) {
        if (maxPayload < MIN_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("pieces of " + maxPayload + " bytes");
        }
        pieces.begin(headers, 0, false);
        int count = run(src, offset, length, maxPayload);
        headers.clear();
        return count;
    }

    private int run(ByteBuf src, int offset, int length, int maxPayload) {
        boolean cut = length <= maxPayload
                ? pieces.addWhole(src, offset, length)
                : cutter.cut(src, offset, length, maxPayload, pieces);
        pieces.end();
        if (!cut) {
            pieces.count = 0;
        }
        return pieces.count;
    }

    /**
     * How much of a unit goes into each piece so that all pieces are equally long.
     *
     * @param total bytes of the unit, above 0
     * @param firstExtra bytes by which the first piece's header is longer than that of the others
     * @param chunk bytes that a piece with the usual header takes at most, above 0
     * @return at most {@code chunk} and above {@code firstExtra}, or {@code chunk}; the first piece takes {@code firstExtra} less
     */
    static int evenChunk(int total, int firstExtra, int chunk) {
        int count = (total + firstExtra + chunk - 1) / chunk;
        int even = (total + firstExtra + count - 1) / count;
        return even > firstExtra ? even : chunk;
    }

    /** Index in {@code out} of the first byte of a piece, behind its headroom. */
    public int pieceOffset(int piece) {
        return pieces.offsets[piece];
    }

    /** Bytes of a piece, without its headroom. */
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
        private boolean copies;
        private ByteBuf out = Unpooled.EMPTY_BUFFER;

        private void begin(ByteBuf target, int room, boolean copying) {
            out = target;
            headroom = room;
            copies = copying;
            count = 0;
        }

        private void end() {
            out = Unpooled.EMPTY_BUFFER;
        }

        /** Begins a piece: its headers are written to the buffer returned; then {@link #finish}. Null-free: check {@link #isFull} first. */
        ByteBuf next() {
            if (!copies) {
                out.clear();
            }
            out.writeZero(headroom);
            offsets[count] = out.writerIndex();
            return out;
        }

        boolean isFull() {
            return count == MAX_PIECES;
        }

        /** Ends the piece begun by {@link #next} with bytes of the payload. */
        void finish(ByteBuf src, int index, int length) {
            lengths[count] = out.writerIndex() + length - offsets[count];
            if (copies) {
                src.getBytes(index, out.ensureWritable(length), length);
            }
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
