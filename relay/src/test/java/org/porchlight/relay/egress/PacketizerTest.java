package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TestHub.Packet;

/** Units cut and joined by random cameras come out whole, in packets that fit. */
class PacketizerTest {
    private static final TrackFormat H264 = format(Codec.H264, "H264", "");
    private static final TrackFormat H265 = format(Codec.H265, "H265", "");

    private final SlabPool pool = new SlabPool(1);
    private final SlabCursor slabs = new SlabCursor(pool, 256 * 1024);
    private final LoopCounters counters = new LoopCounters("loop");
    private int sequence = 7;

    private static TrackFormat format(Codec codec, String name, String fmtp) {
        return new TrackFormat(MediaKind.VIDEO, codec, 96, name, 90_000, 1, fmtp);
    }

    @AfterEach
    void everythingIsGivenBack() {
        slabs.close();
        assertThat(pool.bytesInUse()).isZero();
    }

    private Packetizer packetizer(TrackFormat format) {
        return new Packetizer(new StreamDescription(List.of(format)), ByteBufAllocator.DEFAULT, counters);
    }

    private Packet packet(byte[] payload, int timestamp, int flags) {
        ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
        packet.put((byte) 0x80)
                .put((byte) 96)
                .putShort((short) sequence++)
                .putInt(timestamp)
                .putInt(1);
        packet.put(payload);
        return new Packet(0, packet.array(), flags | MediaBatch.VIDEO);
    }

    private static byte[] payload(PacketizedBatch batch, int i) {
        ByteBuf out = Unpooled.buffer(4096, 4096);
        int beginning = batch.writeBeginning(i, out, 0);
        batch.lastBuffer(i).getBytes(batch.lastOffset(i), out, beginning, batch.lastLength(i));
        byte[] payload = new byte[beginning + batch.lastLength(i)];
        out.getBytes(0, payload);
        assertThat(payload).hasSize(batch.length(i));
        return payload;
    }

    // ---- a camera that cuts as it likes

    private static byte[] unit(Random random, boolean h264) {
        byte[] unit = new byte[random.nextInt(4) == 0 ? 3 + random.nextInt(60) : 3 + random.nextInt(9000)];
        random.nextBytes(unit);
        if (h264) {
            unit[0] = (byte) (random.nextInt(8) << 5 | 1 + random.nextInt(23));
        } else {
            unit[0] = (byte) (random.nextInt(48) << 1);
            unit[1] = 1;
        }
        return unit;
    }

    private static List<byte[]> fragments(Random random, byte[] unit, boolean h264) {
        List<byte[]> fragments = new ArrayList<>();
        int header = h264 ? 1 : 2;
        int size = 200 + random.nextInt(3000);
        for (int at = header; at < unit.length; at += size) {
            int take = Math.min(size, unit.length - at);
            ByteBuffer fragment = ByteBuffer.allocate(take + header + 1);
            int flags = (at == header ? 0x80 : 0) | (at + take == unit.length ? 0x40 : 0);
            if (h264) {
                fragment.put((byte) ((unit[0] & 0xe0) | 28)).put((byte) (flags | (unit[0] & 0x1f)));
            } else {
                fragment.put((byte) ((unit[0] & 0x81) | 49 << 1)).put(unit[1]);
                fragment.put((byte) (flags | (unit[0] >> 1 & 0x3f)));
            }
            fragment.put(unit, at, take);
            fragments.add(fragment.array());
        }
        return fragments;
    }

