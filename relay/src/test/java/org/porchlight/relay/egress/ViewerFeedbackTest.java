package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
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

/** Requests for keyframes, from a viewer's RTCP to the source, in virtual time. */
class ViewerFeedbackTest {
    private final TestHub hub = new TestHub(this::egress);
    private final Stream stream = hub.stream("gate");
    private final TestCamera camera = new TestCamera(5);
    private final ByteBuf packet = Unpooled.buffer();
    private int command;

    private LoopViewers egress(Stream s, EventExecutor loop) {
        return new LoopViewers(loop, ByteBufAllocator.DEFAULT, hub.counters(loop), hub.time::nanos);
    }

    @AfterEach
    void everythingIsGivenBack() {
        hub.hub.remove("gate", Rendition.MAIN, "test over");
        hub.time.advanceMillis(2000);
        assertThat(hub.slabs.bytesInUse()).isZero();
    }

    private static final class Deaf implements ViewerListener, ByteTransport {
        @Override
        public void onStart(List<TrackPosition> first) {}

        @Override
        public void onEnd(String reason, boolean abrupt) {}

        @Override
        public long send(Pieces pieces) {
            return pieces.bytes();
        }

        @Override
        public void whenWritable(ByteBuf rest, Runnable whenDone) {
            rest.release();
        }
    }

    private final class Client {
        final StreamViewer viewer;
        final ViewerFeedback feedback;

        Client(int loop) {
            Deaf deaf = new Deaf();
            ViewerSetting setting = new ViewerSetting(
                    hub.loops.get(loop),
                    stream,
                    deaf,
                    StalenessContract.DEFAULT,
                    hub.counters(hub.loops.get(loop)),
                    hub.time::nanos);
            viewer = new StreamViewer(setting, ViewKey.interleaved(new int[] {0, 2}), deaf, new Pieces());
            feedback = new ViewerFeedback(viewer, hub.counters(hub.loops.get(loop)));
            hub.loops.get(loop).call(viewer::start);
            hub.time.settle();
        }

        void say() {
            ((ManualLoop) viewer.executor())
                    .call(() -> feedback.receive(packet, 0, packet.writerIndex(), hub.time.nanos()));
            hub.time.settle();
        }

        void sayPli() {
            packet.clear();
            RtcpWriter.writeReceiverReport(packet, 7, 0);
            RtcpWriter.writePli(packet, 7, 0);
            say();
        }

        void sayFir(int number) {
            packet.clear();
            RtcpWriter.writeFir(packet, 7, 8, number);
            say();
        }
    }

    /** The source alone can help. */
    private void emptyCache() {
        stream.purge();
        hub.time.settle();
    }

    private TestHub.Source source() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.answersKeyframeRequests = true;
        source.read(0, camera.keyframe(1000));
        return source;
    }

    @Test
    void aPictureLossIndicationReachesTheSourceOnceInASecond() {
        TestHub.Source source = source();
        Client client = new Client(1);
        emptyCache();
        for (int i = 0; i < 30; i++) {
            client.sayPli();
            hub.time.advanceMillis(100);
        }
        assertThat(source.keyframeRequests).isEqualTo(3);
        assertThat(hub.total(Counter.KEYFRAMES_REQUESTED)).isEqualTo(3);
        assertThat(hub.total(Counter.KEYFRAMES_WITHHELD)).isEqualTo(27);
        assertThat(hub.total(Counter.RTCP_RECEIVED)).isEqualTo(30);
        assertThat(hub.total(Counter.RTCP_MALFORMED)).isZero();
    }

    @Test
    void manyViewersTogetherAskTheSourceNoMoreThanOne() {
        TestHub.Source source = source();
        List<Client> clients = List.of(new Client(0), new Client(1), new Client(2), new Client(1));
        emptyCache();
        for (int i = 0; i < 20; i++) {
            clients.forEach(Client::sayPli);
            hub.time.advanceMillis(100);
        }
        assertThat(source.keyframeRequests).isEqualTo(2);
        assertThat(hub.total(Counter.KEYFRAMES_REQUESTED) + hub.total(Counter.KEYFRAMES_WITHHELD))
                .as("each request is counted once")
                .isEqualTo(80);
    }

    @Test
    void aRepeatedFullIntraRequestIsTheSameRequest() {
        TestHub.Source source = source();
        Client client = new Client(1);
        emptyCache();
        for (int i = 0; i < 5; i++) {
            client.sayFir(17);
            hub.time.advanceMillis(1100);
        }
        assertThat(source.keyframeRequests).isEqualTo(1);
        client.sayFir(18);
        assertThat(source.keyframeRequests).isEqualTo(2);
    }

    @Test
    void reportsAloneAskForNothingAndDamagedPacketsAreCounted() {
        TestHub.Source source = source();
        Client client = new Client(1);
        emptyCache();
        packet.clear();
        RtcpWriter.writeReceiverReport(packet, 7, 0);
        client.say();
        packet.clear().writeZero(3);
        client.say();
        assertThat(source.keyframeRequests).isZero();
        assertThat(hub.total(Counter.RTCP_RECEIVED)).isEqualTo(2);
        assertThat(hub.total(Counter.RTCP_MALFORMED)).isEqualTo(1);
    }

    @Test
    void whoeverWatchesNoVideoOrHasLeftAsksForNothing() {
        TestHub.Source source = source();
        Client client = new Client(1);
        emptyCache();
        hub.loops.get(1).call(() -> client.viewer.close("teardown", false));
        client.sayPli();
        assertThat(source.keyframeRequests).isZero();
        assertThat(hub.total(Counter.KEYFRAMES_WITHHELD)).isZero();
    }

    /** Any bytes: nothing breaks, and every request is answered once. */
    @Test
    void anyBytesAreHeardOut() {
        TestHub.Source source = source();
        Client client = new Client(1);
        emptyCache();
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            packet.clear();
            RtcpWriter.writeReceiverReport(packet, 7, 0);
            if (random.nextBoolean()) {
                RtcpWriter.writePli(packet, 7, 8);
            }
            RtcpWriter.writeFir(packet, 7, 8, command++);
            for (int n = random.nextInt(4); n > 0; n--) {
                packet.setByte(random.nextInt(packet.writerIndex()), random.nextInt());
            }
            packet.writerIndex(random.nextInt(packet.writerIndex() + 1));
            client.say();
            hub.time.advanceMillis(50);
        }
        assertThat(source.keyframeRequests).isBetween(100, 151);
        assertThat(hub.total(Counter.RTCP_RECEIVED)).isEqualTo(3000);
        assertThat(hub.total(Counter.RTCP_MALFORMED)).isBetween(100L, 2900L);
    }
}
