package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TrackPosition;

/**
 * Cameras over TCP whose packets fit no datagram, and viewers over UDP: what they put together must be what a viewer over TCP puts together from
 * the packets as they came, from the place where they joined on, with one number after the other.
 */
class DatagramCuttingTest {
    private static final InetSocketAddress RTP = InetSocketAddress.createUnresolved("viewer", 5000);
    private static final InetSocketAddress RTCP = InetSocketAddress.createUnresolved("viewer", 5001);

    private final TestHub hub = new TestHub(this::egress);
    private final Stream stream = hub.stream("gate");
    private final List<Viewer> viewers = new ArrayList<>();

    private LoopViewers egress(Stream s, EventExecutor loop) {
        return new LoopViewers(loop, ByteBufAllocator.DEFAULT, hub.counters(loop), hub.time::nanos);
    }

    @AfterEach
    void everythingIsGivenBack() {
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.time.advanceMillis(2000);
        assertThat(viewers).allMatch(v -> v.endReason() != null);
        assertThat(hub.slabs.bytesInUse()).isZero();
    }

    /** Where a viewer was told that it begins. */
    private static final class Told implements ViewerListener {
        List<TrackPosition> first = List.of();

        @Override
        public void onStart(List<TrackPosition> positions) {
            first = positions;
        }

        @Override
        public void onEnd(String reason, boolean abrupt) {}
    }

    /** The RTP packets of one track that one viewer got, and its sender reports. */
    private static final class Received implements DatagramTransport, ByteTransport {
        final List<byte[]> packets = new ArrayList<>();
        final List<byte[]> reports = new ArrayList<>();
        /** Packets that had come before each report. */
        final List<Integer> packetsBefore = new ArrayList<>();

        final ByteBuf stream = Unpooled.buffer();

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
            assertThat(recipient).isSameAs(report ? RTCP : RTP);
            for (int at = start; at < end; at += segment) {
                add(data, at, Math.min(segment, end - at), report);
            }
        }

        private void add(ByteBuf data, int at, int length, boolean report) {
            byte[] bytes = new byte[length];
            data.getBytes(at, bytes);
            if (report) {
                reports.add(bytes);
                packetsBefore.add(packets.size());
            } else {
                packets.add(bytes);
            }
        }

        @Override
        public void flush() {}

        @Override
        public long send(Pieces pieces) {
            long taken = 0;
            for (int i = 0; i < pieces.count(); i++) {
                int length = pieces.end(i) - pieces.start(i);
                stream.writeBytes(pieces.buffer(i), pieces.start(i), length);
                taken += length;
            }
            while (stream.readableBytes() >= 4) {
                int length = stream.getUnsignedShort(stream.readerIndex() + 2);
                if (stream.readableBytes() < 4 + length) {
                    break;
                }
                int channel = stream.getByte(stream.readerIndex() + 1);
                add(stream, stream.readerIndex() + 4, length, channel == 1);
                stream.skipBytes(4 + length);
            }
            return taken;
        }

        @Override
        public void whenWritable(ByteBuf rest, Runnable whenDone) {
            throw new AssertionError("it takes everything at once");
        }

        /** In the order of their numbers, which differ: {@code [extended number, packet]}. */
        List<Numbered> inOrder() {
            List<Numbered> numbered = new ArrayList<>();
            long newest = number(packets.get(0));
            for (byte[] packet : packets) {
                newest += (short) (number(packet) - (int) newest);
                numbered.add(new Numbered(newest, packet));
            }
            numbered.sort(Comparator.comparingLong(n -> n.number));
            for (int i = 1; i < numbered.size(); i++) {
                assertThat(numbered.get(i).number)
                        .as("number of packet %d", i)
                        .isGreaterThan(numbered.get(i - 1).number);
            }
            return numbered;
        }

        /** Numbers that never came, from this one on. */
        long missingFrom(long number) {
            List<Numbered> all = inOrder();
            long count = all.stream().filter(n -> n.number >= number).count();
            return all.get(all.size() - 1).number - number + 1 - count;
        }