    private static byte[] aggregate(List<byte[]> units, boolean h264) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(h264 ? 24 : 48 << 1);
        if (!h264) {
            out.write(1);
        }
        for (byte[] unit : units) {
            out.write(unit.length >> 8);
            out.write(unit.length);
            out.writeBytes(unit);
        }
        return out.toByteArray();
    }

    /** The units in payloads that come in order. */
    private static List<ByteBuffer> joined(List<byte[]> payloads, boolean h264) {
        List<ByteBuffer> units = new ArrayList<>();
        ByteArrayOutputStream open = new ByteArrayOutputStream();
        int header = h264 ? 1 : 2;
        for (byte[] payload : payloads) {
            int type = h264 ? payload[0] & 0x1f : payload[0] >> 1 & 0x3f;
            if (type == (h264 ? 24 : 48)) {
                for (int at = header; at < payload.length; ) {
                    int size = (payload[at] & 0xff) << 8 | (payload[at + 1] & 0xff);
                    units.add(ByteBuffer.wrap(Arrays.copyOfRange(payload, at + 2, at + 2 + size)));
                    at += 2 + size;
                }
            } else if (type == (h264 ? 28 : 49)) {
                int flags = payload[header];
                if ((flags & 0x80) != 0) {
                    assertThat(open.size()).isZero();
                    open.write(h264 ? (payload[0] & 0xe0) | (flags & 0x1f) : (payload[0] & 0x81) | (flags & 0x3f) << 1);
                    if (!h264) {
                        open.write(payload[1]);
                    }
                }
                open.write(payload, header + 1, payload.length - header - 1);
                if ((flags & 0x40) != 0) {
                    units.add(ByteBuffer.wrap(open.toByteArray()));
                    open.reset();
                }
            } else {
                assertThat(open.size()).isZero();
                units.add(ByteBuffer.wrap(payload));
            }
        }
        assertThat(open.size()).isZero();
        return units;
    }

    @Test
    void unitsStayWholeHoweverTheyWereCut() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            boolean h264 = seed % 2 == 0;
            List<ByteBuffer> units = new ArrayList<>();
            List<Packet> packets = frame(random, h264, units);
            Packetizer packetizer = packetizer(h264 ? H264 : H265);
            List<byte[]> payloads = new ArrayList<>();
            int markers = 0;
            while (!packets.isEmpty()) {
                int count = random.nextBoolean() ? packets.size() : 1 + random.nextInt(packets.size());
                MediaBatch batch = TestHub.batch(slabs, 1, packets.subList(0, count));
                packets = packets.subList(count, packets.size());
                PacketizedBatch made = PacketizedBatch.of(batch);
                batch.release();
                packetizer.packetize(batch, 0, made, null);
                for (int i = 0; i < made.count(); i++) {
                    assertThat(made.length(i)).isLessThanOrEqualTo(Packetizer.MAX_PAYLOAD);
                    assertThat(made.rtpTimestamp(i)).isEqualTo(900);
                    assertThat(PacketFlags.isSet(made.flags(i), PacketFlags.FRAME_START))
                            .isEqualTo(payloads.isEmpty());
                    boolean marker = PacketFlags.isSet(made.flags(i), PacketizedBatch.MARKER);
                    assertThat(marker).isEqualTo(packets.isEmpty() && i == made.count() - 1);
                    markers += marker ? 1 : 0;
                    payloads.add(payload(made, i));
                }
                made.release();
            }
            assertThat(joined(payloads, h264)).as("seed %d", seed).isEqualTo(units);
            assertThat(markers).isEqualTo(1);
        }
    }

    private List<Packet> frame(Random random, boolean h264, List<ByteBuffer> units) {
        List<byte[]> payloads = new ArrayList<>();
        int wanted = 1 + random.nextInt(6);
        while (units.size() < wanted) {
            byte[] unit = unit(random, h264);
            units.add(ByteBuffer.wrap(unit));
            switch (random.nextInt(3)) {
                case 0 -> payloads.add(unit);
                case 1 -> payloads.addAll(fragments(random, unit, h264));
                default -> {
                    byte[] other = unit(random, h264);
                    units.add(ByteBuffer.wrap(other));
                    payloads.add(aggregate(List.of(unit, other), h264));
                }
            }
        }
        List<Packet> packets = new ArrayList<>();
        for (int i = 0; i < payloads.size(); i++) {
            int flags = (i == 0 ? PacketFlags.FRAME_START : 0) | (i == payloads.size() - 1 ? PacketFlags.FRAME_END : 0);
            packets.add(packet(payloads.get(i), 900, flags));
        }
        return packets;
    }

    @Test
    void theFragmentsOfAUnitAreEquallyLong() {
        byte[] unit = new byte[20_000];
        unit[0] = 0x65;
        List<Packet> packets = new ArrayList<>();
        for (byte[] fragment : fragments(new Random(3), unit, true)) {
            packets.add(packet(fragment, 5, PacketFlags.KEYFRAME));
        }
        MediaBatch batch = TestHub.batch(slabs, 1, packets);
        PacketizedBatch made = PacketizedBatch.of(batch);
        batch.release();
        packetizer(H264).packetize(batch, 0, made, null);
        assertThat(made.count()).isEqualTo((20_000 + Packetizer.MAX_PAYLOAD - 3) / (Packetizer.MAX_PAYLOAD - 2));
        for (int i = 0; i < made.count() - 1; i++) {
            assertThat(made.length(i)).isEqualTo(made.length(0));
        }
        assertThat(made.length(made.count() - 1)).isBetween(made.length(0) - made.count(), made.length(0));
        made.release();
    }

    @Test
    void parameterSetsOfTheDescriptionComeBeforeAKeyframeThatLacksThem() {
        byte[] sps = {0x67, 1, 2, 3};
        byte[] pps = {0x68, 4};
        Base64.Encoder encoder = Base64.getEncoder();
        String sets = "sprop-parameter-sets=" + encoder.encodeToString(sps) + "," + encoder.encodeToString(pps);
        byte[] picture = {0x65, 9, 9, 9};
        for (boolean inBand : new boolean[] {false, true}) {
            int flags = MediaBatch.ENTRY
                    | PacketFlags.KEYFRAME
                    | PacketFlags.FRAME_START
                    | (inBand ? PacketFlags.PARAMETER_SETS : 0);
            MediaBatch batch = TestHub.batch(slabs, 1, List.of(packet(picture, 5, flags | PacketFlags.FRAME_END)));
            PacketizedBatch made = PacketizedBatch.of(batch);
            batch.release();
            packetizer(H264)
                    .packetize(batch, 0, made, new StreamDescription(List.of(format(Codec.H264, "H264", sets))));
            List<byte[]> payloads = new ArrayList<>();
            for (int i = 0; i < made.count(); i++) {
                payloads.add(payload(made, i));
            }
            assertThat(payloads).containsExactly(inBand ? new byte[][] {picture} : new byte[][] {sps, pps, picture});
            assertThat(made.flags(0) & MediaBatch.ENTRY).isNotZero();
            assertThat(made.flags(made.count() - 1) & PacketizedBatch.MARKER).isNotZero();
            if (!inBand) {
                assertThat(made.flags(2) & (MediaBatch.ENTRY | PacketFlags.FRAME_START))
                        .isZero();
            }
            made.release();
        }
    }

    @Test
    void whateverACameraSendsNothingBreaksAndEverythingFits() {
        List<TrackFormat> formats = List.of(
                H264,
                H265,
                format(Codec.H265, "H265", "sprop-max-don-diff=2"),
                format(Codec.VP8, "VP8", ""),
                format(Codec.VP9, "VP9", ""),
                format(Codec.AV1, "AV1", ""),
                format(Codec.OPAQUE, "X", ""));
        for (int seed = 0; seed < 700; seed++) {
            Random random = new Random(seed);
            Packetizer packetizer = packetizer(formats.get(seed % formats.size()));
            List<Packet> packets = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                byte[] payload = new byte[random.nextInt(3) == 0 ? random.nextInt(5) : random.nextInt(4000)];
                random.nextBytes(payload);
                if (payload.length > 0 && random.nextBoolean()) {
                    payload[0] = new byte[] {28, 24, 0x7c, 98, 96, 5}[random.nextInt(6)];
                }
                int flags = random.nextInt(1 << 7) | (random.nextInt(4) == 0 ? MediaBatch.ENTRY : 0);
                packets.add(packet(payload, random.nextInt(3), flags));
            }
            MediaBatch batch = TestHub.batch(slabs, 1, packets);
            PacketizedBatch made = PacketizedBatch.of(batch);
            batch.release();
            packetizer.packetize(batch, 0, made, null);
            for (int i = 0; i < made.count(); i++) {
                assertThat(payload(made, i)).hasSizeBetween(1, Packetizer.MAX_PAYLOAD);
            }
            made.release();
        }
    }
}
