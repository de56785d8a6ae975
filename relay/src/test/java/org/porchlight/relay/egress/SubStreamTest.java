package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.SourceControl;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;

/** The sub stream as a rung of the staleness ladder: from the main stream to it and back, in virtual time. */
class SubStreamTest {
    private static final StalenessContract CONTRACT = StalenessContract.DEFAULT;
    private static final int MAIN_BYTES = 4000;
    private static final int SUB_BYTES = 400;

    private final TestHub hub =
            new TestHub((s, loop) -> new LoopViewers(loop, ByteBufAllocator.DEFAULT, counters(loop), this::nanos));
    private final Stream main = hub.stream("gate");
    private final Stream sub = hub.hub.open("gate", Rendition.SUB);
    private final TestCamera mainCamera = new TestCamera(5);
    private final TestCamera subCamera = new TestCamera(6);
    private final TestCamera sound = new TestCamera(7);
    private final Told told = new Told();
    private final ScriptedSocket socket = new ScriptedSocket();
    private final ManualLoop loop = hub.loops.get(1);
    private final StreamViewer viewer = new StreamViewer(
            new ViewerSetting(loop, main, told, CONTRACT, hub.counters(loop), hub.time::nanos, sub),
            ViewKey.interleaved(new int[] {4, 6}),
            socket,
            new Pieces());
    private final Map<ByteBuffer, Packet> origins = new HashMap<>();
    private final OnDemand subSource = new OnDemand();
    private TestHub.Source mainSource = attachMain(TestHub.videoAndAudio());
    private long frameCount;
    private int subGop = 50;
    private boolean subSilent;

    /** Where a packet came from. */
    private record Packet(boolean ofSub, int number, int sequence, int timestamp) {}

    /** A camera's sub stream that is connected when it is wanted. */
    private final class OnDemand implements SourceControl {
        StreamDescription description =
                new StreamDescription(List.of(TestCamera.AUDIO, TestCamera.VIDEO.withPayloadType(97)));
        boolean dead;
        boolean wanted;
        int opened;
        int closed;
        TestHub.@Nullable Source source;

        @Override
        public void open() {
            wanted = true;
            opened++;
        }

        @Override
        public void close() {
            wanted = false;
            closed++;
            TestHub.Source leaving = source;
            source = null;
            if (leaving != null) {
                leaving.loop.execute(() -> leaving.ingest().close());
            }
        }

        void connectIfWanted() {
            if (wanted && source == null && !dead) {
                source = hub.attach(sub, 2, true, description);
            }
        }
    }

    SubStreamTest() {
        sound.payloadType = 0;
        subCamera.payloadType = 97;
        sub.useSource(subSource, false);
    }

    private long nanos() {
        return hub.time.nanos();
    }

    private LoopCounters counters(EventExecutor ofLoop) {
        return hub.counters(ofLoop);
    }

    private TestHub.Source attachMain(StreamDescription description) {
        return hub.attach(main, 0, true, description);
    }

    @AfterEach
    void everythingIsGivenBack() {
        socket.close();
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.hub.remove("gate", Rendition.SUB, "test over");
        hub.time.advanceMillis(2000);
        assertThat(viewer.endReason()).isNotNull();
        assertThat(told.ends).isEqualTo(1);
        assertThat(hub.slabs.bytesInUse()).isZero();
        assertThat(hub.budget.usedBytes()).isZero();
        assertThat(hub.total(Level.VIEWER_QUEUED_BYTES)).isZero();
    }

    private void start() {
        loop.call(viewer::start);
        hub.time.settle();
    }

    /** The end of a packet: random, so it tells one from the other. */
    private static ByteBuffer payload(byte[] packet, int from) {
        return ByteBuffer.wrap(Arrays.copyOfRange(packet, Math.max(from, packet.length - 24), packet.length));
    }

