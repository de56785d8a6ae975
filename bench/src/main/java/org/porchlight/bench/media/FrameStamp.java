package org.porchlight.bench.media;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * What a camera writes into each frame: who, since when, which frame, sent when. It travels as a {@code user_data_unregistered} SEI
 * message (H.264 annex D.1.7, H.265 annex D.2.7), so it survives a relay that leaves NAL units alone.
 *
 * <p>The text after the UUID is hexadecimal digits of fixed length, so a stamp is patched in place and can never need an emulation
 * prevention byte:
 *
 * <pre>
 *  0               4               8                       16                              32
 * +---------------+---------------+-----------------------+-------------------------------+
 * | camera number | incarnation   | frame counter         | send time, nanoseconds (1970) |
 * +---------------+---------------+-----------------------+-------------------------------+
 * </pre>
 *
 * @param camera number of the camera, 0 to 65,535
 * @param incarnation counts the camera's sessions, modulo 65,536; the frame counter starts at 0 in each
 * @param frame frame counter, 32 bits unsigned
 * @param sentEpochNanos when the camera handed the frame to the kernel, nanoseconds since 1970
 */
public record FrameStamp(int camera, int incarnation, long frame, long sentEpochNanos) {

    /** Our own UUID without a zero byte. */
    private static final byte[] UUID = {
        0x7c,
        0x1e,
        (byte) 0x9a,
        0x54,
        0x3b,
        0x6d,
        0x4f,
        0x28,
        (byte) 0x9e,
        0x5a,
        (byte) 0xd1,
        0x6b,
        (byte) 0x8c,
        0x47,
        (byte) 0xf2,
        (byte) 0xe3
    };

    private static final long UUID_HEAD = 0x7c1e9a543b6d4f28L;
    private static final long UUID_TAIL = 0x9e5ad16b8c47f2e3L;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** Digits after the UUID. */
    public static final int TEXT_LENGTH = 32;
    /** UUID and digits. */
    public static final int LENGTH = 16 + TEXT_LENGTH;

    private static final byte FILLER = 'x';

    /**
     * An SEI NAL unit of exactly {@code nalLength} bytes that holds a blank stamp, padded behind the digits within the same message.
     *
     * @param hevc an H.265 prefix SEI, else H.264
     * @param nalLength bytes of the NAL unit, at least {@link #smallestNal(boolean)}
     */
    public static byte[] seiNal(boolean hevc, int nalLength) {
        int header = hevc ? 2 : 1;
        int payload = payloadLength(header, nalLength);
        byte[] nal = new byte[nalLength];
        int at = 0;
        if (hevc) {
            nal[at++] = 39 << 1;
            nal[at++] = 1;
        } else {
            nal[at++] = 6;
        }
        nal[at++] = 5;
        int rest = payload;
        for (; rest >= 255; rest -= 255) {
            nal[at++] = (byte) 255;
        }
        nal[at++] = (byte) rest;
        System.arraycopy(UUID, 0, nal, at, UUID.length);
        java.util.Arrays.fill(nal, at + UUID.length, at + LENGTH, (byte) '0');
        java.util.Arrays.fill(nal, at + LENGTH, nalLength - 1, FILLER);
        nal[nalLength - 1] = (byte) 0x80;
        return nal;
    }

    /**
     * An SEI NAL unit of the same kind under another UUID: ballast that brings a frame to its size and is no stamp.
     *
     * @param nalLength as for {@link #seiNal}
     */
    public static byte[] ballastNal(boolean hevc, int nalLength) {
        byte[] nal = seiNal(hevc, nalLength);
        int uuid = indexOf(nal, 0, nal.length);
        nal[uuid] = (byte) ~nal[uuid];
        return nal;
    }

    /** Whether {@link #seiNal} can make exactly this length: at a few lengths one more length byte leaves no fitting payload. */
    public static boolean isPossibleNal(boolean hevc, int nalLength) {
        return nalLength >= smallestNal(hevc) && payloadLengthOrNone(hevc ? 2 : 1, nalLength) >= 0;
    }

