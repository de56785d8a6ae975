package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TrackPosition;

/**
 * Viewers that lose the picture and get the cached GOP again: to their players it is one unbroken sequence, in which the GOP stands once more where
 * they asked for it.
 */
class CacheReplayTest {
    private static final int GOP_FRAMES = 25;

    private final TestHub hub = new TestHub(this::egress);
    private final Stream stream = hub.stream("gate");
    private final TestCamera camera = new TestCamera(9);
    private final List<Client> clients = new ArrayList<>();
    /** NAL units that the camera had sent before each of its frames, as a viewer from the beginning counts them. */
    private final List<Integer> unitsBefore = new ArrayList<>();

    private int units;

    private LoopViewers egress(Stream s, EventExecutor loop) {
        return new LoopViewers(loop, ByteBufAllocator.DEFAULT, hub.counters(loop), hub.time::nanos);
    }

    @AfterEach
    void everythingIsGivenBack() {
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.time.advanceMillis(2000);
        assertThat(hub.slabs.bytesInUse()).isZero();
        assertThat(hub.budget.usedBytes()).isZero();
    }

    private final class Client implements ViewerListener {
        final ReceivedMedia received = new ReceivedMedia();
        final Viewer viewer;
        final ViewerFeedback feedback;
        /** What its player should put together: indexes of the units that the camera sent. */
        final List<Integer> expected = new ArrayList<>();

        Client(boolean udp, int loopNumber) {
            ManualLoop loop = hub.loops.get(loopNumber);
            ViewerSetting setting = new ViewerSetting(
                    loop, stream, this, StalenessContract.DEFAULT, hub.counters(loop), hub.time::nanos);
            viewer = udp
                    ? new DatagramViewer(
                            setting,
                            ViewKey.datagrams(1),
                            received,
                            List.of(new DatagramViewer.Destination(ReceivedMedia.RTP, ReceivedMedia.RTCP)))
                    : new StreamViewer(setting, ViewKey.interleaved(new int[] {0}), received, new Pieces());
            feedback = new ViewerFeedback(viewer, hub.counters(loop));
            clients.add(this);
            loop.call(viewer::start);
            hub.time.settle();
            expectGop();
        }

        void expectGop() {
            if (!unitsBefore.isEmpty()) {
                int keyframe = (unitsBefore.size() - 1) / GOP_FRAMES * GOP_FRAMES;
                for (int i = unitsBefore.get(keyframe); i < units; i++) {
                    expected.add(i);
                }
            }
        }

        /** True when the cache answered. */
        boolean sayPli() {
            long before = hub.total(Counter.KEYFRAMES_FROM_CACHE);
            ByteBuf packet = Unpooled.buffer();
            RtcpWriter.writePli(packet, 1, 2);
            ((ManualLoop) viewer.executor())
                    .call(() -> feedback.receive(packet, 0, packet.writerIndex(), hub.time.nanos()));
            hub.time.settle();
            boolean answered = hub.total(Counter.KEYFRAMES_FROM_CACHE) > before;
            if (answered) {
                expectGop();
            }
            return answered;
        }

        void assertSees(ReceivedMedia.Units everything) {
            assertThat(received.missing()).isZero();
            assertThat(new ReceivedMedia.Units(received).all)
                    .isEqualTo(expected.stream().map(everything.all::get).toList());
            for (int i = 1; i < received.packets.size(); i++) {
                int step = ReceivedMedia.timestamp(received.packets.get(i))
                        - ReceivedMedia.timestamp(received.packets.get(i - 1));
                assertThat(step).as("ticks to packet %d", i).isGreaterThanOrEqualTo(-900);
            }
        }

        @Override
        public void onStart(List<TrackPosition> first) {}

        @Override
        public void onEnd(String reason, boolean abrupt) {}
    }

    private void play(TestHub.Source source, int bytes) {
        boolean key = unitsBefore.size() % GOP_FRAMES == 0;
        unitsBefore.add(units);
        // Of the first keyframe the delimiter is not passed on: a decoder cannot begin with it.
        int sent = key ? unitsBefore.size() == 1 ? 3 : 4 : 1;
        for (int i = 0; i < sent; i++) {
            for (Client client : clients) {
                client.expected.add(units + i);
            }
        }
        units += sent;
        source.read(0, key ? camera.keyframe(bytes) : camera.frame(bytes));
        hub.time.advanceMillis(40);
    }

    @Test
    void theGopStandsOnceMoreWhereItWasAskedForAndLiveMediaFollows() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Client everything = new Client(false, 0);
        for (boolean udp : new boolean[] {false, true}) {
            Client client = new Client(udp, 1);
            for (int i = 0; i < 40; i++) {
                play(source, 3000);
            }
            assertThat(client.sayPli()).isTrue();
            for (int i = 0; i < 40; i++) {
                play(source, 3000);
            }
            client.assertSees(new ReceivedMedia.Units(everything.received));
        }
        assertThat(hub.total(Counter.KEYFRAMES_FROM_CACHE)).isEqualTo(2);
        assertThat(hub.total(Counter.KEYFRAMES_REQUESTED)).isZero();
        everything.assertSees(new ReceivedMedia.Units(everything.received));
    }

    @Test
    void viewersThatAskAgainAndAgainSeeWhatTheyShouldAndTheOthersNothingOfIt() {
        int answered = 0;
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            clients.clear();
            unitsBefore.clear();
            units = 0;
            TestHub.Source source = hub.attach(stream, seed % 3, true, TestHub.video());
            stream.purge();
            hub.time.settle();
            Client everything = new Client(false, 2);
            List<Client> asking = new ArrayList<>();
            for (int frame = 0; frame < 160; frame++) {
                camera.fragment = random.nextBoolean() ? 1200 : 20_000;
                play(source, 200 + random.nextInt(9000));
                if (frame % 40 == 7) {
                    asking.add(new Client(random.nextBoolean(), random.nextInt(3)));
                    hub.time.advanceMillis(200);
                }
                for (Client client : asking) {
                    if (random.nextInt(20) == 0) {
                        answered += client.sayPli() ? 1 : 0;
                    }
                }
            }
            hub.time.advanceMillis(1000);
            ReceivedMedia.Units sent = new ReceivedMedia.Units(everything.received);
            for (Client client : clients) {
                client.assertSees(sent);
            }
            for (Client client : clients) {
                ManualLoop loop = (ManualLoop) client.viewer.executor();
                loop.call(() -> client.viewer.close("teardown", false));
            }
            source.close();
            hub.time.advanceMillis(60_000);
        }
        assertThat(answered).isGreaterThan(50);
    }

    @Test
    void aGopThatIsTooLargeToSendAgainIsLeftToTheSource() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.answersKeyframeRequests = true;
        play(source, 2_000_000);
        Client client = new Client(true, 1);
        hub.time.advanceMillis(1000);
        play(source, 2_000_000);
        play(source, 2_000_000);
        hub.time.advanceMillis(1000);
        assertThat(client.sayPli()).isFalse();
        assertThat(source.keyframeRequests).isEqualTo(hub.total(Counter.KEYFRAMES_REQUESTED));
    }
}
