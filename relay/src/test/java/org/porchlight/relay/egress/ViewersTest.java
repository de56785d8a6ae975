package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TrackPosition;

/** Viewers behind scripted transports, in virtual time, from a camera's packets to the bytes that leave. */
class ViewersTest {
    private static final StalenessContract CONTRACT = StalenessContract.DEFAULT;

    private final TestHub hub = new TestHub(this::egress);
    private final Stream stream = hub.stream("gate");
    private final TestCamera camera = new TestCamera(5);
    private final List<Viewer> viewers = new ArrayList<>();
    private long frameCount;

    private LoopViewers egress(Stream s, io.netty.util.concurrent.EventExecutor loop) {
        return new LoopViewers(loop, ByteBufAllocator.DEFAULT, hub.counters(loop), hub.time::nanos);
    }

    @AfterEach
    void everythingIsGivenBack() {
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.time.advanceMillis(2000);
        assertThat(viewers).allMatch(v -> v.endReason() != null);
        assertThat(hub.slabs.bytesInUse()).isZero();
        assertThat(hub.budget.usedBytes()).isZero();
        assertThat(hub.total(Level.VIEWER_QUEUED_BYTES)).isZero();
    }

    private static int channel(byte[] frame) {
        return frame[1];
    }

    private static int sequence(byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(6) & 0xffff;
    }

    private static int timestamp(byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(8);
    }

    /** Parameter sets come first in every keyframe of the test camera after its delimiter. */
    private static boolean isEntry(byte[] frame) {
        return (frame[16] & 0x1f) == 7;
    }

    private static final class Client {
        final ScriptedSocket socket = new ScriptedSocket();
        final Told told = new Told();
        final StreamViewer viewer;

        Client(TestHub hub, Stream stream, ManualLoop loop, ViewKey key) {
            viewer = new StreamViewer(
                    new ViewerSetting(loop, stream, told, CONTRACT, hub.counters(loop), hub.time::nanos),
                    key,
                    socket,
                    new Pieces());
        }

        List<byte[]> video() {
            return socket.frames().stream().filter(f -> channel(f) == 0).toList();
        }
    }

    private static boolean isDelimiter(byte[] frame) {
        return (frame[16] & 0x1f) == 9;
    }

    /** Nothing refers to it: nal_ref_idc is 0. */
    private static boolean isDispensable(byte[] frame) {
        return (frame[16] & 0x60) == 0;
    }

    private static void assertNoHoles(Client client) {
        List<byte[]> all = client.video();
        for (int i = 1; i < all.size(); i++) {
            assertThat(sequence(all.get(i))).isEqualTo(sequence(all.get(i - 1)) + 1 & 0xffff);
        }
    }