    private List<byte[]> remembered(boolean ofSub, List<byte[]> packets) {
        for (byte[] packet : packets) {
            ByteBuffer header = ByteBuffer.wrap(packet);
            origins.put(
                    payload(packet, 12),
                    new Packet(ofSub, origins.size(), header.getShort(2) & 0xffff, header.getInt(4)));
        }
        return packets;
    }

    /** One frame of each stream and a packet of sound every 40 ms. */
    private void play(int frames) {
        for (int i = 0; i < frames; i++) {
            long number = frameCount++;
            subSource.connectIfWanted();
            mainSource.read(
                    0,
                    remembered(
                            false,
                            number % 25 == 0
                                    ? mainCamera.keyframe(6 * MAIN_BYTES)
                                    : number % 3 == 0
                                            ? mainCamera.disposable(MAIN_BYTES)
                                            : mainCamera.frame(MAIN_BYTES)));
            mainSource.read(1, List.of(sound.audio()));
            TestHub.Source small = subSource.source;
            if (small != null && !subSilent) {
                small.read(
                        1,
                        remembered(
                                true,
                                number % subGop == 7 ? subCamera.keyframe(4 * SUB_BYTES) : subCamera.frame(SUB_BYTES)));
            }
            hub.time.advanceMillis(40);
        }
    }

    /** Reads a little now and then until it stands on a rung. */
    private void starveTo(String rung) {
        for (int i = 0; i < 3000 && !viewer.rung().equals(rung) && viewer.endReason() == null; i++) {
            starve(i);
        }
        assertThat(viewer.rung()).isEqualTo(rung);
    }

    private void starve(int step) {
        if (socket.room == Integer.MAX_VALUE) {
            socket.room = 0;
        }
        play(1);
        if (step % 24 == 23) {
            loop.call(() -> socket.drain(6000));
        }
    }

    private void reach() {
        loop.call(() -> socket.drain(Integer.MAX_VALUE));
        hub.time.settle();
    }

    private List<byte[]> video() {
        return socket.frames().stream().filter(f -> f[1] == 4).toList();
    }

    private static int sequence(byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(6) & 0xffff;
    }

    private static int timestamp(byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(8);
    }

    private Packet origin(byte[] frame) {
        // Delimiters and parameter sets are the same in each stream; what follows tells.
        return origins.getOrDefault(payload(frame, 16), new Packet(false, -1, 0, 0));
    }

    private static boolean isShared(byte[] frame) {
        int type = frame[16] & 0x1f;
        return type == 7 || type == 8 || type == 9;
    }

    /** One track to the client: numbers never go back, time never, sides change between frames at parameter sets; the changes of side. */
    private int assertOneTrack() {
        int changes = 0;
        Packet last = null;
        byte[] before = null;
        byte[] lastPicture = null;
        List<byte[]> sinceLast = new ArrayList<>();
        for (byte[] frame : video()) {
            if (before != null) {
                assertThat((short) (sequence(frame) - sequence(before)))
                        .as("numbers go on")
                        .isPositive();
                assertThat(timestamp(frame) - timestamp(before))
                        .as("time goes on")
                        .isNotNegative();
                assertThat(ByteBuffer.wrap(frame).getInt(12))
                        .isEqualTo(ByteBuffer.wrap(before).getInt(12));
            }
            assertThat(frame[5] & 0x7f).isEqualTo(96);
            before = frame;
            if (isShared(frame)) {
                sinceLast.add(frame);
                continue;
            }
            Packet now = origin(frame);
            assertThat(now.number()).as("a packet of either stream").isNotNegative();
            if (last != null && lastPicture != null) {
                if (now.ofSub() != last.ofSub()) {
                    changes++;
                    assertThat(lastPicture[5] & 0x80).as("a whole frame before").isEqualTo(0x80);
                    assertThat(sinceLast)
                            .as("parameter sets before the first picture")
                            .isNotEmpty();
                    assertThat(timestamp(frame)).isNotEqualTo(timestamp(lastPicture));
                } else {
                    assertThat(timestamp(frame) - timestamp(lastPicture))
                            .as("the same speed")
                            .isEqualTo(now.timestamp() - last.timestamp());
                    assertThat((short) (sequence(frame) - sequence(lastPicture)))
                            .isEqualTo((short) (now.sequence() - last.sequence()));
                }
            }
            last = now;
            lastPicture = frame;
            sinceLast.clear();
        }
        return changes;
    }

