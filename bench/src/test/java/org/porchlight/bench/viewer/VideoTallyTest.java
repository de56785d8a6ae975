package org.porchlight.bench.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.porchlight.bench.media.EncodedFrame;
import org.porchlight.bench.media.FrameStamp;
import org.porchlight.bench.packet.FrameTemplate;
import org.porchlight.bench.packet.RtpTrackWriter;
import org.porchlight.bench.packet.VideoPacketizer;

class VideoTallyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long BEGIN = 1_700_000_000L * SECOND;

    private final LoopTally loop = new LoopTally();
    private final VideoTally tally = new VideoTally(loop, false, 7, SECOND);
    private final RtpTrackWriter writer = new RtpTrackWriter(90_000, new SplittableRandom(4));
    private long clock = BEGIN;

    @Test
    void countsAWholeSeriesWithItsLatencyAndFirstKeyframe() {
        tally.onPlay(BEGIN);
        for (int i = 0; i < 50; i++) {
            deliver(packets(i, i % 10 == 0, 7, 0, clock), 3_000_000L);
        }
        tally.close();
        assertThat(loop.framesExpected).isEqualTo(50);
        assertThat(loop.frames).as("the last frame is still open").isEqualTo(49);
        assertThat(loop.framesLost + loop.framesDamaged + loop.packetsLost + loop.framesOfWrongCamera + loop.malformed)
                .isZero();
        assertThat(loop.latencyNanos.getTotalCount()).isEqualTo(50);
        assertThat(loop.latencyNanos.getValueAtPercentile(50)).isBetween(2_990_000L, 3_010_000L);
        assertThat(loop.firstKeyframeNanos.getTotalCount()).isEqualTo(1);
        assertThat(loop.firstKeyframeNanos.getMaxValue()).isBetween(2_990_000L, 3_010_000L);
    }

    @Test
    void tellsALostFrameFromADamagedOne() {
        tally.onPlay(BEGIN);
        int packetsOfOne = 0;
        for (int i = 0; i < 20; i++) {
            List<ByteBuf> frame = packets(i, i == 0, 7, 0, clock);
            packetsOfOne = frame.size();
            if (i == 5) {
                frame.clear();
            } else if (i == 9) {
                frame.remove(2);
            }
            deliver(frame, 1_000_000L);
        }
        tally.close();
        assertThat(loop.framesLost).isEqualTo(1);
        assertThat(loop.framesDamaged).isEqualTo(1);
        assertThat(loop.packetsLost).isEqualTo(packetsOfOne + 1);
    }

    @Test
    void isNotMisledByPacketsThatChangePlacesOrComeTwice() {
        tally.onPlay(BEGIN);
        for (int i = 0; i < 20; i++) {
            List<ByteBuf> frame = packets(i, i == 0, 7, 0, clock);
            Collections.swap(frame, 1, 2);
            frame.add(3, frame.get(3));
            deliver(frame, 1_000_000L);
        }
        tally.close();
        assertThat(loop.framesLost + loop.packetsLost).isZero();
        assertThat(loop.packetsDuplicate).isEqualTo(20);
    }

    @Test
    void doesNotTakeOldFramesOfAJoinForLatency() {
        tally.onPlay(BEGIN + SECOND);
        for (int i = 0; i < 10; i++) {
            deliver(packets(i, i == 0, 7, 0, BEGIN + i), SECOND);
        }
        deliver(packets(10, false, 7, 0, BEGIN + 2 * SECOND), SECOND);
        tally.close();
        assertThat(loop.framesOfCatchUp).isEqualTo(10);
        assertThat(loop.latencyNanos.getTotalCount()).isEqualTo(1);
    }

    @Test
    void seesARestartOfTheCameraAndDoesNotCallItLoss() {
        tally.onPlay(BEGIN);
        deliver(packets(1_000, true, 7, 3, clock), 1);
        deliver(packets(0, true, 7, 4, clock), 1);
        tally.close();
        assertThat(loop.incarnations).isEqualTo(1);
        assertThat(loop.framesLost).isZero();
    }

    @Test
    void noticesFramesOfAnotherCameraAndStalls() {
        tally.onPlay(BEGIN);
        deliver(packets(0, true, 8, 0, clock), 1);
        clock += 5 * SECOND;
        deliver(packets(1, false, 8, 0, clock), 1);
        tally.close();
        assertThat(loop.framesOfWrongCamera).isEqualTo(2);
        assertThat(loop.stalls).isEqualTo(1);
        assertThat(loop.stalledNanos).isGreaterThanOrEqualTo(5 * SECOND);
    }

    @Test
    void survivesRandomBytes() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = (byte) 0x8f;
            }
            ByteBuf buf = Unpooled.wrappedBuffer(bytes);
            tally.onPacket(buf, 0, bytes.length, clock++);
        }
        tally.close();
        assertThat(loop.packets).isEqualTo(20_000);
        assertThat(loop.malformed).isPositive();
    }

    private void deliver(List<ByteBuf> packets, long delayNanos) {
        for (ByteBuf packet : packets) {
            tally.onPacket(packet, packet.readerIndex(), packet.readableBytes(), clock + delayNanos);
        }
        clock += SECOND / 25;
    }

    private List<ByteBuf> packets(int frame, boolean keyframe, int camera, int incarnation, long sentEpochNanos) {
        byte[] slice = new byte[5_000];
        new SplittableRandom(frame).nextBytes(slice);
        slice[0] = (byte) (keyframe ? 0x65 : 0x61);
        FrameTemplate template =
                new VideoPacketizer(false, 96, 1_200).packetize(new EncodedFrame(List.of(slice), keyframe), 0);
        ByteBuf all = Unpooled.buffer();
        writer.write(template, all, -1, (frame + incarnation * 10_000L) * SECOND / 25);
        RtpTrackWriter.stamp(template, all, 0, false, new FrameStamp(camera, incarnation, frame, sentEpochNanos));
        List<ByteBuf> packets = new ArrayList<>();
        for (int i = 0; i < template.packets(); i++) {
            packets.add(all.slice(template.start(i), template.length(i)));
        }
        return packets;
    }
}