    /**
     * Begins with an entry; where a packet is missing that others refer to, nothing comes before the next entry.
     *
     * @param everything got every packet
     */
    private static void assertDecodable(Client client, Client everything) {
        Map<Integer, byte[]> sent = new HashMap<>();
        everything.video().forEach(f -> sent.put(sequence(f), f));
        List<byte[]> frames = client.video();
        boolean broken = true;
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            for (int n = i == 0 ? sequence(frame) : sequence(frames.get(i - 1)) + 1 & 0xffff;
                    n != sequence(frame);
                    n = n + 1 & 0xffff) {
                byte[] missing = sent.get(n);
                broken |= missing == null || !isDispensable(missing);
            }
            broken &= !isEntry(frame);
            assertThat(broken && !isDelimiter(frame))
                    .as("packet %d of %d", i, frames.size())
                    .isFalse();
        }
    }

    private Client join(int loop) {
        return join(loop, ViewKey.interleaved(new int[] {0, 2}));
    }

    private Client join(int loop, ViewKey key) {
        Client client = new Client(hub, stream, hub.loops.get(loop), key);
        viewers.add(client.viewer);
        hub.loops.get(loop).call(client.viewer::start);
        hub.time.settle();
        return client;
    }

    /** One frame each 40 ms, a keyframe of six times the size each second; every third frame disposable. */
    private void play(TestHub.Source source, int frames, int bytes) {
        for (int i = 0; i < frames; i++) {
            long number = frameCount++;
            source.read(
                    0,
                    number % 25 == 0
                            ? camera.keyframe(6 * bytes)
                            : number % 3 == 0 ? camera.disposable(bytes) : camera.frame(bytes));
            hub.time.advanceMillis(40);
        }
    }

    @Test
    void aViewerGetsTheGopAtOnceAndThenEverything() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 13, 3000);
        for (int loop : new int[] {0, 1}) {
            Client client = join(loop);
            List<byte[]> cached = client.video();
            assertThat(isEntry(cached.get(0)) || isDelimiter(cached.get(0))).isTrue();
            assertThat(client.told.first.get(0).nextSequenceNumber()).isEqualTo(sequence(cached.get(0)));
            assertThat(client.told.first.get(0).rtpTimestamp()).isEqualTo(timestamp(cached.get(0)));
            assertThat(client.told.first.get(0).started()).isTrue();
            int span = timestamp(cached.get(cached.size() - 1)) - timestamp(cached.get(0));
            assertThat(span).isEqualTo(9000);
            assertThat(client.told.firstKeyframeNanos).isZero();
            play(source, 30, 3000);
            assertNoHoles(client);
            assertThat(client.viewer.sentPackets())
                    .isEqualTo(client.socket.frames().size());
            assertThat(client.viewer.sentBytes()).isEqualTo(client.socket.received.writerIndex());
        }
    }

    @Test
    void withoutACacheNothingIsPromisedAndTheKeyframeComesFirst() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.videoAndAudio());
        play(source, 5, 2000);
        stream.purge();
        hub.time.settle();
        Client client = join(1);
        assertThat(client.told.first).noneMatch(TrackPosition::started);
        play(source, 30, 2000);
        assertDecodable(client, client);
        assertThat(client.video()).isNotEmpty();
        assertThat(client.told.firstKeyframeNanos).isPositive();
    }

    @Test
    void randomSocketsAlwaysGetWholeFramesAndCleanEntries() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            TestHub.Source source = hub.attach(stream, 0, true, TestHub.videoAndAudio());
            TestCamera sound = new TestCamera(6);
            sound.payloadType = 0;
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                clients.add(join(
                        i % 3,
                        i % 2 == 0 ? ViewKey.interleaved(new int[] {0, 2}) : ViewKey.interleaved(new int[] {0, 8})));
            }
            Client free = join(1);
            for (int i = 0; i < 150; i++) {
                play(source, 1, 2500);
                source.read(1, List.of(sound.audio()));
                for (Client client : clients) {
                    if (random.nextInt(3) > 0 && client.viewer.endReason() == null) {
                        int bytes = random.nextInt(4) == 0 ? random.nextInt(8) : random.nextInt(12_000);
                        hub.loops.get(clients.indexOf(client) % 3).call(() -> client.socket.drain(bytes));
                    }
                }
                if (random.nextInt(300) == 0) {
                    clients.get(random.nextInt(6)).socket.broken = true;
                }
            }
            for (Client client : clients) {
                client.socket.frames();
                assertDecodable(client, free);
                assertThat(client.told.ends).isLessThanOrEqualTo(1);
            }
            assertNoHoles(free);
            assertDecodable(free, free);
            clients.add(free);
            for (Client client : clients) {
                ManualLoop loop = (ManualLoop) client.viewer.executor();
                loop.call(() -> client.viewer.close("teardown", false));
                client.socket.close();
            }
            hub.time.settle();
            assertThat(stream.subscriberCount()).isZero();
            assertThat(hub.total(Level.VIEWER_QUEUED_BYTES)).isZero();
            source.close();
        }
    }

    @Test
    void aViewerThatStopsReadingIsBoundedThenCutOffAndItsNeighboursLoseNothing() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 1, 4000);
        Client frozen = join(1);
        Client neighbour = join(1);
        frozen.socket.room = 2;
        int longest = 0;
        int cutAt = 0;
        for (int i = 0; i < 300; i++) {
            play(source, 1, 4000);
            int queued = (int) hub.total(Level.VIEWER_QUEUED_BYTES);
            longest = Math.max(longest, queued);
            if (cutAt == 0 && frozen.viewer.endReason() != null) {
                cutAt = i;
            }
        }
        assertThat(longest).as("half a second and a keyframe").isBetween(10_000, 120_000);
        assertThat(frozen.told.end).isEqualTo("too_slow");
        assertThat(frozen.told.abrupt).isTrue();
        assertThat(frozen.told.ends).isEqualTo(1);
        assertThat(cutAt * 40).isBetween(1000, 11_200);
        assertThat(frozen.viewer.drops()).isPositive();
        assertThat(hub.total(Counter.STALE_DISCONNECTED)).isEqualTo(1);
        assertThat(hub.total(Counter.VIEWER_DROPPED_PACKETS)).isPositive();
        assertNoHoles(neighbour);
        assertDecodable(frozen, neighbour);
        assertThat(neighbour.viewer.drops()).isZero();
        frozen.socket.close();
    }

    @Test
    void aSlowViewerClimbsDownAndComesBackAtAKeyframe() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 1, 4000);
        Client slow = join(1);
        Client witness = join(2);
        ManualLoop loop = hub.loops.get(1);
        slow.socket.room = 0;
        int rungs = 0;
        for (int i = 0; i < 300 && hub.total(Counter.STALE_KEYFRAMES_ONLY) == 0; i++) {
            play(source, 1, 4000);
            // Reads a little once a second: it makes progress and is behind all the same.
            if (i % 24 == 23) {
                loop.call(() -> slow.socket.drain(6000));
            }
            rungs = i;
        }
        assertThat(hub.total(Counter.STALE_THINNED)).isEqualTo(1);
        assertThat(hub.total(Counter.STALE_KEYFRAMES_ONLY))
                .as("after %d frames", rungs)
                .isEqualTo(1);
        loop.call(() -> slow.socket.drain(Integer.MAX_VALUE));
        int before = slow.video().size();
        play(source, 60, 4000);
        List<byte[]> keyframes = slow.video();
        assertThat(keyframes.size() - before).as("keyframes alone").isBetween(20, 120);
        play(source, 700, 4000);
        assertThat(hub.total(Counter.STALE_RECOVERED)).isEqualTo(2);
        assertThat(slow.viewer.endReason()).isNull();
        assertDecodable(slow, witness);
        slow.socket.close();
    }

    @Test
    void aSlowJoinerMayTakeItsTimeForTheGop() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 24, 8000);
        Client client = new Client(hub, stream, hub.loops.get(1), ViewKey.interleaved(new int[] {0}));
        viewers.add(client.viewer);
        client.socket.room = 0;
        hub.loops.get(1).call(client.viewer::start);
        // 20 kB each 40 ms: the GOP of 240 kB takes longer than media may be old.
        for (int i = 0; i < 50; i++) {
            play(source, 1, 8000);
            hub.loops.get(1).call(() -> client.socket.drain(20_000));
        }
        assertThat(client.viewer.drops()).isZero();
        assertNoHoles(client);
        assertThat(client.video().size()).isGreaterThan(300);
        client.socket.close();
    }

    @Test
    void anAudienceOfSoundAloneDoesNotWaitForKeyframes() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.videoAndAudio());
        Client client = join(1, ViewKey.interleaved(new int[] {-1, 0}));
        TestCamera sound = new TestCamera(6);
        sound.payloadType = 0;
        for (int i = 0; i < 10; i++) {
            source.read(1, List.of(sound.audio()));
        }
        assertThat(client.socket.frames()).hasSize(10);
        source.close();
    }

    @Test
    void aBrokenConnectionEndsTheViewerOnce() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Client client = join(1);
        client.socket.broken = true;
        play(source, 3, 1000);
        assertThat(client.told.end).isEqualTo("disconnected");
        assertThat(client.told.ends).isEqualTo(1);
        assertThat(stream.subscriberCount()).isZero();
        int sends = client.socket.sends;
        play(source, 3, 1000);
        assertThat(client.socket.sends).isEqualTo(sends);
    }

    private DatagramViewer datagrams(ScriptedDatagrams transport, Told told, int loop, StalenessContract contract) {
        InetSocketAddress rtp = InetSocketAddress.createUnresolved("viewer", 5000);
        InetSocketAddress rtcp = InetSocketAddress.createUnresolved("viewer", 5001);
        DatagramViewer viewer = new DatagramViewer(
                new ViewerSetting(
                        hub.loops.get(loop),
                        stream,
                        told,
                        contract,
                        hub.counters(hub.loops.get(loop)),
                        hub.time::nanos),
                ViewKey.datagrams(1),
                transport,
                List.of(new DatagramViewer.Destination(rtp, rtcp)));
        viewers.add(viewer);
        hub.loops.get(loop).call(viewer::start);
        return viewer;
    }

    @Test
    void aCachedGopIsSpreadOverTimeAndLiveMediaFollowsIt() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 24, 20_000);
        ScriptedDatagrams transport = new ScriptedDatagrams();
        Told told = new Told();
        datagrams(transport, told, 1, CONTRACT);
        hub.time.settle();
        assertThat(transport.bytes()).isBetween(32 * 1024, 32 * 1024 + 125_000);
        assertThat(transport.flushes).isPositive();
        int before = transport.bytes();
        hub.time.advanceMillis(4);
        assertThat(transport.bytes() - before).isBetween(32 * 1024, 32 * 1024 + 21_000);
        play(source, 10, 20_000);
        for (int i = 1; i < transport.sent.size(); i++) {
            int step = ByteBuffer.wrap(transport.sent.get(i)).getShort(2)
                    - ByteBuffer.wrap(transport.sent.get(i - 1)).getShort(2);
            assertThat(step & 0xffff).as("datagram %d", i).isEqualTo(1);
        }
        assertThat(told.firstKeyframeNanos).isBetween(0L, Duration.ofMillis(20).toNanos());
        assertThat(hub.total(Level.VIEWER_QUEUED_BYTES)).isZero();
    }

    @Test
    void whatWaitsBehindABurstIsBounded() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        play(source, 24, 20_000);
        ScriptedDatagrams transport = new ScriptedDatagrams();
        transport.writable = false;
        StalenessContract small = new StalenessContract(
                CONTRACT.maxAge(), 100_000, CONTRACT.burstAge(), CONTRACT.maxFrozen(), CONTRACT.window(), 3);
        DatagramViewer viewer = datagrams(transport, new Told(), 1, small);
        hub.time.settle();
        assertThat(transport.sent).as("a full socket takes no burst").isEmpty();
        for (int i = 0; i < 100; i++) {
            play(source, 1, 20_000);
            assertThat(hub.total(Level.VIEWER_QUEUED_BYTES)).isLessThanOrEqualTo(100_000);
        }
        assertThat(viewer.drops()).isPositive();
        transport.writable = true;
        play(source, 30, 20_000);
        assertThat(transport.sent.get(0)[12] & 0x1f).as("parameter sets").isEqualTo(7);
    }

    @Test
    void aFullSharedSocketThinsButDisconnectsNobody() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        ScriptedDatagrams transport = new ScriptedDatagrams();
        Told told = new Told();
        DatagramViewer viewer = datagrams(transport, told, 1, CONTRACT);
        transport.writable = false;
        play(source, 25 * 40, 2000);
        assertThat(viewer.drops()).isGreaterThan(20);
        assertThat(told.ends).isZero();
        assertThat(hub.total(Counter.STALE_DISCONNECTED)).isZero();
        assertThat(transport.sent).isEmpty();
        transport.writable = true;
        play(source, 60, 2000);
        assertThat(transport.sent).isNotEmpty();
    }
}