    private boolean showsSub() {
        List<byte[]> video = video();
        return origin(video.get(video.size() - 1)).ofSub();
    }

    @Test
    void aViewerThatCannotTakeKeyframesGetsTheSubStreamAndComesBack() {
        start();
        play(5);
        starveTo("sub_stream");
        assertThat(hub.total(Counter.STALE_KEYFRAMES_ONLY)).isEqualTo(1);
        reach();
        play(60);
        assertThat(showsSub()).isTrue();
        assertThat(subSource.opened).isEqualTo(1);
        assertThat(sub.subscriberCount()).isEqualTo(1);
        assertThat(main.subscriberCount()).isEqualTo(1);
        assertThat(hub.total(Counter.STALE_SUB_STREAM)).isEqualTo(1);
        assertThat(hub.total(Counter.VIEWERS_OPENED)).isEqualTo(1);
        int sounds = socket.frames().size() - video().size();
        play(25);
        assertThat(socket.frames().size() - video().size() - sounds)
                .as("sound goes on")
                .isBetween(25, 27);
        for (int i = 0; i < 1000 && !viewer.rung().equals("keyframes_only"); i++) {
            play(1);
        }
        play(26);
        assertThat(showsSub()).isFalse();
        assertThat(sub.subscriberCount()).isZero();
        play(25 * 25);
        assertThat(viewer.rung()).isEqualTo("all");
        assertThat(subSource.closed).as("nobody is left there").isEqualTo(1);
        assertThat(assertOneTrack()).isEqualTo(2);
        int end = video().size();
        play(50);
        List<byte[]> live = video().subList(end, video().size());
        for (int i = 1; i < live.size(); i++) {
            assertThat(sequence(live.get(i))).isEqualTo(sequence(live.get(i - 1)) + 1 & 0xffff);
        }
        assertThat(live).hasSizeGreaterThan(200);
    }

    @Test
    void bothWaysAreSeamlessWhereNothingWasDropped() {
        start();
        starveTo("sub_stream");
        reach();
        // Whatever was dropped is behind; from here on everything that is given arrives.
        int from = -1;
        for (int i = 0; i < 900; i++) {
            play(1);
            if (from < 0) {
                from = video().size();
            }
        }
        List<byte[]> video = video().subList(from, video().size());
        int changes = 0;
        for (int i = 1; i < video.size(); i++) {
            boolean atStart = (video.get(i)[16] & 0x1f) == 7;
            if (atStart && !isShared(video.get(i - 1))) {
                byte[] next = video.subList(i, video.size()).stream()
                        .filter(f -> !isShared(f))
                        .findFirst()
                        .orElseThrow();
                if (origin(next).ofSub() != origin(video.get(i - 1)).ofSub()) {
                    changes++;
                    assertThat(sequence(video.get(i)))
                            .as("no number is left out at the change")
                            .isEqualTo(sequence(video.get(i - 1)) + 1 & 0xffff);
                    assertThat((timestamp(video.get(i)) - timestamp(video.get(i - 1))) / 90)
                            .as("about as much time as passed, ms")
                            .isBetween(1, 1100);
                }
            }
        }
        assertThat(changes).isBetween(1, 2);
        assertOneTrack();
    }

    @Test
    void randomSocketsAlwaysSeeOneTrack() {
        start();
        Random random = new Random(11);
        int changes = 0;
        for (int round = 0; round < 4 && viewer.endReason() == null; round++) {
            starveTo("sub_stream");
            for (int i = 0; i < 150 + random.nextInt(500); i++) {
                play(1);
                int bytes = 2000 + random.nextInt(14_000);
                loop.call(() -> socket.drain(bytes));
            }
            reach();
            play(random.nextInt(400));
            changes = assertOneTrack();
            mainCamera.ssrc = random.nextInt();
        }
        assertOneTrack();
        assertThat(changes).isPositive();
    }

