package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.egress.PacketReceiver.Unit;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;

/** Viewers of RTP packets in virtual time: what a receiver behind a bad path can make of them. */
class PacketViewerTest {
    private static final InetSocketAddress REMOTE = InetSocketAddress.createUnresolved("browser", 4000);
    private static final int VIDEO = 0x1111;
    private static final int RTX = 0x2222;
    private static final int AUDIO = 0x3333;

    private final List<TestHub> hubs = new ArrayList<>();
    private final TestHub hub = new TestHub(
            (s, l) -> new LoopViewers(l, ByteBufAllocator.DEFAULT, hubs.get(0).counters(l), hubs.get(0).time::nanos));
    private final Stream main = hub.stream("gate");
    private final Stream sub = hub.hub.open("gate", Rendition.SUB);
    private final TestCamera mainCamera = new TestCamera(5);
    private final TestCamera subCamera = new TestCamera(6);
    private final TestCamera sound = new TestCamera(7);
    private final ManualLoop loop = hub.loops.get(1);
    private final Told told = new Told();
    private final FixedRate rate = new FixedRate();
    private final Map<ByteBuffer, Integer> mainUnits = new HashMap<>();
    private final Map<ByteBuffer, Integer> subUnits = new HashMap<>();
    /** Numbers of the main stream's pictures that nothing refers to. */
    private final Set<Integer> disposable = new HashSet<>();

    private final List<PacketViewer> viewers = new ArrayList<>();
    private TestHub.@Nullable Source mainSource;
    private TestHub.@Nullable Source subSource;
    private long frameCount;
    private int mainBytes = 8000;

    /** An estimate that the test sets. */
    private static final class FixedRate implements SendRate {
        long bitsPerSecond;
        final List<Integer> numbers = new ArrayList<>();

        @Override
        public void onPacketSent(int transportSequenceNumber, int bytes, long nowNanos) {
            numbers.add(transportSequenceNumber);
        }

        @Override
        public void onTransportFeedback(ByteBuf buf, int offset, int length, long nowNanos) {}

        @Override
        public void onRemb(long bits, long nowNanos) {
            bitsPerSecond = bits;
        }

        @Override
        public long bitsPerSecond(long nowNanos) {
            return bitsPerSecond;
        }
    }

    PacketViewerTest() {
        hubs.add(hub);
        sound.payloadType = 0;
        mainSource = hub.attach(main, 0, true, TestHub.videoAndAudio());
    }

    @AfterEach
    void everythingIsGivenBack() {
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.hub.remove("gate", Rendition.SUB, "test over");
        hub.time.advanceMillis(2000);
        assertThat(viewers).allMatch(v -> v.endReason() != null);
        assertThat(hub.slabs.bytesInUse()).isZero();
        assertThat(hub.budget.usedBytes()).isZero();
    }

    private void attachSub() {
        subSource = hub.attach(
                sub, 2, true, new StreamDescription(List.of(TestCamera.AUDIO, TestCamera.VIDEO.withPayloadType(97))));
        subCamera.payloadType = 97;
    }

    private static PacketTrack video(int rtxPayloadType, boolean retransmits, PacketExtensions extensions) {
        TrackFormat format = TestCamera.VIDEO.withPayloadType(102);
        return new PacketTrack(format, VIDEO, rtxPayloadType, RTX, retransmits, extensions);
    }

    private PacketViewer viewer(PacketReceiver receiver, PacketTrack video) {
        PacketTrack audio = new PacketTrack(
                TestCamera.AUDIO.withPayloadType(8), AUDIO, -1, 0, false, new PacketExtensions(3, 0, 0));
        PacketViewer viewer = new PacketViewer(
                new ViewerSetting(
                        loop, main, told, StalenessContract.DEFAULT, hub.counters(loop), hub.time::nanos, sub),
                new PacketSetting(video, audio, receiver, rate, receiver, ByteBufAllocator.DEFAULT, 0x1234_5678),
                REMOTE);
        viewers.add(viewer);
        return viewer;
    }