        long missing() {
            return missingFrom(inOrder().get(0).number);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Numbered(long number, byte[] packet) {}

    private static int number(byte[] packet) {
        return ByteBuffer.wrap(packet).getShort(2) & 0xffff;
    }

    /** A plain H.264 depacketizer: single units, STAP-A, FU-A; a unit with a missing part is left out. */
    private static final class Units {
        /** Length and checksum of each. */
        final List<String> all = new ArrayList<>();
        /** Number of the packet in which each begins. */
        final List<Long> numbers = new ArrayList<>();

        private final ByteBuf open = Unpooled.buffer();

        Units(Received received) {
            boolean whole = false;
            long begin = 0;
            long last = -1;
            for (Numbered numbered : received.inOrder()) {
                ByteBuf p = Unpooled.wrappedBuffer(numbered.packet).skipBytes(12);
                whole &= numbered.number == last + 1;
                last = numbered.number;
                int indicator = p.getByte(12);
                if ((indicator & 0x1f) == 24) {
                    p.skipBytes(1);
                    while (p.isReadable()) {
                        add(p.readSlice(p.readUnsignedShort()), last);
                    }
                } else if ((indicator & 0x1f) != 28) {
                    add(p, last);
                } else {
                    int header = p.getByte(13);
                    if ((header & 0x80) != 0) {
                        open.clear().writeByte((indicator & 0xe0) | (header & 0x1f));
                        whole = true;
                        begin = last;
                    }
                    open.writeBytes(p, 14, p.writerIndex() - 14);
                    if ((header & 0x40) != 0 && whole) {
                        add(open, begin);
                        whole = false;
                    }
                }
            }
        }

        private void add(ByteBuf unit, long number) {
            byte[] bytes = new byte[unit.readableBytes()];
            unit.getBytes(unit.readerIndex(), bytes);
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            all.add(bytes.length + ":" + sum.getValue());
            numbers.add(number);
        }
    }

    private final class Client {
        final Received received = new Received();
        final Told told = new Told();
        final Viewer viewer;

        Client(boolean udp, int loop) {
            ViewerSetting setting = new ViewerSetting(
                    hub.loops.get(loop),
                    stream,
                    told,
                    StalenessContract.DEFAULT,
                    hub.counters(hub.loops.get(loop)),
                    hub.time::nanos);
            viewer = udp
                    ? new DatagramViewer(
                            setting, ViewKey.datagrams(1), received, List.of(new DatagramViewer.Destination(RTP, RTCP)))
                    : new StreamViewer(setting, ViewKey.interleaved(new int[] {0}), received, new Pieces());
            viewers.add(viewer);
            hub.loops.get(loop).call(viewer::start);
            hub.time.settle();
        }
    }

    /** Parameter sets and a large slice in one packet, as some cameras send keyframes over TCP. */
    private static List<byte[]> aggregated(TestCamera camera, Random random, int bytes) {
        byte[] sps = {0x67, 0x42, (byte) 0xc0, 0x1f, (byte) 0x8c, (byte) 0x8d, 0x40, 0x50, 0x1e, (byte) 0xd0, 0x0f, 8};
        byte[] pps = {0x68, (byte) 0xce, 0x3c, (byte) 0x80};
        byte[] slice = new byte[bytes];
        random.nextBytes(slice);
        slice[0] = 0x65;
        slice[1] = (byte) 0x88;
        ByteBuffer stap = ByteBuffer.allocate(7 + sps.length + pps.length + slice.length);
        stap.put((byte) 0x78).putShort((short) sps.length).put(sps).putShort((short) pps.length);
        stap.put(pps).putShort((short) slice.length).put(slice);
        List<byte[]> packets = List.of(camera.packet(true, stap.array()));
        camera.timestamp += camera.frameTicks;
        return packets;
    }

    private void play(TestHub.Source source, List<byte[]> packets) {
        source.read(0, packets);
        hub.time.advanceMillis(40);
    }

    @Test
    void whatTheyPutTogetherIsWhatTheCameraSent() {
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            TestCamera camera = new TestCamera(seed);
            TestHub.Source source = hub.attach(stream, seed % 3, true, TestHub.video());
            boolean careless = seed % 2 == 1;
            Client overTcp = new Client(false, 0);
            List<Client> overUdp = new ArrayList<>();
            long lost = 0;
            for (int frame = 0; frame < 120; frame++) {
                camera.fragment = new int[] {500, 1200, 1437, 3000, 9000, 60_000}[random.nextInt(6)];
                int bytes = 1 + random.nextInt(random.nextInt(4) == 0 ? 90_000 : 6000);
                List<byte[]> packets = new ArrayList<>(
                        frame % 25 != 0
                                ? camera.frame(bytes)
                                : random.nextBoolean()
                                        ? camera.keyframe(bytes)
                                        : aggregated(camera, random, 1 + random.nextInt(60_000)));
                if (careless && frame % 25 > 0 && packets.size() > 2) {
                    int at = 1 + random.nextInt(packets.size() - 2);
                    switch (random.nextInt(3)) {
                        case 0 -> {
                            packets.remove(at);
                            lost++;
                        }
                        case 1 -> Collections.swap(packets, at, at + 1);
                        default -> {}
                    }
                }
                play(source, packets);
                if (frame % 17 == 3 || frame == 0) {
                    overUdp.add(new Client(true, random.nextInt(3)));
                }
                if (frame == 60) {
                    // The camera starts again: numbers go on.
                    source.close();
                    camera = new TestCamera(seed + 1000);
                    source = hub.attach(stream, random.nextInt(3), true, TestHub.video());
                    play(source, camera.keyframe(20_000));
                }
            }
            Units sent = new Units(overTcp.received);
            assertThat(overTcp.received.missing()).isEqualTo(lost);
            assertThat(overTcp.received.packets).anyMatch(p -> p.length > 1452);
            for (int i = 0; i < overUdp.size(); i++) {
                Client client = overUdp.get(i);
                List<String> got = new Units(client.received).all;
                assertThat(got.size()).isGreaterThan(10);
                int begin = sent.all.size() - got.size();
                assertThat(got).as("seed %d, viewer %d", seed, i).isEqualTo(sent.all.subList(begin, sent.all.size()));
                assertThat(client.received.missing()).isEqualTo(overTcp.received.missingFrom(sent.numbers.get(begin)));
                TrackPosition told = client.told.first.get(0);
                assertThat(told.nextSequenceNumber()).isEqualTo(number(client.received.packets.get(0)));
                if (!careless) {
                    assertThat(client.received.packets).allMatch(p -> p.length <= DatagramLimit.ETHERNET_BYTES);
                }
                assertReportsCount(client.received);
            }
            for (Viewer viewer : viewers) {
                hub.loops.forEach(loop -> loop.call(() -> {
                    if (viewer.executor() == loop) {
                        viewer.close("teardown", false);
                    }
                }));
            }
            source.close();
        }
    }