    public static int smallestNal(boolean hevc) {
        return (hevc ? 2 : 1) + 2 + LENGTH + 1;
    }

    private static int payloadLength(int header, int nalLength) {
        int payload = payloadLengthOrNone(header, nalLength);
        if (payload < LENGTH) {
            throw new IllegalArgumentException("no stamp SEI of " + nalLength + " bytes");
        }
        return payload;
    }

    /** NAL header, type byte, length bytes (one for each 255 and one more), payload, trailing bits. */
    private static int payloadLengthOrNone(int header, int nalLength) {
        for (int lengthBytes = 1; lengthBytes < nalLength; lengthBytes++) {
            int payload = nalLength - header - 2 - lengthBytes;
            if (payload >= 0 && payload / 255 + 1 == lengthBytes) {
                return payload;
            }
        }
        return -1;
    }

    /** Index of the UUID within {@code [from, to)}, or -1. */
    public static int indexOf(ByteBuf buf, int from, int to) {
        int last = to - LENGTH;
        for (int i = from; i <= last; i++) {
            if (buf.getByte(i) == UUID[0] && buf.getLong(i) == UUID_HEAD && buf.getLong(i + 8) == UUID_TAIL) {
                return i;
            }
        }
        return -1;
    }

    /** As {@link #indexOf(ByteBuf, int, int)} over an array. */
    public static int indexOf(byte[] bytes, int from, int to) {
        int last = to - LENGTH;
        for (int i = from; i <= last; i++) {
            if (java.util.Arrays.equals(bytes, i, i + UUID.length, UUID, 0, UUID.length)) {
                return i;
            }
        }
        return -1;
    }

    /** Overwrites the digits of the stamp whose UUID is at {@code uuidIndex}. */
    public static void write(ByteBuf buf, int uuidIndex, int camera, int incarnation, long frame, long sentEpochNanos) {
        int at = uuidIndex + UUID.length;
        hex(buf, at, camera & 0xffff, 4);
        hex(buf, at + 4, incarnation & 0xffff, 4);
        hex(buf, at + 8, frame & 0xffff_ffffL, 8);
        hex(buf, at + 16, sentEpochNanos, 16);
    }

    private static void hex(ByteBuf buf, int index, long value, int digits) {
        for (int i = digits - 1; i >= 0; i--) {
            buf.setByte(index + i, DIGITS[(int) (value & 15)]);
            value >>>= 4;
        }
    }

    /** Reads {@code count} hexadecimal digits; -1 if one of them is none. Sixteen digits must stay below 2^63. */
    static long hex(ByteBuf buf, int index, int count) {
        long value = 0;
        for (int i = index; i < index + count; i++) {
            int c = buf.getByte(i);
            int digit = (c >= '0' && c <= '9') ? c - '0' : (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    public static int cameraAt(ByteBuf buf, int uuidIndex) {
        return (int) hex(buf, uuidIndex + 16, 4);
    }

    public static int incarnationAt(ByteBuf buf, int uuidIndex) {
        return (int) hex(buf, uuidIndex + 20, 4);
    }

    /** Frame counter, or -1 if the stamp is damaged. */
    public static long frameAt(ByteBuf buf, int uuidIndex) {
        return hex(buf, uuidIndex + 24, 8);
    }

    /** Send time in nanoseconds since 1970, negative if the stamp is damaged. */
    public static long sentEpochNanosAt(ByteBuf buf, int uuidIndex) {
        return hex(buf, uuidIndex + 32, 16);
    }

    public static FrameStamp read(ByteBuf buf, int uuidIndex) {
        return new FrameStamp(
                cameraAt(buf, uuidIndex),
                incarnationAt(buf, uuidIndex),
                frameAt(buf, uuidIndex),
                sentEpochNanosAt(buf, uuidIndex));
    }
}
