package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Good streams with random damage, seeded: every scanner keeps its promises and notices some of the damage. */
class ScannerMutationTest {

    private static byte[] stream(byte[]... payloads) {
        ByteBuf out = Unpooled.buffer();
        for (byte[] payload : payloads) {
            out.writeByte(payload.length).writeByte(0x11).writeBytes(payload);
        }
        return H264Units.bytes(out);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] goodStream(Codec codec) {
        return switch (codec) {
            case H264 -> {
                byte[][] fragments = H264Units.fuA(H264Units.idr(300), 150);
                yield stream(
                        H264Units.stapA(H264Units.sps(0, 120, 68), H264Units.pps(0)),
                        H264Units.recoveryPoint(0),
                        fragments[0],
                        fragments[1],
                        fragments[2],
                        H264Units.inter(60));
            }
            case H265 ->
                stream(
                        hex("40010c01ffff016000000300900000030000030078959809"),
                        hex("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04"),
                        hex("62019380aabb"),
                        hex("62015380aabb"),
                        hex("6001000420018011000440018011"),
                        hex("64012630aabbcc80aa"));
            case AV1 -> stream(hex("28100a0e20000042abbfc3732be4808680103010aa"), hex("50343020aaaa"), hex("90aaaa"));
            case VP8 -> stream(hex("101000009d012a8002e001aa"), hex("90f08123054001aa"), hex("10aabb"));
            case VP9 -> stream(hex("ae8001000530028001" + "6a050002d4a2498342e02810169608"), hex("dc020304aa"));
            case MJPEG -> stream(hex("0000000001ff503c00000002aabbccdd"), hex("000000004132503c0000ffffeeff"));
            case AAC -> stream(hex("00100080aabb"), hex("00200080008aaabbccdd"));
            case OPUS, PCMU, PCMA, G722, LPCM, ONVIF_METADATA, OPAQUE -> stream(hex("3c3f786d6c"), hex("00"));
        };
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void survivesDamage(Codec codec) {
        Random random = new Random(61);
        byte[] good = goodStream(codec);
        String fmtp = "sizelength=13;indexlength=3";
        assertThat(CodecFuzz.feed(CodecFuzz.scanner(codec, fmtp), good)).isZero();
        int malformed = 0;
        for (int round = 0; round < 1500; round++) {
            byte[] copy = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            for (int i = random.nextInt(6); i >= 0; i--) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt();
            }
            malformed += CodecFuzz.feed(CodecFuzz.scanner(codec, fmtp), copy);
        }
        assertThat(malformed).isPositive();
    }

    @Test
    void survivesOneScannerFedWithEveryKindOfStream() {
        Random random = new Random(62);
        Codec[] all = Codec.values();
        for (Codec codec : all) {
            PayloadScanner scanner = CodecFuzz.scanner(codec, "");
            for (int round = 0; round < 500; round++) {
                byte[] noise = new byte[random.nextInt(600)];
                random.nextBytes(noise);
                CodecFuzz.feed(scanner, noise);
                CodecFuzz.feed(scanner, goodStream(all[random.nextInt(all.length)]));
            }
            assertThat(scanner.tolerances()).isNotEmpty();
        }
    }
}
