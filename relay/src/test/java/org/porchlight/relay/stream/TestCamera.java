package org.porchlight.relay.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;

/** Makes the RTP packets of an H.264 camera: whole NAL units of random bytes, cut as cameras cut them. */
public final class TestCamera {
    public static final int CLOCK = 90_000;
    public static final TrackFormat VIDEO =
            new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", CLOCK, 1, "packetization-mode=1");
    public static final TrackFormat AUDIO = new TrackFormat(MediaKind.AUDIO, Codec.PCMU, 0, "PCMU", 8000, 1, "");

    private static final byte[] DELIMITER = {0x09, 0x10};
    private static final byte[] SPS = {
        0x67,
        0x42,
        (byte) 0xc0,
        0x1f,
        (byte) 0x8c,
        (byte) 0x8d,
        0x40,
        0x50,
        0x1e,
        (byte) 0xd0,
        0x0f,
        0x08,
        (byte) 0x84,
        0x6a
    };
    private static final byte[] PPS = {0x68, (byte) 0xce, 0x3c, (byte) 0x80};

    private final Random random;
    public int ssrc;
    public int sequence;
    public int timestamp;
    public int payloadType = 96;
    /** Ticks from frame to frame. */
    public int frameTicks = 3600;
    /** Bytes of a full packet's payload. */
    public int fragment = 1200;

    public TestCamera(long seed) {
        random = new Random(seed);
        ssrc = random.nextInt();
        sequence = random.nextInt() & 0xffff;
        timestamp = random.nextInt();
    }

    /** Delimiter, SPS, PPS and an IDR picture of about so many bytes; then time moves on by a frame. */
    public List<byte[]> keyframe(int bytes) {
        List<byte[]> packets = new ArrayList<>();
        packets.add(packet(false, DELIMITER));
        packets.add(packet(false, SPS));
        packets.add(packet(false, PPS));
        fragments(packets, 0x65, 0x88, bytes);
        timestamp += frameTicks;
        return packets;
    }

    /** A P picture that others refer to. */
    public List<byte[]> frame(int bytes) {
        List<byte[]> packets = new ArrayList<>();
        fragments(packets, 0x41, 0x98, bytes);
        timestamp += frameTicks;
        return packets;
    }

    /** A P picture that nothing refers to. */
    public List<byte[]> disposable(int bytes) {
        List<byte[]> packets = new ArrayList<>();
        fragments(packets, 0x01, 0x98, bytes);
        timestamp += frameTicks;
        return packets;
    }

    /** A packet of sound, 160 samples. */
    public byte[] audio() {
        byte[] samples = new byte[160];
        random.nextBytes(samples);
        byte[] packet = packet(false, samples);
        timestamp += 160;
        return packet;
    }

    private void fragments(List<byte[]> packets, int header, int sliceBegin, int bytes) {
        if (bytes <= fragment) {
            byte[] nal = new byte[Math.max(3, bytes)];
            random.nextBytes(nal);
            nal[0] = (byte) header;
            nal[1] = (byte) sliceBegin;
            packets.add(packet(true, nal));
            return;
        }
        int left = bytes;
        boolean first = true;
        while (left > 0) {
            int size = Math.min(left, fragment);
            left -= size;
            byte[] unit = new byte[size + 3];
            random.nextBytes(unit);
            unit[0] = (byte) ((header & 0x60) | 28);
            unit[1] = (byte) ((header & 0x1f) | (first ? 0x80 : 0) | (left == 0 ? 0x40 : 0));
            if (first) {
                unit[2] = (byte) sliceBegin;
            }
            first = false;
            packets.add(packet(left == 0, unit));
        }
    }

    /** An RTP packet with the next number. */
    public byte[] packet(boolean marker, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
        packet.put((byte) 0x80).put((byte) (payloadType | (marker ? 0x80 : 0)));
        packet.putShort((short) sequence).putInt(timestamp).putInt(ssrc).put(payload);
        sequence = sequence + 1 & 0xffff;
        return packet.array();
    }

    /** A sender report without blocks. */
    public byte[] senderReport(long ntp) {
        ByteBuffer report = ByteBuffer.allocate(28);
        report.put((byte) 0x80).put((byte) 200).putShort((short) 6).putInt(ssrc);
        report.putLong(ntp).putInt(timestamp).putInt(0).putInt(0);
        return report.array();
    }
}
