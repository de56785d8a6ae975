package org.porchlight.bench.packet;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.porchlight.bench.media.FrameStamp;

/**
 * Writes the frames of one track of one session: copies a template and fills in what is the session's own. SSRC, first sequence
 * number and timestamp are random (RFC 3550 section 5.1), so a new writer looks like a camera that has been restarted. Owner: the
 * session's event loop.
 */
public final class RtpTrackWriter {
    /** In front of an interleaved packet, RFC 2326 section 10.12. */
    public static final int INTERLEAVED_HEADER = 4;
    /** Sender report and SDES with CNAME together. */
    private static final int REPORT_LENGTH = 28 + 24;

    private static final byte[] CNAME = "camera@bench".getBytes(StandardCharsets.US_ASCII);
    private static final long SECONDS_1900_TO_1970 = 2_208_988_800L;
    private static final int SENDER_REPORT = 200;
    private static final int SOURCE_DESCRIPTION = 202;

    private final int clockRate;
    private final int ssrc;
    private final int timestampOffset;
    private int sequenceNumber;
    private int packets;
    private int octets;

    public RtpTrackWriter(int clockRate, RandomGenerator random) {
        this.clockRate = clockRate;
        ssrc = random.nextInt();
        timestampOffset = random.nextInt();
        sequenceNumber = random.nextInt(1 << 16);
    }

    public int ssrc() {
        return ssrc;
    }

    /** Sequence number of the next packet, 16 bits. */
    public int sequenceNumber() {
        return sequenceNumber;
    }

    /** RTP timestamp at so much media time, 32 bits. */
    public int timestampAt(long mediaNanos) {
        long seconds = mediaNanos / 1_000_000_000L;
        long rest = mediaNanos % 1_000_000_000L;
        return timestampOffset + (int) (seconds * clockRate + rest * clockRate / 1_000_000_000L);
    }

    /** Bytes that {@link #write} needs. */
    public static int length(FrameTemplate template, boolean interleaved) {
        return template.bytes() + (interleaved ? template.packets() * INTERLEAVED_HEADER : 0);
    }

    /**
     * Appends the frame.
     *
     * @param out borrowed, with room for {@link #length}
     * @param interleavedChannel 0 to 255, or -1 for bare RTP packets one behind the other
     * @param mediaNanos media time of the frame, 0 or more
     */
    public void write(FrameTemplate template, ByteBuf out, int interleavedChannel, long mediaNanos) {
        int timestamp = timestampAt(mediaNanos);
        if (interleavedChannel < 0) {
            int base = out.writerIndex();
            out.writeBytes(template.array());
            for (int i = 0; i < template.packets(); i++) {
                patch(out, base + template.start(i), timestamp);
            }
        } else {
            for (int i = 0; i < template.packets(); i++) {
                int length = template.length(i);
                out.writeInt(('$' << 24) | (interleavedChannel << 16) | length);
                int at = out.writerIndex();
                out.writeBytes(template.array(), template.start(i), length);
                patch(out, at, timestamp);
            }
        }
        packets += template.packets();
        octets += template.bytes() - template.packets() * TemplateBuilder.RTP_HEADER;
    }

    private void patch(ByteBuf out, int at, int timestamp) {
        out.setShort(at + 2, sequenceNumber);
        out.setInt(at + 4, timestamp);
        out.setInt(at + 8, ssrc);
        sequenceNumber = (sequenceNumber + 1) & 0xffff;
    }

    /**
     * Fills the stamp of a frame that was just written; nothing happens for a frame without one.
     *
     * @param frameIndex where {@link #write} began
     */
    public static void stamp(
            FrameTemplate template, ByteBuf out, int frameIndex, boolean interleaved, FrameStamp stamp) {
        if (template.stampIndex() < 0) {
            return;
        }
        int packet = 0;
        while (packet + 1 < template.packets() && template.start(packet + 1) <= template.stampIndex()) {
            packet++;
        }
        int at = frameIndex + template.stampIndex() + (interleaved ? (packet + 1) * INTERLEAVED_HEADER : 0);
        FrameStamp.write(out, at, stamp.camera(), stamp.incarnation(), stamp.frame(), stamp.sentEpochNanos());
    }

    /**
     * Appends a sender report (RFC 3550 section 6.4.1) with a CNAME.
     *
     * @param interleavedChannel 0 to 255, or -1 for the bare packet
     */
    public void writeSenderReport(ByteBuf out, int interleavedChannel, long epochNanos, long mediaNanos) {
        if (interleavedChannel >= 0) {
            out.writeInt(('$' << 24) | (interleavedChannel << 16) | REPORT_LENGTH);
        }
        long seconds = epochNanos / 1_000_000_000L;
        long fraction = ((epochNanos % 1_000_000_000L) << 32) / 1_000_000_000L;
        out.writeInt((2 << 30) | (SENDER_REPORT << 16) | 6);
        out.writeInt(ssrc);
        out.writeInt((int) (seconds + SECONDS_1900_TO_1970));
        out.writeInt((int) fraction);
        out.writeInt(timestampAt(mediaNanos));
        out.writeInt(packets);
        out.writeInt(octets);
        out.writeInt((2 << 30) | (1 << 24) | (SOURCE_DESCRIPTION << 16) | 5);
        out.writeInt(ssrc);
        out.writeByte(1).writeByte(CNAME.length).writeBytes(CNAME);
        out.writeShort(0);
    }
}
