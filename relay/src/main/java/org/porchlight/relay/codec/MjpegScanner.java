package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Scanner for JPEG (RFC 2435): every frame is a keyframe, offset 0 begins it. Nothing is disposable, although nothing refers to anything:
 * what may be left out is then the viewer's choice of a frame rate. Owner: the loop of the track's source.
 *
 * <pre>
 * | type-specific |              fragment offset                  |
 * |      type     |       Q       |     width     |     height    |  units of 8 pixels
 * </pre>
 */
final class MjpegScanner extends FrameScanner {
    /** Bytes of the main header. */
    static final int MAIN_HEADER = 8;
    /** Bytes of the restart marker header, present for types 64 to 127. */
    static final int RESTART_HEADER = 4;

    private @Nullable PictureFormat picture;

    MjpegScanner(TrackFormat format) {
        super(format);
    }

    static boolean hasRestartHeader(int type) {
        return type >= 64 && type <= 127;
    }

    /** Bytes of all headers before the scan data; negative: they reach beyond the payload. */
    static int headerLength(ByteBuf buf, int offset, int length) {
        if (length < MAIN_HEADER) {
            return -1;
        }
        int at = MAIN_HEADER + (hasRestartHeader(buf.getUnsignedByte(offset + 4)) ? RESTART_HEADER : 0);
        boolean tables = buf.getUnsignedMedium(offset + 1) == 0 && buf.getUnsignedByte(offset + 5) >= 128;
        if (tables) {
            if (at + 4 > length) {
                return -1;
            }
            at += 4 + buf.getUnsignedShort(offset + at + 2);
        }
        return at <= length ? at : -1;
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        int header = headerLength(buf, offset, length);
        if (header < 0) {
            return KEY | malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int evidence = PICTURE | KEY | REFERENCED;
        if (buf.getUnsignedMedium(offset + 1) == 0) {
            evidence |= BEGINS_PICTURE;
            noteSize(buf.getUnsignedByte(offset + 6) * 8, buf.getUnsignedByte(offset + 7) * 8);
        }
        return evidence;
    }

    /** A size of 0 means 2,048 pixels or more and stands elsewhere. */
    private void noteSize(int width, int height) {
        PictureFormat known = picture;
        if (known == null || known.width() != width || known.height() != height) {
            picture = new PictureFormat(width, height, "", "", 0, false);
        }
    }

    @Override
    boolean marksBeginnings() {
        return true;
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        return picture;
    }
}
