package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
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

    private final class Client {
        final ReceivedMedia received = new ReceivedMedia();
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
                            setting,
                            ViewKey.datagrams(1),
                            received,
                            List.of(new DatagramViewer.Destination(ReceivedMedia.RTP, ReceivedMedia.RTCP)))
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
            ReceivedMedia.Units sent = new ReceivedMedia.Units(overTcp.received);
            assertThat(overTcp.received.missing()).isEqualTo(lost);
            assertThat(overTcp.received.packets).anyMatch(p -> p.length > 1452);
            for (int i = 0; i < overUdp.size(); i++) {
                Client client = overUdp.get(i);
                List<String> got = new ReceivedMedia.Units(client.received).all;
                assertThat(got.size()).isGreaterThan(10);
                int begin = sent.all.size() - got.size();
                assertThat(got).as("seed %d, viewer %d", seed, i).isEqualTo(sent.all.subList(begin, sent.all.size()));
                assertThat(client.received.missing()).isEqualTo(overTcp.received.missingFrom(sent.numbers.get(begin)));
                TrackPosition told = client.told.first.get(0);
                assertThat(told.nextSequenceNumber()).isEqualTo(ReceivedMedia.number(client.received.packets.get(0)));
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
    private static void assertReportsCount(ReceivedMedia received) {
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
