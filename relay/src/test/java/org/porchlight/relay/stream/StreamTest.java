package org.porchlight.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.rtp.NtpTime;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;
import org.porchlight.relay.stream.RecordingEgress.Got;
import org.porchlight.relay.stream.RecordingEgress.Watcher;
import org.porchlight.relay.stream.Stream.State;

class StreamTest {
    private final TestHub hub = new TestHub((stream, loop) -> new RecordingEgress());
    private final Stream stream = hub.stream("door");
    private final TestCamera camera = new TestCamera(3);

    /** A source on demand that notes what it is asked. */
    private static final class Pulled implements SourceControl {
        int opened;
        int closed;

        @Override
        public void open() {
            opened++;
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @AfterEach
    void nothingIsLeft() {
        hub.hub.remove("door", Rendition.MAIN, "test over");
        hub.time.settle();
        assertThat(hub.budget.usedBytes()).isZero();
        assertThat(hub.slabs.bytesInUse()).isZero();
        assertThat(hub.total(Level.FAN_OUT_QUEUED)).isZero();
    }

    private Watcher watch(int loop) {
        Watcher watcher = new Watcher(hub.loops.get(loop));
        stream.subscribe(watcher);
        hub.time.settle();
        return watcher;
    }

    private void frames(TestHub.Source source, TestCamera from, int count) {
        for (int i = 0; i < count; i++) {
            source.read(0, from.frame(3000));
            hub.time.advanceMillis(40);
        }
    }

    /** One frame each second: a camera that saves bits because nothing moves. */
    private void seconds(TestHub.Source source, int count) {
        for (int i = 0; i < count; i++) {
            source.read(0, camera.frame(3000));
            hub.time.advanceMillis(1000);
        }
    }

    private static List<byte[]> payloads(List<Got> packets) {
        return packets.stream()
                .map(g -> Arrays.copyOfRange(g.rtp(), 12, g.rtp().length))
                .toList();
    }

    private static List<byte[]> payloadsOf(List<byte[]> packets) {
        return packets.stream().map(p -> Arrays.copyOfRange(p, 12, p.length)).toList();
    }

    private static void assertContiguous(List<Got> packets) {
        for (int i = 1; i < packets.size(); i++) {
            assertThat(packets.get(i).sequence()).isEqualTo(packets.get(i - 1).sequence() + 1 & 0xffff);
            assertThat(packets.get(i).ssrc()).isEqualTo(packets.get(0).ssrc());
        }
    }

    @Test
    void payloadsPassByteForByteAndHeadersGoOn() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.videoAndAudio());
        Watcher same = watch(0);
        Watcher other = watch(1);
        TestCamera sound = new TestCamera(8);
        sound.payloadType = 0;
        List<byte[]> video = new ArrayList<>();
        List<byte[]> audio = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            List<byte[]> frame = i % 25 == 0 ? camera.keyframe(20_000) : camera.frame(4000);
            byte[] samples = sound.audio();
            video.addAll(frame);
            audio.add(samples);
            source.read(0, frame);
            source.read(1, List.of(samples));
            hub.time.advanceMillis(40);
        }
        // The delimiter came before anything with which a decoder can start.
        video.remove(0);
        for (Watcher watcher : List.of(same, other)) {
            assertThat(payloads(watcher.media(0))).containsExactlyElementsOf(payloadsOf(video));
            assertThat(payloads(watcher.media(1))).containsExactlyElementsOf(payloadsOf(audio));
            assertContiguous(watcher.media(0));
            assertContiguous(watcher.media(1));
            assertThat(watcher.media(1)).allMatch(g -> g.channel() == 2);
            assertThat(watcher.gaps).isZero();
        }
        assertThat(hub.total(Counter.RECEIVED_KEYFRAMES)).isEqualTo(4);
        assertThat(hub.total(Counter.RECEIVED_FRAMES)).isEqualTo(100);
    }

    @Test
    void aJoiningViewerGetsTheGopAndThenWhatFollowsIt() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.read(0, camera.keyframe(20_000));
        frames(source, camera, 10);
        Watcher watcher = watch(1);
        frames(source, camera, 5);
        List<Got> all = new ArrayList<>(watcher.cached);
        all.addAll(watcher.media(0));
        assertContiguous(all);
        assertThat(watcher.cached.get(0).flags() & MediaBatch.ENTRY).isNotZero();
        assertThat(watcher.positions.get(0).nextSequenceNumber())
                .isEqualTo(watcher.media(0).get(0).sequence());
    }

    @Test
    void aCameraThatRebootsIsContinuedAtItsNextKeyframe() {
        TestHub.Source first = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        first.read(0, camera.keyframe(5000));
        frames(first, camera, 5);
        first.close();
        assertThat(stream.state()).isEqualTo(State.LOST);
        assertThat(stream.gopBytes()).isZero();
        int before = watcher.media(0).size();
        hub.time.advanceMillis(20_000);
        TestHub.Source second = hub.attach(stream, 2, true, TestHub.video());
        TestCamera rebooted = new TestCamera(99);
        frames(second, rebooted, 5);
        assertThat(watcher.media(0)).as("nothing before the keyframe").hasSize(before);
        second.read(0, rebooted.keyframe(5000));
        frames(second, rebooted, 5);
        List<Got> all = watcher.media(0);
        assertContiguous(all);
        int gap = all.get(before).timestamp() - all.get(before - 1).timestamp();
        assertThat(gap / 90.0).as("ms between them").isBetween(20_000.0, 20_500.0);
        assertThat(watcher.ended).isEmpty();
        assertThat(hub.total(Counter.CONTINUED_SOURCE)).isEqualTo(1);
        second.close();
    }

    @Test
    void viewersAreToldWhenTheSourceStaysAway() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        source.close();
        hub.time.advanceMillis(29_000);
        assertThat(watcher.ended).isEmpty();
        hub.time.advanceMillis(2000);
        assertThat(watcher.ended).isEqualTo("source_gone");
        assertThat(stream.state()).isEqualTo(State.IDLE);
        assertThat(stream.subscriberCount()).isZero();
        Watcher late = watch(0);
        assertThat(late.refused).isEqualTo("source_gone");
    }

    @Test
    void aDeadCameraIsNoLongerDescribed() {
        Pulled control = new Pulled();
        stream.useSource(control, true);
        hub.time.settle();
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        assertThat(stream.describe().toCompletableFuture()).isCompleted();
        source.close();
        hub.time.advanceMillis(31_000);
        CompletableFuture<StreamDescription> asked = stream.describe().toCompletableFuture();
        hub.time.settle();
        assertThat(asked).isNotDone();
        hub.time.advanceMillis(10_001);
        assertThat(asked).isCompletedExceptionally();
        asked = stream.describe().toCompletableFuture();
        hub.attach(stream, 1, true, TestHub.video());
        assertThat(asked).isCompleted();
    }

    @Test
    void anEncoderThatRestartsIsGatedUntilItsKeyframe() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        source.read(0, camera.keyframe(5000));
        frames(source, camera, 3);
        int before = watcher.media(0).size();
        camera.ssrc++;
        camera.sequence = camera.sequence + 20_000 & 0xffff;
        camera.timestamp += 1 << 30;
        frames(source, camera, 3);
        assertThat(watcher.media(0)).hasSize(before);
        source.read(0, camera.keyframe(5000));
        frames(source, camera, 3);
        assertThat(watcher.media(0).size()).isGreaterThan(before);
        assertContiguous(watcher.media(0));
        assertThat(source.ingest().deviations()).containsEntry(IngestDeviation.SSRC_CHANGED, 1L);
        source.close();
    }

    @Test
    void aCameraWithoutKeyframesIsPassedOnAfterAWhile() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        frames(source, camera, 240);
        assertThat(watcher.media(0)).isEmpty();
        frames(source, camera, 30);
        assertThat(watcher.media(0)).isNotEmpty();
        assertContiguous(watcher.media(0));
        assertThat(source.ingest().deviations()).containsKey(IngestDeviation.NO_KEYFRAME);
        assertThat(watch(1).cached.get(0).flags()).matches(f -> (f & MediaBatch.ENTRY) != 0);
        source.close();
    }

    @Test
    void aLongGopIsNotCutIntoPiecesThatNobodyCanDecode() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.read(0, camera.keyframe(5000));
        for (int gop = 0; gop < 3; gop++) {
            seconds(source, 120);
            assertThat(source.ingest().deviations()).doesNotContainKey(IngestDeviation.NO_KEYFRAME);
            source.read(0, camera.keyframe(5000));
        }
        assertThat(hub.total(Counter.RECEIVED_KEYFRAMES)).isEqualTo(4);
        source.close();
    }

    @Test
    void aGateWaitsForTheCamerasNextKeyframeAsLongAsItsGopsAre() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.read(0, camera.keyframe(5000));
        seconds(source, 30);
        source.read(0, camera.keyframe(5000));
        Watcher watcher = watch(1);
        camera.sequence = camera.sequence + 20_000 & 0xffff;
        camera.timestamp += 1 << 30;
        camera.ssrc++;
        int before = watcher.media(0).size();
        seconds(source, 29);
        assertThat(watcher.media(0)).hasSize(before);
        source.read(0, camera.keyframe(5000));
        assertThat(watcher.media(0)).hasSizeGreaterThan(before);
        assertThat(source.ingest().deviations()).doesNotContainKey(IngestDeviation.NO_KEYFRAME);
        source.close();
    }

    @Test
    void aCameraThatShowsOneKeyframeForEverIsStartedAnewAfterMinutes() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.read(0, camera.keyframe(5000));
        seconds(source, 299);
        assertThat(source.ingest().deviations()).doesNotContainKey(IngestDeviation.NO_KEYFRAME);
        seconds(source, 3);
        assertThat(source.ingest().deviations()).containsEntry(IngestDeviation.NO_KEYFRAME, 1L);
        source.close();
    }

    @Test
    void aSourceIsAskedForAKeyframeOnItsLoopOncePerSecondAtMost() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.answersKeyframeRequests = true;
        source.read(0, camera.keyframe(5000));
        watch(1);
        assertThat(source.keyframeRequests).as("the cache has one").isZero();
        for (int i = 0; i < 30; i++) {
            stream.requestKeyframe();
            hub.time.advanceMillis(100);
        }
        assertThat(source.keyframeRequests).isEqualTo(3);
        assertThat(hub.total(Counter.KEYFRAMES_REQUESTED)).isEqualTo(3);
        assertThat(hub.total(Counter.KEYFRAMES_WITHHELD)).isEqualTo(27);
        source.close();
    }

    @Test
    void aViewerThatFindsNoKeyframeHasOneAskedFor() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.answersKeyframeRequests = true;
        frames(source, camera, 3);
        watch(1);
        assertThat(source.keyframeRequests).isEqualTo(1);
        source.close();
        stream.requestKeyframe();
        hub.time.settle();
        assertThat(hub.total(Counter.KEYFRAMES_WITHHELD)).as("nobody to ask").isEqualTo(1);
    }

    @Test
    void datagramsArePutInOrderAndLossStaysVisible() {
        TestHub.Source source = hub.attach(stream, 0, false, TestHub.video());
        Watcher watcher = watch(1);
        Random random = new Random(5);
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            List<byte[]> frame = new ArrayList<>(i % 25 == 0 ? camera.keyframe(20_000) : camera.frame(6000));
            if (i > 0 && random.nextInt(4) == 0) {
                frame.remove(random.nextInt(frame.size()));
            }
            sent.addAll(i == 0 ? frame.subList(1, frame.size()) : frame);
            if (i > 0) {
                Collections.shuffle(frame, random);
                frame.add(frame.get(0));
            }
            source.read(0, frame);
            hub.time.advanceMillis(40);
        }
        hub.time.advanceMillis(100);
        source.loop.call(() -> source.ingest().endOfRead(hub.time.nanos()));
        hub.time.settle();
        List<Got> got = watcher.media(0);
        assertThat(payloads(got)).containsExactlyElementsOf(payloadsOf(sent));
        int shift = got.get(0).sequence() - sequenceOf(sent.get(0));
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i).sequence()).isEqualTo(sequenceOf(sent.get(i)) + shift & 0xffff);
        }
        assertThat(hub.total(Counter.DISCARDED_DUPLICATE) + hub.total(Counter.DISCARDED_LATE))
                .isGreaterThanOrEqualTo(190);
        source.close();
    }

    private static int sequenceOf(byte[] packet) {
        return ((packet[2] & 0xff) << 8) | (packet[3] & 0xff);
    }

    @Test
    void anotherSsrcByUdpStartsAtOnceAndStragglersOfTheOldOneAreLate() {
        TestHub.Source source = hub.attach(stream, 0, false, TestHub.video());
        Watcher watcher = watch(1);
        source.read(0, camera.keyframe(5000));
        byte[] straggler = camera.frame(500).get(0);
        TestCamera next = new TestCamera(77);
        next.sequence = camera.sequence - 300 & 0xffff;
        source.read(0, next.keyframe(5000));
        source.read(0, List.of(straggler));
        frames(source, next, 3);
        assertContiguous(watcher.media(0));
        assertThat(hub.total(Counter.DISCARDED_LATE)).isEqualTo(1);
        assertThat(watcher.media(0)).hasSizeGreaterThan(14);
        source.close();
    }

    @Test
    void rtcpOnTheMediaChannelIsReadAndNotRelayed() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        for (int i = 0; i < 20; i++) {
            source.read(0, List.of(camera.senderReport(5L << 32)));
        }
        source.read(0, camera.keyframe(500));
        assertThat(watcher.media(0)).hasSize(3);
        assertThat(source.ingest().deviations())
                .containsEntry(IngestDeviation.RTCP_ON_RTP_CHANNEL, 20L)
                .doesNotContainKey(IngestDeviation.PAYLOAD_TYPE_UNDECLARED);
        source.close();
    }

    @Test
    void mediaOnTheRtcpChannelIsTaken() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        camera.keyframe(500).forEach(p -> source.rtcp(0, p));
        assertThat(watcher.media(0)).hasSize(3);
        assertThat(source.ingest().deviations()).containsEntry(IngestDeviation.RTP_ON_RTCP_CHANNEL, 4L);
        source.close();
    }

    @Test
    void aWronglyDeclaredPayloadTypeIsLearnedAndWrittenAsDescribed() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        camera.payloadType = 101;
        for (int i = 0; i < 4; i++) {
            source.read(0, camera.keyframe(5000));
        }
        assertThat(watcher.media(0)).isNotEmpty().allMatch(g -> (g.rtp()[1] & 0x7f) == 96);
        camera.payloadType = 50;
        int before = watcher.media(0).size();
        source.read(0, camera.frame(500));
        assertThat(watcher.media(0)).hasSize(before);
        assertThat(source.ingest().deviations())
                .containsEntry(IngestDeviation.PAYLOAD_TYPE_UNDECLARED, 1L)
                .containsEntry(IngestDeviation.STRAY_PAYLOAD_TYPE, 1L);
        source.close();
    }

    @Test
    void garbageIsCountedAndLeftOut() {
        Random random = new Random(11);
        TestHub.Source source = hub.attach(stream, 0, false, TestHub.videoAndAudio());
        Watcher watcher = watch(1);
        source.read(0, camera.keyframe(5000));
        int before = watcher.media(0).size();
        for (int i = 0; i < 2000; i++) {
            byte[] garbage = new byte[random.nextInt(100)];
            random.nextBytes(garbage);
            if (garbage.length > 0 && (garbage[0] & 0xc0) == 0x80) {
                garbage[0] = 0x10;
            }
            int track = random.nextInt(4) - 1;
            source.loop.call(() -> {
                source.ingest().datagram(track, Unpooled.wrappedBuffer(garbage), 0, garbage.length, hub.time.nanos());
                source.ingest().rtcp(track, Unpooled.wrappedBuffer(garbage), 0, garbage.length, hub.time.nanos());
            });
        }
        frames(source, camera, 2);
        assertThat(watcher.media(0)).hasSize(before + 6);
        assertContiguous(watcher.media(0));
        assertThat(hub.total(Counter.DISCARDED_VERSION)).isPositive();
        assertThat(hub.total(Counter.DISCARDED_TOO_SHORT)).isPositive();
        source.close();
    }

    @Test
    void mutatedPacketsNeverBreakTheStream() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            TestHub.Source source = hub.attach(stream, seed % 3, seed % 2 == 0, TestHub.video());
            Watcher watcher = watch(1);
            TestCamera wild = new TestCamera(seed);
            for (int i = 0; i < 60; i++) {
                List<byte[]> frame = i % 10 == 0 ? wild.keyframe(4000) : wild.frame(2000);
                for (byte[] packet : frame) {
                    if (random.nextInt(5) == 0) {
                        packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                source.read(0, frame);
                hub.time.advanceMillis(random.nextInt(200));
            }
            assertThat(watcher.live)
                    .allMatch(
                            g -> g.isReport() || g.ssrc() == watcher.live.get(0).ssrc());
            stream.unsubscribe(watcher);
            source.close();
        }
    }

    @Test
    void aSuccessorReplacesAPublisherWhileViewersWait() {
        TestHub.Source first = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(2);
        first.read(0, camera.keyframe(5000));
        TestHub.Source refused = hub.tryAttach(stream, 1, true, false, TestHub.video());
        assertThat(refused.ingest).isNull();
        TestHub.Source second = hub.attach(stream, 1, true, TestHub.video());
        assertThat(first.replaced).isTrue();
        first.read(0, camera.frame(500));
        first.close();
        assertThat(stream.state()).isEqualTo(State.LIVE);
        TestCamera successor = new TestCamera(12);
        second.read(0, successor.keyframe(5000));
        assertContiguous(watcher.media(0));
        assertThat(payloads(watcher.media(0)).get(7)).startsWith(0x67);
        second.close();
    }

    @Test
    void twoSourcesThatAttachAtOnceLeaveOne() {
        for (int loops = 0; loops < 9; loops++) {
            boolean[] replaced = new boolean[2];
            List<CompletableFuture<Ingest>> attached = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int number = i;
                attached.add(stream.attach(
                                hub.loops.get(i == 0 ? loops % 3 : loops / 3),
                                TestHub.video(),
                                new IngestOptions(true, true, () -> replaced[number] = true))
                        .toCompletableFuture());
                // One step on the loop of the owner, so that the second comes while the first is on its way.
                ((ManualLoop) stream.owner()).runOne();
            }
            hub.time.settle();
            assertThat(attached).allMatch(CompletableFuture::isDone);
            assertThat(replaced[0] ^ replaced[1]).isTrue();
            Ingest last = attached.get(replaced[0] ? 1 : 0).join();
            ManualLoop owner = (ManualLoop) stream.owner();
            owner.call(last::close);
            hub.time.settle();
        }
    }

    @Test
    void anotherFormatEndsViewersAndTheirLateLeavingHarmsNobody() {
        TestHub.Source first = hub.attach(stream, 0, true, TestHub.video());
        Watcher old = watch(1);
        TestHub.Source second = hub.attach(stream, 0, true, TestHub.videoAndAudio());
        assertThat(old.ended).isEqualTo("format_changed");
        Watcher fresh = watch(1);
        stream.unsubscribe(old);
        stream.unsubscribe(old);
        hub.time.settle();
        assertThat(stream.subscriberCount()).isEqualTo(1);
        second.read(0, camera.keyframe(5000));
        assertThat(fresh.media(0)).isNotEmpty();
        assertThat(first.replaced).isTrue();
        second.close();
    }

    @Test
    void payloadTypesOfTheFirstSourceStay() {
        TestHub.Source first = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(0);
        first.close();
        TrackFormat other = TestCamera.VIDEO.withPayloadType(110);
        TestHub.Source second = hub.attach(stream, 0, true, new StreamDescription(List.of(other)));
        camera.payloadType = 110;
        second.read(0, camera.keyframe(100));
        assertThat(watcher.media(0)).isNotEmpty().allMatch(g -> (g.rtp()[1] & 0x7f) == 96);
        assertThat(second.ingest().description().tracks().get(0).payloadType()).isEqualTo(96);
        second.close();
    }

    @Test
    void aSourceOnDemandIsOpenedByTheFirstAndClosedAfterTheLast() {
        Pulled control = new Pulled();
        stream.useSource(control, false);
        hub.time.settle();
        assertThat(control.opened).isZero();
        CompletableFuture<StreamDescription> asked = stream.describe().toCompletableFuture();
        hub.time.settle();
        assertThat(control.opened).isEqualTo(1);
        assertThat(stream.state()).isEqualTo(State.OPENING);
        TestHub.Source source = hub.attach(stream, 1, true, TestHub.video());
        assertThat(asked).isCompletedWithValue(TestHub.video());
        Watcher watcher = watch(0);
        hub.time.advanceMillis(60_000);
        assertThat(control.closed).isZero();
        stream.unsubscribe(watcher);
        hub.time.advanceMillis(7000);
        assertThat(control.closed).isZero();
        stream.describe();
        hub.time.advanceMillis(7000);
        assertThat(control.closed).as("somebody asked meanwhile").isZero();
        hub.time.advanceMillis(1001);
        assertThat(control.closed).isEqualTo(1);
        source.close();
        assertThat(stream.state()).isEqualTo(State.IDLE);
        assertThat(stream.knownDescription()).isNull();
    }

    @Test
    void nobodyWaitsForADescriptionForEver() {
        Pulled control = new Pulled();
        stream.useSource(control, false);
        CompletableFuture<StreamDescription> asked = stream.describe().toCompletableFuture();
        hub.time.advanceMillis(9999);
        assertThat(asked).isNotDone();
        hub.time.advanceMillis(2);
        assertThat(asked)
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(StreamException.class);
        hub.time.advanceMillis(8001);
        assertThat(control.closed).isEqualTo(1);
        CompletableFuture<StreamDescription> hopeless =
                hub.stream("other").describe().toCompletableFuture();
        hub.time.settle();
        assertThat(hopeless).isCompletedExceptionally();
    }

    @Test
    void anotherSourceControlTakesOver() {
        Pulled before = new Pulled();
        Pulled after = new Pulled();
        stream.useSource(before, true);
        stream.useSource(before, true);
        hub.time.settle();
        assertThat(before.opened).isEqualTo(1);
        stream.useSource(after, true);
        hub.time.settle();
        assertThat(before.closed).isEqualTo(1);
        assertThat(after.opened).isEqualTo(1);
        stream.useSource(after, false);
        hub.time.advanceMillis(8001);
        assertThat(after.closed).isEqualTo(1);
    }

    @Test
    void aPurgeEmptiesTheCacheAndDoesNotLinger() {
        Pulled control = new Pulled();
        stream.useSource(control, false);
        stream.describe();
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        watch(1);
        source.read(0, camera.keyframe(20_000).subList(0, 8));
        assertThat(stream.gopBytes()).isPositive();
        CompletableFuture<Void> purged = stream.purge().toCompletableFuture();
        hub.time.settle();
        assertThat(purged).isCompleted();
        assertThat(stream.gopBytes()).isZero();
        assertThat(control.closed).as("somebody is left").isZero();
        source.read(0, camera.frame(3000));
        assertThat(watch(2).cached).as("the rest of a keyframe is no start").isEmpty();
        source.close();
    }

    @Test
    void afterAPurgeTheLastOneToLeaveClosesTheSourceAtOnce() {
        Pulled control = new Pulled();
        stream.useSource(control, false);
        stream.describe();
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        stream.purge();
        stream.unsubscribe(watcher);
        hub.time.settle();
        assertThat(control.closed).isEqualTo(1);
        source.close();
        assertThat(stream.state()).isEqualTo(State.IDLE);
    }

    @Test
    void theEndIsForGood() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        source.read(0, camera.keyframe(3000));
        hub.hub.remove("door", Rendition.MAIN, "camera_removed");
        hub.time.settle();
        assertThat(watcher.ended).isEqualTo("camera_removed");
        assertThat(source.replaced).isTrue();
        assertThat(stream.state()).isEqualTo(State.ENDED);
        assertThat(stream.gopBytes()).isZero();
        assertThat(watch(1).refused).isEqualTo("source_gone");
        CompletableFuture<Ingest> late = stream.attach(
                        hub.loops.get(0), TestHub.video(), new IngestOptions(true, true, () -> {}))
                .toCompletableFuture();
        hub.time.settle();
        assertThat(late.handle((i, e) -> ((StreamException) unwrapped(e)).reason())
                        .join())
                .isEqualTo(StreamException.Reason.ENDED);
        CompletableFuture<StreamDescription> asked = stream.describe().toCompletableFuture();
        hub.time.settle();
        assertThat(asked).isCompletedExceptionally();
        source.read(0, camera.frame(500));
        source.close();
    }

    private static Throwable unwrapped(Throwable e) {
        return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    }

    @Test
    void joiningAndLeavingInAnyOrderKeepsTheCount() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            TestHub.Source source = hub.attach(stream, random.nextInt(3), true, TestHub.video());
            List<Watcher> in = new ArrayList<>();
            List<Watcher> out = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        Watcher watcher = new Watcher(hub.loops.get(random.nextInt(3)));
                        stream.subscribe(watcher);
                        in.add(watcher);
                    }
                    case 2 -> {
                        if (!in.isEmpty()) {
                            Watcher watcher = in.remove(random.nextInt(in.size()));
                            stream.unsubscribe(watcher);
                            out.add(watcher);
                        }
                    }
                    case 3 -> {
                        if (!out.isEmpty()) {
                            stream.unsubscribe(out.get(random.nextInt(out.size())));
                        }
                    }
                    default -> hub.loops.get(random.nextInt(3)).runOne();
                }
            }
            hub.time.settle();
            assertThat(stream.subscriberCount()).isEqualTo(in.size());
            source.read(0, new TestCamera(seed).keyframe(3000));
            assertThat(in).allMatch(w -> w.joins == 1 && w.media(0).size() == 5);
            in.forEach(stream::unsubscribe);
            hub.time.settle();
            assertThat(stream.subscriberCount()).isZero();
            source.close();
        }
    }

    /** What the last report of a watcher says. */
    private static final class Report implements RtcpVisitor {
        int ssrc;
        long ntp;
        int rtpTimestamp;

        @Override
        public void onSenderReport(int reporter, long ntpTime, int timestamp, int packetCount, int octetCount) {
            ssrc = reporter;
            ntp = ntpTime;
            rtpTimestamp = timestamp;
        }
    }

    private static Report read(Got got) {
        Report report = new Report();
        assertThat(RtcpReader.read(Unpooled.wrappedBuffer(got.rtp()), 0, got.rtp().length, report))
                .isEqualTo(RtcpReader.Result.OK);
        return report;
    }

    @Test
    void senderReportsCarryTheCamerasClock() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        long cameraNanos = 1_600_000_000_000_000_000L;
        source.rtcp(0, camera.senderReport(NtpTime.ofEpochNanos(cameraNanos)));
        assertThat(watcher.reports()).as("not before the first packet").isEmpty();
        source.read(0, camera.keyframe(3000));
        assertThat(watcher.reports()).hasSize(1);
        Report first = read(watcher.reports().get(0));
        Got media = watcher.media(0).get(0);
        assertThat(first.ssrc).isEqualTo(media.ssrc());
        assertThat(first.rtpTimestamp).isEqualTo(media.timestamp());
        assertThat(NtpTime.toEpochNanos(first.ntp)).isBetween(cameraNanos - 1000, cameraNanos + 1000);
        assertThat(watcher.reports().get(0).channel()).isEqualTo(1);
        frames(source, camera, 130);
        assertThat(watcher.reports()).hasSize(2);
        Report second = read(watcher.reports().get(1));
        long passed = (second.rtpTimestamp - first.rtpTimestamp) * 100_000L / 9;
        assertThat(NtpTime.toEpochNanos(second.ntp) - cameraNanos).isBetween(passed - 1000, passed + 1000);
        assertThat(source.ingest().deviations()).doesNotContainKey(IngestDeviation.NO_SENDER_REPORTS);
        source.close();
    }

    @Test
    void withoutReportsOfTheCameraTheTimeOfArrivalStandsIn() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        Watcher watcher = watch(1);
        source.read(0, camera.keyframe(3000));
        frames(source, camera, 160);
        assertThat(watcher.reports()).hasSize(1);
        Report report = read(watcher.reports().get(0));
        long now = 1_700_000_000_000_000_000L + hub.time.nanos();
        assertThat(NtpTime.toEpochNanos(report.ntp)).isBetween(now - 1_000_000_000L, now);
        assertThat(source.ingest().deviations()).containsEntry(IngestDeviation.NO_SENDER_REPORTS, 1L);
        source.close();
    }

    @Test
    void parameterSetsInBandEnterTheDescription() {
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        source.read(0, camera.keyframe(3000));
        assertThat(Objects.requireNonNull(stream.knownDescription())
                        .tracks()
                        .get(0)
                        .fmtp())
                .contains("sprop-parameter-sets");
        source.close();
    }

    @Test
    void theHubRelievesMemoryOfIdleStreamsFirst() {
        List<Stream> streams = new ArrayList<>();
        List<TestHub.Source> sources = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Stream s = hub.stream("camera" + i);
            streams.add(s);
            TestHub.Source source = hub.attach(s, i % 3, true, TestHub.video());
            sources.add(source);
            TestCamera filming = new TestCamera(i);
            source.read(0, filming.keyframe(20_000));
            for (int f = 0; f < 50; f++) {
                source.read(0, filming.frame(48_000));
            }
        }
        Watcher watcher = new Watcher(hub.loops.get(0));
        streams.get(3).subscribe(watcher);
        hub.time.settle();
        assertThat(hub.budget.overdraft()).isPositive();
        hub.hub.relieveMemory();
        hub.time.settle();
        assertThat(hub.budget.overdraft()).isZero();
        assertThat(streams.get(3).gopShrinkableBytes()).as("it is watched").isPositive();
        assertThat(hub.budget.usedBytes()).as("not more than needed").isGreaterThan(hub.budget.maxBytes() - (4 << 20));
        sources.forEach(TestHub.Source::close);
        streams.forEach(s -> s.unsubscribe(watcher));
        hub.time.settle();
    }
}
