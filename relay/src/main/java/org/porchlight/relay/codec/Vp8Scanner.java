package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Scanner for VP8 (RFC 7741). A frame is disposable when the descriptor's N bit says that nothing refers to it, or when it belongs to the
 * highest temporal layer seen. Owner: the loop of the track's source.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * |X|R|N|S|R| PID |  S: start of a partition
 * |I|L|T|K|  RSV  |  with X
 * |M| PictureID   |  with I; 15 bits with M
 * |   TL0PICIDX   |  with L
 * |TID|Y| KEYIDX  |  with T or K
 * </pre>
 */
final class Vp8Scanner extends FrameScanner {
    private static final int KEYFRAME_HEADER = 10;

    private int highestTemporalId;
    private @Nullable PictureFormat picture;

    Vp8Scanner(TrackFormat format) {
        super(format);
    }

    /** Bytes of the payload descriptor; negative: it reaches beyond the payload. */
    static int descriptorLength(ByteBuf buf, int offset, int length) {
        if (length < 1 || (buf.getByte(offset) & 0x80) == 0) {
            return length < 1 ? -1 : 1;
        }
        if (length < 2) {
            return -1;
        }
        int flags = buf.getByte(offset + 1);
        int at = 2;
        if ((flags & 0x80) != 0) {
            at += length > 2 && buf.getByte(offset + 2) < 0 ? 2 : 1;
        }
        at += (flags & 0x40) != 0 ? 1 : 0;
        at += (flags & 0x30) != 0 ? 1 : 0;
        return at <= length ? at : -1;
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        int descriptor = descriptorLength(buf, offset, length);
        if (descriptor < 0 || descriptor == length) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int first = buf.getByte(offset);
        boolean starts = (first & 0x10) != 0 && (first & 0x07) == 0;
        int evidence = PICTURE | referenceEvidence(buf, offset, first, descriptor);
        return starts ? evidence | frameHeader(buf, offset + descriptor, offset + length) | BEGINS_PICTURE : evidence;
    }

    @Override
    boolean marksBeginnings() {
        return true;
    }

    private int referenceEvidence(ByteBuf buf, int offset, int first, int descriptor) {
        boolean nonReference = (first & 0x20) != 0;
        boolean hasTemporalId = (first & 0x80) != 0 && (buf.getByte(offset + 1) & 0x20) != 0;
        if (hasTemporalId) {
            int temporalId = (buf.getByte(offset + descriptor - 1) >> 6) & 3;
            highestTemporalId = Math.max(highestTemporalId, temporalId);
            nonReference |= temporalId > 0 && temporalId == highestTemporalId;
        }
        return nonReference ? NOT_REFERENCED : REFERENCED;
    }

    /** The uncompressed data chunk (RFC 6386 section 9.1): bit 0 of the first byte is 0 for a keyframe, which tells its size. */
    private int frameHeader(ByteBuf buf, int at, int end) {
        if ((buf.getByte(at) & 1) != 0) {
            return 0;
        }
        if (end - at >= KEYFRAME_HEADER) {
            if (buf.getUnsignedMedium(at + 3) != 0x9d012a) {
                return malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            int width = buf.getUnsignedShortLE(at + 6) & 0x3fff;
            int height = buf.getUnsignedShortLE(at + 8) & 0x3fff;
            PictureFormat known = picture;
            if (known == null || known.width() != width || known.height() != height) {
                int version = (buf.getByte(at) >> 1) & 7;
                picture = new PictureFormat(width, height, Integer.toString(version), "", 0, false);
            }
        }
        return KEY;
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        return picture;
    }
}