    private void start(PacketViewer viewer) {
        loop.call(viewer::start);
        hub.time.settle();
    }

    private static PacketReceiver receiver(long seed) {
        return new PacketReceiver(seed, VIDEO, RTX, AUDIO);
    }

    private List<byte[]> remembered(Map<ByteBuffer, Integer> units, List<byte[]> packets) {
        for (Unit unit : PacketReceiver.units(packets)) {
            int type = unit.bytes().get(0) & 0x1f;
            if (type == 5 || type == 1) {
                if ((unit.bytes().get(0) & 0x60) == 0) {
                    disposable.add(units.size());
                }
                units.put(unit.bytes(), units.size());
            }
        }
        return packets;
    }

    /** One frame each 40 ms with sound, a keyframe each second. */
    private void play(int frames) {
        for (int i = 0; i < frames; i++) {
            long number = frameCount++;
            TestHub.Source large = mainSource;
            if (large != null) {
                large.read(
                        0,
                        remembered(
                                mainUnits,
                                number % 25 == 0
                                        ? mainCamera.keyframe(5 * mainBytes)
                                        : number % 3 == 0
                                                ? mainCamera.disposable(mainBytes)
                                                : mainCamera.frame(mainBytes)));
                large.read(1, List.of(sound.audio()));
            }
            TestHub.Source small = subSource;
            if (small != null) {
                small.read(
                        1, remembered(subUnits, number % 50 == 10 ? subCamera.keyframe(3000) : subCamera.frame(900)));
            }
            hub.time.advanceMillis(40);
        }
    }

    /** Every picture whole and known, in order, and none missing but where a keyframe follows; how often it came from the other stream. */
    private int assertDecodable(PacketReceiver receiver) {
        int changes = 0;
        int last = -1;
        boolean ofSub = false;
        boolean keyBefore = false;
        int timestamp = 0;
        boolean any = false;
        for (Unit unit : PacketReceiver.units(receiver.video.values())) {
            assertThat(!any || unit.timestamp() - timestamp >= 0)
                    .as("time goes on")
                    .isTrue();
            timestamp = unit.timestamp();
            any = true;
            int type = unit.bytes().get(0) & 0x1f;
            if (type == 7) {
                keyBefore = true;
            }
            if (type != 1 && type != 5) {
                continue;
            }
            Integer inMain = mainUnits.get(unit.bytes());
            Integer inSub = subUnits.get(unit.bytes());
            assertThat(inMain != null || inSub != null)
                    .as("byte for byte a unit of the camera")
                    .isTrue();
            boolean nowSub = inMain == null;
            int now = inMain != null ? inMain : inSub == null ? -1 : inSub;
            boolean follows = last >= 0 && nowSub == ofSub && isNextWanted(nowSub, last, now);
            assertThat(follows || keyBefore).as("unit %d follows %d", now, last).isTrue();
            if (!follows) {
                assertThat(type).isEqualTo(5);
            }
            changes += last >= 0 && nowSub != ofSub ? 1 : 0;
            last = now;
            ofSub = nowSub;
            keyBefore = false;
        }
        return changes;
    }

    /** Only pictures that nothing refers to may be left out. */
    private boolean isNextWanted(boolean inSub, int last, int now) {
        for (int left = last + 1; left < now; left++) {
            if (inSub || !disposable.contains(left)) {
                return false;
            }
        }
        return now > last;
    }

    private void nackMissing(PacketViewer viewer, PacketReceiver receiver) {
        List<Integer> missing = receiver.missing();
        loop.call(() -> {
            for (int i = 0; i < missing.size(); i++) {
                int first = missing.get(i);
                int mask = 0;
                while (i + 1 < missing.size()
                        && (missing.get(i + 1) - first & 0xffff) <= 16
                        && missing.get(i + 1) != first) {
                    i++;
                    mask |= 1 << (missing.get(i) - first - 1 & 0xffff);
                }
                viewer.onNack(VIDEO, first, mask, hub.time.nanos());
            }
            viewer.endOfFeedback();
        });
    }

