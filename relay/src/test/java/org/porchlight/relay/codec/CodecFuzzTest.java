package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Fuzz targets of this package; a normal build replays their recorded inputs. */
class CodecFuzzTest {

    @FuzzTest
    void h264(byte[] data) {
        CodecFuzz.feed(CodecFuzz.scanner(Codec.H264, ""), data);
    }

    @FuzzTest
    void h265(byte[] data) {
        CodecFuzz.feed(CodecFuzz.scanner(Codec.H265, ""), data);
        CodecFuzz.feed(CodecFuzz.scanner(Codec.H265, "sprop-max-don-diff=1"), data);
    }

    @FuzzTest
    void av1(byte[] data) {
        CodecFuzz.feed(CodecFuzz.scanner(Codec.AV1, ""), data);
    }

    @FuzzTest
    void vp8AndVp9(byte[] data) {
        CodecFuzz.feed(CodecFuzz.scanner(Codec.VP8, ""), data);
        CodecFuzz.feed(CodecFuzz.scanner(Codec.VP9, ""), data);
    }

    @FuzzTest
    void everythingElse(byte[] data) {
        for (Codec codec : new Codec[] {Codec.MJPEG, Codec.AAC, Codec.ONVIF_METADATA, Codec.OPAQUE}) {
            CodecFuzz.feed(CodecFuzz.scanner(codec, "sizelength=13;indexlength=3"), data);
        }
    }

    @FuzzTest
    void parameterSetParsers(byte[] data) {
        BitReader bits = new BitReader();
        H264Sps.parse(bits, Unpooled.wrappedBuffer(data), 0, data.length);
        H265Sps.parse(bits, Unpooled.wrappedBuffer(data), 0, data.length);
        Av1SequenceHeader.parse(bits, Unpooled.wrappedBuffer(data), 0, data.length);
    }

    @FuzzTest
    void formatParameters(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        FormatParameters parameters = FormatParameters.parse(text);
        parameters.base64List("sprop-parameter-sets");
        assertThat(FormatParameters.parse(parameters.toString()).toString().length())
                .isLessThanOrEqualTo(text.length());
        CodecFuzz.scanner(Codec.H264, text);
        CodecFuzz.scanner(Codec.H265, text);
    }

    @FuzzTest
    void fragmenters(byte[] data) {
        for (Codec codec : Codec.values()) {
            Fragmenter fragmenter =
                    new Fragmenter(new TrackFormat(MediaKind.VIDEO, codec, 96, codec.name(), 90_000, 1, ""));
            int pieces = fragmenter.cut(Unpooled.wrappedBuffer(data), 0, data.length, 128, 12, Unpooled.buffer());
            assertThat(pieces).isBetween(0, Fragmenter.MAX_PIECES);
        }
    }
}
