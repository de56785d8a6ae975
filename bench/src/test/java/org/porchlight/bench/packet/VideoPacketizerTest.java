package org.porchlight.bench.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.porchlight.bench.media.EncodedFrame;
import org.porchlight.bench.media.FrameStamp;
import org.porchlight.bench.media.ParameterSets;

class VideoPacketizerTest {
    private static final int PACKET = 1_200;
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void givesBackEveryNalUnitInOrderForAnySizes() {
        for (int round = 0; round < 600; round++) {
            boolean hevc = round % 2 == 0;
            boolean keyframe = random.nextInt(4) == 0;
            List<byte[]> units = new ArrayList<>();
            if (keyframe) {
                units.add(nal(hevc, hevc ? 33 : 7, 10 + random.nextInt(40)));
                units.add(nal(hevc, hevc ? 34 : 8, 4 + random.nextInt(random.nextInt(20) == 0 ? 1_500 : 20)));
            }
            for (int slices = 1 + random.nextInt(3); slices > 0; slices--) {
                int type = keyframe ? (hevc ? 19 : 5) : 1;
                units.add(nal(hevc, type, 3 + random.nextInt(random.nextBoolean() ? 200 : 9_000)));
            }
            FrameTemplate template = new VideoPacketizer(hevc, 96, 300 + random.nextInt(1_200))
                    .packetize(new EncodedFrame(units, keyframe), 0);

            List<byte[]> received = units(hevc, template);
            received.removeIf(unit -> ParameterSets.isDispensable(hevc, unit));
            assertThat(received).hasSameSizeAs(units);
            for (int i = 0; i < units.size(); i++) {
                assertThat(received.get(i)).isEqualTo(units.get(i));
            }
            assertThat(template.stampIndex()).isPositive();
            assertThat(template.isKeyframe()).isEqualTo(keyframe);
        }
    }

    @Test
    void makesARunOfFullPacketsWithAShortLastOneForEveryFrameOfOneSlice() {
        for (boolean hevc : new boolean[] {false, true}) {
            VideoPacketizer packetizer = new VideoPacketizer(hevc, 96, PACKET);
            for (int size = 1_300; size < 9_000; size += 37) {
                FrameTemplate template = packetizer.packetize(
                        new EncodedFrame(List.of(nal(hevc, 1, size)), false), random.nextInt(4_000));
                for (int i = 0; i + 1 < template.packets(); i++) {
                    assertThat(template.length(i)).isEqualTo(packetizer.packetBytes());
                }
                assertThat(template.length(template.packets() - 1)).isLessThanOrEqualTo(packetizer.packetBytes());
            }
        }
    }

    @Test
    void addsWholePacketsOfBallast() {
        VideoPacketizer packetizer = new VideoPacketizer(false, 96, PACKET);
        EncodedFrame frame = new EncodedFrame(List.of(nal(false, 1, 5_000)), false);
        int plain = packetizer.packetize(frame, 0).packets();
        assertThat(packetizer.packetize(frame, 3 * PACKET + 100).packets()).isEqualTo(plain + 3);
    }

    @Test
    void putsASmallFrameIntoOnePacket() {
        FrameTemplate template = new VideoPacketizer(false, 96, PACKET)
                .packetize(new EncodedFrame(List.of(nal(false, 7, 20), nal(false, 8, 4), nal(false, 5, 500)), true), 0);
        assertThat(template.packets()).isEqualTo(1);
        assertThat(template.array()[1] & 0x80).as("marker").isEqualTo(0x80);
    }

    @Test
    void setsTheMarkerOnTheLastPacketOnly() {
        FrameTemplate template = new VideoPacketizer(true, 97, PACKET)
                .packetize(new EncodedFrame(List.of(nal(true, 1, 9_000)), false), 0);
        for (int i = 0; i < template.packets(); i++) {
            boolean last = i == template.packets() - 1;
            assertThat(template.array()[template.start(i) + 1] & 0xff).isEqualTo(last ? 0x80 + 97 : 97);
        }
    }