    @Test
    void aViewerGetsTheGopPressedTogetherAndThenEverything() {
        play(13);
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, new PacketExtensions(3, 5, 6)));
        start(viewer);
        hub.time.advanceMillis(12);
        List<byte[]> burst = new ArrayList<>(receiver.video.values());
        int span = ByteBuffer.wrap(burst.get(burst.size() - 1)).getInt(4)
                - ByteBuffer.wrap(burst.get(0)).getInt(4);
        assertThat(span).as("100 ms").isBetween(8900, 9000);
        assertThat(told.firstKeyframeNanos).isBetween(0L, 10_000_000L);
        assertThat(receiver.audio).as("sound begins at the live edge").isEmpty();
        play(60);
        assertThat(receiver.missing()).isEmpty();
        assertThat(assertDecodable(receiver)).isZero();
        assertThat(PacketReceiver.units(receiver.video.values()).stream()
                        .filter(u -> (u.bytes().get(0) & 0x1f) <= 5)
                        .count())
                .isEqualTo(73);
        assertThat(receiver.audio).hasSize(60);
        assertThat(receiver.longest).isBetween(1000, 1200);
        assertThat(viewer.sentPackets()).isEqualTo(receiver.video.size() + receiver.audio.size());
        assertThat(rate.numbers).hasSize((int) viewer.sentPackets());
        for (int i = 1; i < rate.numbers.size(); i++) {
            assertThat(rate.numbers.get(i) - rate.numbers.get(i - 1) & 0xffff).isEqualTo(1);
        }
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void fragmentsOfAFrameAreEquallyLongAndFewSendsCarryThem() {
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(1);
        start(viewer);
        receiver.sends = 0;
        receiver.segments.clear();
        play(24);
        List<Integer> runs = receiver.segments.stream().filter(n -> n > 1).toList();
        assertThat(runs)
                .as("a frame is one send, or two where it lies in two slabs")
                .hasSizeLessThanOrEqualTo(40);
        assertThat(runs.stream().mapToInt(n -> n).sum()).isBetween(24 * 7, 24 * 8);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void keyframesCarryTheClockAndTheBoundOfDelayAndAreStillEquallyLong() {
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, new PacketExtensions(3, 5, 6)));
        play(3);
        TestHub.Source source = mainSource;
        if (source != null) {
            source.rtcp(0, mainCamera.senderReport(0xe800_0000_0000_0000L));
        }
        start(viewer);
        play(30);
        int withClock = 0;
        for (byte[] packet : receiver.video.values()) {
            int header = PacketReceiver.headerLength(packet);
            assertThat(ByteBuffer.wrap(packet).getShort(12)).isEqualTo((short) 0xbede);
            withClock += header == 32 ? 1 : 0;
            if (header == 32) {
                assertThat(packet[19] >>> 4).as("capture time, 8 bytes").isEqualTo(5);
                assertThat(ByteBuffer.wrap(packet).getLong(20)).isNotZero();
                assertThat(packet[28]).as("delay, 3 bytes").isEqualTo((byte) 0x62);
            }
        }
        assertThat(withClock).isPositive();
        hub.time.advanceMillis(1100);
        assertThat(receiver.reports).isNotEmpty();
        ByteBuffer report = ByteBuffer.wrap(receiver.reports.get(receiver.reports.size() - 1));
        assertThat(report.getInt(4)).isEqualTo(VIDEO);
        byte[] last = receiver.video.lastEntry().getValue();
        assertThat(report.getInt(16)).isEqualTo(ByteBuffer.wrap(last).getInt(4));
        assertThat(report.getInt(20)).isEqualTo(receiver.video.size());
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void lossIsRepairedFromTheSharedRingByRtxAndWithout() {
        for (int rtx : new int[] {103, -1}) {
            PacketReceiver receiver = receiver(rtx);
            PacketViewer viewer = viewer(receiver, video(rtx, true, new PacketExtensions(3, 5, 0)));
            play(7);
            start(viewer);
            receiver.loss = 0.1;
            for (int i = 0; i < 200; i++) {
                play(1);
                nackMissing(viewer, receiver);
            }
            receiver.loss = 0;
            hub.time.advanceMillis(25);
            nackMissing(viewer, receiver);
            play(1);
            hub.time.advanceMillis(25);
            nackMissing(viewer, receiver);
            assertThat(receiver.missing()).isEmpty();
            assertDecodable(receiver);
            assertThat(receiver.repeats > 0).isEqualTo(rtx > 0);
            assertThat(hub.total(Counter.RETRANSMITTED_PACKETS)).isGreaterThan(100);
            loop.call(() -> viewer.close("teardown", false));
        }
    }

    @Test
    void nobodyCanMakeItRepeatWithoutBound() {
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(5);
        start(viewer);
        play(20);
        long before = viewer.sentBytes();
        loop.call(() -> {
            for (int i = 0; i < 65_536; i++) {
                viewer.onNack(VIDEO, i, 0xffff, hub.time.nanos());
                viewer.onNack(RTX, i, 0xffff, hub.time.nanos());
            }
        });
        assertThat(viewer.sentBytes() - before).isBetween(1L, 600_000L);
        assertThat(hub.total(Counter.RETRANSMISSIONS_WITHHELD)).isGreaterThan(60_000);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void aLostPictureIsAnsweredFromTheCacheOncePerSecond() {
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        start(viewer);
        play(30);
        int before = receiver.video.size();
        loop.call(() -> {
            viewer.onPli(hub.time.nanos());
            viewer.onFir(hub.time.nanos());
        });
        hub.time.advanceMillis(30);
        assertThat(receiver.video.size() - before)
                .as("keyframe and what followed it")
                .isBetween(60, 90);
        assertThat(hub.total(Counter.KEYFRAMES_FROM_CACHE)).isEqualTo(1);
        assertThat(hub.total(Counter.KEYFRAMES_WITHHELD)).isPositive();
        play(30);
        assertThat(receiver.missing()).isEmpty();
        assertDecodable(receiver);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void aTileChangesSidesAtOnceAndPauses() {
        attachSub();
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(60);
        start(viewer);
        play(10);
        loop.call(() -> viewer.choose(TileChoice.SUB));
        hub.time.settle();
        play(1);
        assertThat(viewer.watched()).isSameAs(sub);
        assertThat(main.subscriberCount()).isZero();
        play(20);
        loop.call(() -> viewer.choose(TileChoice.MAIN));
        hub.time.settle();
        play(20);
        assertThat(viewer.watched()).isSameAs(main);
        assertThat(sub.subscriberCount()).isZero();
        loop.call(() -> viewer.choose(TileChoice.PAUSED));
        hub.time.settle();
        long packets = viewer.sentPackets();
        play(20);
        assertThat(viewer.sentPackets()).isEqualTo(packets);
        assertThat(main.subscriberCount()).isZero();
        loop.call(() -> viewer.choose(TileChoice.AUTO));
        hub.time.settle();
        play(20);
        assertThat(receiver.missing()).isEmpty();
        assertThat(assertDecodable(receiver)).isEqualTo(2);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void aPathThatCarriesTooLittleGetsTheSubStreamAndComesBackWithRoom() {
        attachSub();
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(60);
        start(viewer);
        play(60);
        assertThat(viewer.rung()).isEqualTo("all");
        rate.bitsPerSecond = 600_000;
        play(25 * 8);
        assertThat(viewer.rung()).isEqualTo("sub_stream");
        assertThat(viewer.watched()).isSameAs(sub);
        assertThat(hub.total(Counter.STALE_SUB_STREAM)).isEqualTo(1);
        play(25 * 30);
        assertThat(viewer.watched()).as("no flapping").isSameAs(sub);
        rate.bitsPerSecond = 20_000_000;
        play(25 * 25);
        assertThat(viewer.watched()).isSameAs(main);
        assertThat(viewer.rung()).isEqualTo("all");
        assertThat(receiver.missing()).isEmpty();
        assertThat(assertDecodable(receiver)).isGreaterThanOrEqualTo(2);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void aFullSocketCostsNoMemoryAndEndsAtAKeyframe() {
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(3);
        start(viewer);
        play(10);
        receiver.writable = false;
        play(40);
        assertThat(viewer.drops()).isPositive();
        receiver.writable = true;
        play(60);
        assertThat(receiver.missing()).as("what was dropped has no number").isEmpty();
        assertThat(viewer.endReason()).isNull();
        assertDecodable(receiver);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void aPublisherThatSendsKeyframesOnDemandAloneIsAsked() {
        TestHub.Source source = mainSource;
        if (source == null) {
            throw new AssertionError("not attached");
        }
        source.answersKeyframeRequests = true;
        PacketReceiver receiver = receiver(1);
        PacketViewer viewer = viewer(receiver, video(103, true, PacketExtensions.NONE));
        play(2);
        start(viewer);
        frameCount = 26;
        play(10);
        receiver.writable = false;
        int before = source.keyframeRequests;
        play(14);
        // The place has moved to the end of the ring, and nothing comes by itself.
        receiver.writable = true;
        assertThat(viewer.drops()).isPositive();
        assertThat(source.keyframeRequests).isGreaterThan(before);
        int asked = source.keyframeRequests;
        mainSource = null;
        for (int i = 0; i < 50; i++) {
            source.read(0, remembered(mainUnits, mainCamera.frame(2000)));
            hub.time.advanceMillis(40);
        }
        assertThat(source.keyframeRequests - asked).as("about once per second").isBetween(1, 3);
        int size = receiver.video.size();
        source.read(0, remembered(mainUnits, mainCamera.keyframe(5000)));
        hub.time.advanceMillis(40);
        assertThat(receiver.video.size()).isGreaterThan(size);
        assertThat(receiver.missing()).isEmpty();
        assertDecodable(receiver);
        loop.call(() -> viewer.close("teardown", false));
    }

    @Test
    void randomPathsAndChoicesAlwaysGiveADecodableSequence() {
        attachSub();
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            PacketReceiver receiver = receiver(seed);
            PacketViewer viewer =
                    viewer(receiver, video(seed % 2 == 0 ? 103 : -1, true, new PacketExtensions(1, 2, 3)));
            mainBytes = 2000 + random.nextInt(6000);
            play(random.nextInt(40));
            start(viewer);
            receiver.loss = 0.05;
            for (int i = 0; i < 250; i++) {
                play(1);
                for (int round = 0; round < 3; round++) {
                    nackMissing(viewer, receiver);
                    hub.time.advanceMillis(21);
                }
                if (random.nextInt(12) == 0) {
                    receiver.loss = 0;
                    hub.time.advanceMillis(21);
                    nackMissing(viewer, receiver);
                    assertThat(receiver.missing()).isEmpty();
                    receiver.loss = 0.05;
                    TileChoice choice = List.of(TileChoice.values()).get(random.nextInt(4));
                    loop.call(() -> viewer.choose(choice));
                    hub.time.settle();
                }
                if (random.nextInt(40) == 0) {
                    loop.call(() -> viewer.onPli(hub.time.nanos()));
                }
            }
            assertThat(told.end).isEmpty();
            receiver.loss = 0;
            hub.time.advanceMillis(21);
            nackMissing(viewer, receiver);
            assertDecodable(receiver);
            loop.call(() -> viewer.close("teardown", false));
            told.end = "";
            hub.time.settle();
        }
    }
}
