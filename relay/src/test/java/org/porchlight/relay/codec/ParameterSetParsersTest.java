package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ParameterSetParsersTest {
    /** As x264 made it: 1280x720, 4:4:4, 25 frames per second, B-frames, with emulation prevention bytes. */
    private static final String X264_SPS = "67f4001f919b280a00b76022000003000200000300641e30632c";

    private final BitReader bits = new BitReader();

    @Test
    void readsWhatAnEncoderWrote() {
        byte[] sps = HexFormat.of().parseHex(X264_SPS);
        assertThat(H264Sps.parse(bits, Unpooled.wrappedBuffer(sps), 0, sps.length))
                .isEqualTo(new PictureFormat(1280, 720, "High 4:4:4 Predictive", "3.1", 25.0, true));
    }

    @Test
    void readsInterlacedBaselineAndScalingLists() {
        BitWriter interlaced = new BitWriter().bits(66, 8).bits(0x40, 8).bits(30, 8);
        interlaced
                .unsignedGolomb(0)
                .unsignedGolomb(0)
                .unsignedGolomb(2)
                .unsignedGolomb(1)
                .flag(false);
        interlaced
                .unsignedGolomb(44)
                .unsignedGolomb(17)
                .flag(false)
                .flag(true)
                .flag(true)
                .flag(false)
                .flag(false);
        assertThat(parse(interlaced)).isEqualTo(new PictureFormat(720, 576, "Constrained Baseline", "3", 0, false));
        BitWriter scaled = new BitWriter().bits(100, 8).bits(0, 8).bits(51, 8).unsignedGolomb(0);
        scaled.unsignedGolomb(1).unsignedGolomb(0).unsignedGolomb(0).flag(false).flag(true);
        for (int list = 0; list < 8; list++) {
            scaled.flag(list != 3);
            for (int i = 0; list != 3 && i < (list < 6 ? 16 : 64); i++) {
                scaled.signedGolomb(i == 0 ? 8 : 0);
            }
        }
        scaled.unsignedGolomb(0)
                .unsignedGolomb(1)
                .flag(false)
                .signedGolomb(-3)
                .signedGolomb(2)
                .unsignedGolomb(2);
        scaled.signedGolomb(1).signedGolomb(-1).unsignedGolomb(1).flag(false);
        scaled.unsignedGolomb(19)
                .unsignedGolomb(9)
                .flag(true)
                .flag(true)
                .flag(false)
                .flag(false);
        assertThat(parse(scaled)).isEqualTo(new PictureFormat(320, 160, "High", "5.1", 0, true));
    }

    private @Nullable PictureFormat parse(BitWriter writer) {
        byte[] sps = BitWriter.nal(new byte[] {0x67}, writer.withStopBit());
        return H264Sps.parse(bits, Unpooled.wrappedBuffer(sps), 0, sps.length);
    }

    @Test
    void readsNothingFromASetThatIsCutOff() {
        byte[] sps = HexFormat.of().parseHex(X264_SPS);
        for (int length = 1; length < 10; length++) {
            ByteBuf exact = Unpooled.copiedBuffer(sps, 0, length);
            assertThat(H264Sps.parse(bits, exact, 0, length)).isNull();
        }
    }

    @Test
    void readsGolombCodesAndBitsBackFromRandomWriting() {
        Random random = new Random(51);
        for (int round = 0; round < 500; round++) {
            int[] kinds = random.ints(60, 0, 3).toArray();
            int[] values = random.ints(60).map(v -> v >> (v & 31)).toArray();
            BitWriter writer = new BitWriter();
            for (int i = 0; i < kinds.length; i++) {
                values[i] = kinds[i] == 1 ? values[i] & 0x3fff_ffff : values[i] >> 2;
                switch (kinds[i]) {
                    case 0 -> writer.bits(values[i] & 0xffff_ffffL, 32);
                    case 1 -> writer.unsignedGolomb(values[i]);
                    default -> writer.signedGolomb(values[i] >> 1);
                }
            }
            byte[] nal = BitWriter.nal(new byte[] {0}, writer.withStopBit());
            bits.resetToNal(Unpooled.wrappedBuffer(nal), 1, nal.length);
            for (int i = 0; i < kinds.length; i++) {
                switch (kinds[i]) {
                    case 0 -> assertThat(bits.bits(32)).isEqualTo(values[i]);
                    case 1 -> assertThat(bits.unsignedGolomb()).isEqualTo(values[i]);
                    default -> assertThat(bits.signedGolomb()).isEqualTo(values[i] >> 1);
                }
            }
            assertThat(bits.isExhausted()).isFalse();
        }
    }

    @Test
    void readsZerosBeyondTheEndAndSaysSo() {
        bits.reset(Unpooled.wrappedBuffer(new byte[] {-1}), 0, 1);
        assertThat(bits.bits(8)).isEqualTo(255);
        assertThat(bits.isExhausted()).isFalse();
        assertThat(bits.bits(5)).isZero();
        assertThat(bits.isExhausted()).isTrue();
        bits.reset(Unpooled.wrappedBuffer(new byte[8]), 0, 8);
        assertThat(bits.unsignedGolomb()).isZero();
        assertThat(bits.isExhausted()).isTrue();
    }

    @Test
    void survivesDamagedSets() {
        Random random = new Random(53);
        byte[] sps = HexFormat.of().parseHex(X264_SPS);
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] copy = Arrays.copyOf(sps, 2 + random.nextInt(sps.length - 1));
            for (int i = 0; i < 2; i++) {
                copy[1 + random.nextInt(copy.length - 1)] ^= (byte) (1 << random.nextInt(8));
            }
            ByteBuf buf = Unpooled.wrappedBuffer(copy);
            PictureFormat picture = H264Sps.parse(bits, buf, 0, copy.length);
            if (picture != null) {
                read++;
                assertThat(picture.width()).isBetween(1, 65_536);
                assertThat(picture.height()).isBetween(1, 131_072);
            }
            H265Sps.parse(bits, buf, 0, copy.length);
            Av1SequenceHeader.parse(bits, buf, 0, copy.length);
        }
        assertThat(read).isPositive();
    }
}