    @Test
    void refusesPacketLengthsThatNoPathCarries() {
        assertThatThrownBy(() -> new VideoPacketizer(false, 96, 100)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesTheSamePacketsWithAndWithoutInterleavingAndStampsTheRightPlace() {
        FrameTemplate template = new VideoPacketizer(false, 96, PACKET)
                .packetize(
                        new EncodedFrame(List.of(nal(false, 7, 20), nal(false, 8, 4), nal(false, 5, 5_000)), true), 0);
        FrameStamp stamp = new FrameStamp(3, 4, 5, 6);
        for (boolean interleaved : new boolean[] {false, true}) {
            RtpTrackWriter writer = new RtpTrackWriter(90_000, new SplittableRandom(5));
            int firstSequenceNumber = writer.sequenceNumber();
            ByteBuf out = Unpooled.buffer();
            out.writeZero(10);
            writer.write(template, out, interleaved ? 2 : -1, 1_000_000_000L);
            RtpTrackWriter.stamp(template, out, 10, interleaved, stamp);
            assertThat(out.readableBytes() - 10).isEqualTo(RtpTrackWriter.length(template, interleaved));
            out.skipBytes(10);
            for (int i = 0; i < template.packets(); i++) {
                int length = template.length(i);
                if (interleaved) {
                    assertThat(out.readUnsignedByte()).isEqualTo((short) '$');
                    assertThat(out.readUnsignedByte()).isEqualTo((short) 2);
                    assertThat(out.readUnsignedShort()).isEqualTo(length);
                }
                ByteBuf packet = out.readSlice(length);
                assertThat(packet.getUnsignedShort(2)).isEqualTo((firstSequenceNumber + i) & 0xffff);
                assertThat(packet.getInt(4)).isEqualTo(writer.timestampAt(1_000_000_000L));
                assertThat(packet.getInt(8)).isEqualTo(writer.ssrc());
                if (i == 0) {
                    assertThat(FrameStamp.read(packet, FrameStamp.indexOf(packet, 0, length)))
                            .isEqualTo(stamp);
                }
            }
            assertThat(out.isReadable()).isFalse();
        }
    }

    @Test
    void runsItsTimestampsAtTheClockRateForHours() {
        RtpTrackWriter writer = new RtpTrackWriter(90_000, new SplittableRandom(5));
        int zero = writer.timestampAt(0);
        long day = 86_400_000_000_000L;
        assertThat(writer.timestampAt(40_000_000L) - zero).isEqualTo(3_600);
        assertThat(writer.timestampAt(day) - zero).isEqualTo((int) (86_400L * 90_000L));
    }

    @Test
    void dropsAndSwapsTheShareAskedForAndSendsNothingTwice() {
        Impairment impairment = new Impairment(0.1, 0.05, 0, new SplittableRandom(3));
        int sent = 0;
        int swapped = 0;
        for (int round = 0; round < 1_000; round++) {
            int count = impairment.deal(100);
            boolean[] seen = new boolean[100];
            int highest = -1;
            for (int i = 0; i < count; i++) {
                int packet = impairment.packetAt(i);
                assertThat(seen[packet]).isFalse();
                seen[packet] = true;
                swapped += packet < highest ? 1 : 0;
                highest = Math.max(highest, packet);
            }
            sent += count;
        }
        assertThat(sent).isBetween(89_000, 91_000);
        assertThat(swapped).isBetween(3_800, 4_800);
    }

    private byte[] nal(boolean hevc, int type, int length) {
        byte[] nal = new byte[Math.max(length, 3)];
        random.nextBytes(nal);
        nal[0] = (byte) (hevc ? type << 1 : 0x60 + type);
        if (hevc) {
            nal[1] = 1;
        }
        return nal;
    }

    private static List<byte[]> units(boolean hevc, FrameTemplate template) {
        Depacketizer depacketizer = new Depacketizer(hevc);
        for (int i = 0; i < template.packets(); i++) {
            int start = template.start(i);
            depacketizer.payload(Arrays.copyOfRange(template.array(), start + 12, start + template.length(i)));
        }
        return depacketizer.units();
    }
}
