package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a browser is to a viewer of packets: takes datagrams over a path that loses some, puts them in order with the help of retransmissions, and
 * joins H.264 units. Its protection adds a tag and hides nothing.
 */
final class PacketReceiver implements DatagramTransport, PacketProtector {
    static final int TAG = 16;

    final Random random;
    final int videoSsrc;
    final int rtxSsrc;
    final int audioSsrc;
    double loss;
    boolean writable = true;
    int flushes;
    int sends;
    int longest;
    int repeats;
    final List<Integer> segments = new ArrayList<>();
    /** By extended sequence number: what came of the video. */
    final TreeMap<Long, byte[]> video = new TreeMap<>();

    final List<byte[]> audio = new ArrayList<>();
    final List<byte[]> reports = new ArrayList<>();
    private final Map<Long, byte[]> sealed = new HashMap<>();
    private long highest = -1;

    PacketReceiver(long seed, int videoSsrc, int rtxSsrc, int audioSsrc) {
        random = new Random(seed);
        this.videoSsrc = videoSsrc;
        this.rtxSsrc = rtxSsrc;
        this.audioSsrc = audioSsrc;
    }

    // ---- protection

    @Override
    public int rtpOverhead() {
        return TAG;
    }

    @Override
    public int rtcpOverhead() {
        return TAG + 4;
    }

    @Override
    public int protectRtp(ByteBuf out, int index, int header, int prefix, ByteBuf payload, int at, int length) {
        payload.getBytes(at, out, index + header + prefix, length);
        int whole = header + prefix + length;
        byte[] plain = new byte[whole];
        out.getBytes(index, plain);
        long nonce = (long) out.getInt(index + 8) << 16 | out.getUnsignedShort(index + 2);
        byte[] before = sealed.putIfAbsent(nonce, plain);
        assertThat(before == null || Arrays.equals(before, plain))
                .as("one number is never used for two packets")
                .isTrue();
        out.setZero(index + whole, TAG);
        return whole + TAG;
    }

    @Override
    public int protectRtcp(ByteBuf out, int index, int length) {
        out.setZero(index + length, TAG + 4);
        return length + TAG + 4;
    }

    // ---- the path

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress to, boolean report) {
        sends++;
        assertThat(end - start).isLessThan(65_000);
        segments.add((end - start + segment - 1) / segment);
        for (int at = start; at < end; at += segment) {
            byte[] datagram = new byte[Math.min(segment, end - at)];
            data.getBytes(at, datagram);
            longest = Math.max(longest, datagram.length);
            if (random.nextDouble() >= loss) {
                receive(datagram);
            }
        }
    }

    private void receive(byte[] datagram) {
        ByteBuffer packet = ByteBuffer.wrap(datagram);
        int type = datagram[1] & 0xff;
        if (type >= 200 && type <= 207) {
            reports.add(Arrays.copyOf(datagram, datagram.length - TAG - 4));
            return;
        }
        int ssrc = packet.getInt(8);
        byte[] plain = Arrays.copyOf(datagram, datagram.length - TAG);
        if (ssrc == videoSsrc) {
            put(packet.getShort(2) & 0xffff, plain);
        } else if (ssrc == rtxSsrc) {
            repeats++;
            int header = headerLength(plain);
            int original = packet.getShort(header) & 0xffff;
            ByteBuffer restored = ByteBuffer.allocate(plain.length - 2);
            restored.put(plain, 0, header).put(plain, header + 2, plain.length - header - 2);
            restored.putShort(2, (short) original);
            restored.putInt(8, videoSsrc);
            put(original, restored.array());
        } else {
            assertThat(ssrc).isEqualTo(audioSsrc);
            audio.add(plain);
        }
    }

    private void put(int sequenceNumber, byte[] packet) {
        long extended = highest < 0 ? sequenceNumber : highest + (short) (sequenceNumber - highest);
        highest = Math.max(highest, extended);
        byte[] known = video.putIfAbsent(extended, packet);
        if (known != null) {
            assertThat(payload(packet)).as("what is repeated is the same").isEqualTo(payload(known));
        }
    }

    /** Sequence numbers that are missing between the first and the last. */
    List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        if (!video.isEmpty()) {
            for (long n = video.firstKey(); n < video.lastKey(); n++) {
                if (!video.containsKey(n)) {
                    missing.add((int) n & 0xffff);
                }
            }
        }
        return missing;
    }

    static int headerLength(byte[] packet) {
        return (packet[0] & 0x10) == 0 ? 12 : 16 + 4 * (ByteBuffer.wrap(packet).getShort(14) & 0xffff);
    }

    static ByteBuffer payload(byte[] packet) {
        int header = headerLength(packet);
        return ByteBuffer.wrap(packet, header, packet.length - header).slice();
    }

    // ---- units

    /** A unit, and what its first packet said. */
    record Unit(ByteBuffer bytes, int timestamp, boolean last) {}

    /** The units in these packets, which come in order; a broken one fails. */
    static List<Unit> units(Iterable<byte[]> packets) {
        List<Unit> units = new ArrayList<>();
        ByteArrayOutputStream open = null;
        for (byte[] packet : packets) {
            ByteBuffer payload = payload(packet);
            int timestamp = ByteBuffer.wrap(packet).getInt(4);
            boolean marker = (packet[1] & 0x80) != 0;
            int first = payload.get(0) & 0xff;
            if ((first & 0x1f) != 28) {
                assertThat(open).as("a unit ends before the next begins").isNull();
                units.add(new Unit(payload, timestamp, marker));
                continue;
            }
            int header = payload.get(1) & 0xff;
            open = joined(open, payload, first, header);
            if ((header & 0x40) != 0) {
                units.add(new Unit(ByteBuffer.wrap(open.toByteArray()), timestamp, marker));
                open = null;
            }
        }
        return units;
    }

    private static ByteArrayOutputStream joined(
            @Nullable ByteArrayOutputStream open, ByteBuffer payload, int first, int header) {
        ByteArrayOutputStream unit = open;
        if ((header & 0x80) != 0) {
            assertThat(open).as("a unit ends before the next begins").isNull();
            unit = new ByteArrayOutputStream();
            unit.write((first & 0xe0) | (header & 0x1f));
        }
        if (unit == null) {
            throw new AssertionError("a fragment without a beginning");
        }
        byte[] rest = new byte[payload.remaining() - 2];
        payload.get(2, rest);
        unit.writeBytes(rest);
        return unit;
    }
}