    @Test
    void anotherCodecIsNoSubStream() {
        subSource.description =
                new StreamDescription(List.of(new TrackFormat(MediaKind.VIDEO, Codec.H265, 97, "H265", 90_000, 1, "")));
        start();
        starveTo("disconnected");
        assertThat(told.end).isEqualTo("too_slow");
        assertThat(subSource.opened).as("asked what it is").isPositive();
        assertThat(hub.total(Counter.STALE_SUB_STREAM)).isZero();
        assertThat(sub.subscriberCount()).isZero();
        hub.time.advanceMillis(8100);
        assertThat(subSource.wanted).isFalse();
    }

    @Test
    void aSubStreamThatDoesNotComeIsGivenUpAndKeyframesGoOn() {
        subSource.dead = true;
        start();
        starveTo("sub_stream");
        reach();
        int before = video().size();
        play(25 * 9);
        assertThat(viewer.rung()).isEqualTo("sub_stream");
        assertThat(video().size() - before).as("keyframes meanwhile").isPositive();
        play(25 * 3);
        assertThat(viewer.rung()).isNotEqualTo("sub_stream");
        assertThat(viewer.endReason()).isNull();
        assertThat(assertOneTrack()).isZero();
    }

    @Test
    void aSubStreamWithoutKeyframesIsGivenUpInBoundedTime() {
        subGop = Integer.MAX_VALUE;
        start();
        starveTo("sub_stream");
        // The door of the relay lets no picture pass before a keyframe.
        reach();
        for (int i = 0; i < 25 * 21 && viewer.rung().equals("sub_stream"); i++) {
            play(1);
        }
        assertThat(viewer.rung()).isNotEqualTo("sub_stream");
        assertThat(hub.total(Counter.STALE_SUB_STREAM)).isZero();
        assertThat(sub.subscriberCount()).isZero();
    }

    @Test
    void aSubStreamThatFallsSilentIsLeftForTheMainStream() {
        start();
        starveTo("sub_stream");
        reach();
        play(60);
        assertThat(showsSub()).isTrue();
        subSilent = true;
        play(25 * 8);
        assertThat(showsSub()).isFalse();
        assertThat(viewer.endReason()).isNull();
        assertThat(assertOneTrack()).isEqualTo(2);
    }

    @Test
    void aSubStreamThatEndsIsLeftForTheMainStream() {
        start();
        starveTo("sub_stream");
        reach();
        play(60);
        assertThat(showsSub()).isTrue();
        hub.hub.remove("gate", Rendition.SUB, "removed");
        hub.time.settle();
        subSilent = true;
        play(30);
        assertThat(showsSub()).isFalse();
        assertThat(viewer.endReason()).isNull();
        assertThat(viewer.rung()).isEqualTo("keyframes_only");
        assertThat(assertOneTrack()).isEqualTo(2);
    }

    @Test
    void whoIsClosedOnTheSubStreamLeavesBoth() {
        start();
        starveTo("sub_stream");
        reach();
        play(60);
        int frames = socket.frames().size();
        loop.call(() -> viewer.close("cut", true));
        main.purge();
        sub.purge();
        hub.time.settle();
        assertThat(main.subscriberCount()).isZero();
        assertThat(sub.subscriberCount()).isZero();
        assertThat(subSource.wanted).as("closed at once after a purge").isFalse();
        assertThat(sub.gopBytes()).isZero();
        play(20);
        assertThat(socket.frames()).hasSize(frames);
    }

    @Test
    void whoIsClosedWhileTheSubStreamOpensLeavesItAlone() {
        start();
        subSource.dead = true;
        starveTo("sub_stream");
        loop.call(() -> viewer.close("teardown", false));
        subSource.dead = false;
        play(10);
        assertThat(sub.subscriberCount()).isZero();
        hub.time.advanceMillis(8100);
        assertThat(subSource.wanted).isFalse();
    }

