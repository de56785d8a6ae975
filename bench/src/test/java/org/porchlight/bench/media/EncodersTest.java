package org.porchlight.bench.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.porchlight.relay.codec.Codec;

class EncodersTest {
    private static final VideoFormat SMALL = new VideoFormat(Codec.H264, 160, 96, 10, 10, 400_000);

    @Test
    void encodesWholeGopsOfH264ThatStartWithParameterSetsAndReachNearlyTheRate() {
        VideoClip clip = new ClipLibrary().clip(SMALL).orElseThrow();
        assertThat(clip.frames()).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(clip.frames().get(i).keyframe()).isEqualTo(i % 10 == 0);
        }
        assertThat(types(false, clip.frames().get(0))).contains(7, 8, 5);
        assertThat(types(false, clip.frames().get(1))).contains(1).doesNotContain(5);
        assertThat(clip.fmtp())
                .startsWith("packetization-mode=1;profile-level-id=42")
                .contains("sprop-parameter-sets=");
        assertThat(clip.bitsPerSecond()).isBetween(200_000L, 480_000L);
    }

    @Test
    void encodesEachFormatOnce() {
        ClipLibrary library = new ClipLibrary();
        Optional<VideoClip> first = library.clip(SMALL);
        assertThat(library.clip(new VideoFormat(Codec.H264, 160, 96, 10, 10, 400_000))
                        .orElseThrow())
                .isSameAs(first.orElseThrow());
    }

    @Test
    void makesAKeyframeWhenAskedInTheMiddleOfAGop() {
        try (VideoEncoder encoder = Encoders.live(SMALL, 400_000).orElseThrow()) {
            TestPicture picture = new TestPicture(160, 96, 1, false);
            for (int i = 0; i < 6; i++) {
                picture.paint("cam1", "12:34:56", i, 10);
                assertThat(encoder.encode(picture, i == 4).keyframe()).isEqualTo(i == 0 || i == 4);
            }
        }
    }

    @Test
    @EnabledIf("hasHevc")
    void encodesH265WithTheSystemsProgramWhenTheLibraryHasNoEncoder() {
        VideoClip clip = new ClipLibrary()
                .clip(new VideoFormat(Codec.H265, 160, 96, 10, 10, 200_000))
                .orElseThrow();
        assertThat(clip.frames()).hasSize(20);
        assertThat(types(true, clip.frames().get(0))).contains(32, 33, 34);
        assertThat(clip.frames().get(10).keyframe()).isTrue();
        assertThat(clip.frames().get(9).keyframe()).isFalse();
        assertThat(clip.fmtp()).contains("sprop-vps=", "sprop-sps=", "sprop-pps=");
    }

    static boolean hasHevc() {
        return FfmpegProcess.isUsable();
    }

    @Test
    void encodesAToneOfFourSeconds() {
        AudioClip tone = AacEncoder.tone();
        assertThat(tone.fmtp()).contains("mode=AAC-hbr").contains("config=1408");
        assertThat(tone.units().size() * tone.samplesPerUnit()).isBetween(3 * 16_000, 5 * 16_000);
    }

    @Test
    void refusesFormatsThatNobodyCanEncode() {
        assertThatThrownBy(() -> new VideoFormat(Codec.H264, 161, 96, 10, 10, 400_000))
                .hasMessageContaining("even");
        assertThatThrownBy(() -> new VideoFormat(Codec.VP8, 160, 96, 10, 10, 400_000))
                .hasMessageContaining("h264 or h265");
    }

    @Test
    void splitsStartCodesOfThreeAndFourBytesAndDropsTrailingZeros() {
        byte[] stream = {0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3, 0, 0};
        assertThat(AnnexB.nalUnits(stream))
                .containsExactly(new byte[] {0x67, 1}, new byte[] {0x68, 2}, new byte[] {0x65, 3});
        assertThat(AnnexB.nalUnits(new byte[] {1, 2, 3})).isEmpty();
    }

    private static List<Integer> types(boolean hevc, EncodedFrame frame) {
        return frame.nalUnits().stream()
                .map(nal -> ParameterSets.nalType(hevc, nal))
                .toList();
    }
}