    /** Between two reports the count of packets grows by the packets that came between them. */
    private static void assertReportsCount(Received received) {
        List<byte[]> reports = received.reports;
        for (int i = 1; i < reports.size(); i++) {
            ByteBuffer before = ByteBuffer.wrap(reports.get(i - 1));
            ByteBuffer after = ByteBuffer.wrap(reports.get(i));
            int from = received.packetsBefore.get(i - 1);
            int to = received.packetsBefore.get(i);
            assertThat(after.getInt(20) - before.getInt(20)).isEqualTo(to - from);
            int octets = received.packets.subList(from, to).stream()
                    .mapToInt(p -> p.length - 12)
                    .sum();
            assertThat(after.getInt(24) - before.getInt(24)).isEqualTo(octets);
        }
    }

    @Test
    void bothKindsOfViewersAreToldTheirOwnCounts() {
        TestCamera camera = new TestCamera(1);
        camera.fragment = 8000;
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, camera.keyframe(100));
        Client overTcp = new Client(false, 1);
        Client overUdp = new Client(true, 1);
        for (int i = 0; i < 500; i++) {
            play(source, i % 25 == 0 ? camera.keyframe(60_000) : camera.frame(20_000));
        }
        assertThat(overUdp.received.reports.size()).isGreaterThan(2).isEqualTo(overTcp.received.reports.size());
        assertReportsCount(overTcp.received);
        assertReportsCount(overUdp.received);
        assertThat(overUdp.received.packets.size()).isGreaterThan(4 * overTcp.received.packets.size());
    }

    @Test
    void onlyTheLastPieceHasTheMarkerAndAllHaveOneTimestamp() {
        TestCamera camera = new TestCamera(1);
        camera.fragment = 50_000;
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, camera.keyframe(100));
        Client client = new Client(true, 0);
        int before = client.received.packets.size();
        play(source, camera.frame(40_000));
        List<byte[]> pieces = client.received.packets.subList(before, client.received.packets.size());
        assertThat(pieces).hasSize(28);
        for (int i = 0; i < pieces.size(); i++) {
            assertThat((pieces.get(i)[1] & 0x80) != 0).isEqualTo(i == pieces.size() - 1);
            assertThat(ByteBuffer.wrap(pieces.get(i)).getInt(4))
                    .isEqualTo(ByteBuffer.wrap(pieces.get(0)).getInt(4));
            assertThat(pieces.get(i).length).isBetween(pieces.get(0).length - 28, pieces.get(0).length);
        }
    }

    @Test
    void whatCannotBeCutGoesAsItIsAndWhatFitsNoDatagramIsCounted() {
        TestHub.Source source =
                hub.attach(stream, 0, true, new StreamDescription(List.of(TestCamera.AUDIO.withPayloadType(96))));
        Client client = new Client(true, 0);
        TestCamera camera = new TestCamera(2);
        play(source, List.of(camera.packet(false, new byte[5000])));
        play(source, List.of(camera.packet(false, new byte[65_520])));
        play(source, List.of(camera.packet(false, new byte[100])));
        assertThat(client.received.packets.stream().map(p -> p.length)).containsExactly(5012, 112);
        assertThat(client.received.missing()).isEqualTo(1);
        assertThat(hub.total(Counter.DISCARDED_TOO_LARGE)).isEqualTo(1);
        source.close();
    }
}