    @Test
    void withoutASubStreamTheLadderEndsAsBefore() {
        StalenessLadder ladder = new StalenessLadder(
                CONTRACT,
                List.of(
                        StalenessLadder.Rung.ALL,
                        StalenessLadder.Rung.THINNED,
                        StalenessLadder.Rung.SUB_STREAM,
                        StalenessLadder.Rung.KEYFRAMES_ONLY),
                0);
        for (int i = 0; i < 6; i++) {
            ladder.onDrop(i);
        }
        assertThat(ladder.rung()).as("the order is data").isEqualTo(StalenessLadder.Rung.SUB_STREAM);
        ladder.skip(StalenessLadder.Rung.SUB_STREAM, 10);
        assertThat(ladder.rung()).isEqualTo(StalenessLadder.Rung.THINNED);
        assertThat(ladder.onDrop(11)).isEqualTo(StalenessLadder.Rung.KEYFRAMES_ONLY);
        for (int i = 0; i < 20; i++) {
            assertThat(ladder.onDrop(20 + i)).as("nothing below").isEqualTo(StalenessLadder.Rung.KEYFRAMES_ONLY);
        }
        long window = CONTRACT.window().toNanos();
        assertThat(ladder.recover(100 + window)).isTrue();
        assertThat(ladder.rung()).isEqualTo(StalenessLadder.Rung.THINNED);
        for (int i = 0; i < 3; i++) {
            ladder.onDrop(200 + window);
        }
        assertThat(ladder.rung()).as("tried again").isEqualTo(StalenessLadder.Rung.SUB_STREAM);
        loop.call(viewer::start);
    }

    @Test
    void datagramsGoToTheirUsualPortsFromTheSubStreamToo() {
        ScriptedDatagrams transport = new ScriptedDatagrams();
        InetSocketAddress rtp = InetSocketAddress.createUnresolved("viewer", 5000);
        InetSocketAddress rtcp = InetSocketAddress.createUnresolved("viewer", 5001);
        Told toldByUdp = new Told();
        DatagramViewer udp = new DatagramViewer(
                new ViewerSetting(loop, main, toldByUdp, CONTRACT, hub.counters(loop), hub.time::nanos, sub),
                ViewKey.datagrams(1),
                transport,
                List.of(new DatagramViewer.Destination(rtp, rtcp)));
        start();
        loop.call(udp::start);
        play(1);
        transport.writable = false;
        for (int i = 0; i < 25 * 40 && !udp.rung().equals("sub_stream"); i++) {
            play(1);
        }
        assertThat(udp.rung()).isEqualTo("sub_stream");
        transport.writable = true;
        transport.sent.clear();
        transport.to.clear();
        play(100);
        assertThat(transport.to.stream().filter(rtp::equals).count()).isGreaterThan(50);
        List<byte[]> video = new ArrayList<>();
        for (int i = 0; i < transport.sent.size(); i++) {
            if (transport.to.get(i).equals(rtp)) {
                video.add(transport.sent.get(i));
            }
        }
        long ofSub = video.stream()
                .map(p -> origins.get(payload(p, 12)))
                .filter(p -> p != null && p.ofSub())
                .count();
        assertThat(ofSub).isGreaterThan(30);
        for (int i = 1; i < video.size(); i++) {
            int step = (short) (ByteBuffer.wrap(video.get(i)).getShort(2)
                    - ByteBuffer.wrap(video.get(i - 1)).getShort(2));
            assertThat(step).isPositive();
            assertThat(ByteBuffer.wrap(video.get(i)).getInt(8))
                    .isEqualTo(ByteBuffer.wrap(video.get(0)).getInt(8));
        }
        loop.call(() -> udp.close("teardown", false));
        assertThat(toldByUdp.ends).isEqualTo(1);
    }
}
