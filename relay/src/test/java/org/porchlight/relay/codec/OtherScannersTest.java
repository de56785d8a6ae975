package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherScannersTest {

    // AV1. The sequence header as libaom made it for 1920x1080 in 4:4:4.
    private static final String AV1_SEQUENCE = "0a0e20000042abbfc3732be480868010";

    @Test
    void av1KnowsKeyframesByTheNewSequenceBit() {
        ScannerRun run = ScannerRun.of(Codec.AV1, "AV1", "");
        assertThat(run.packet("28 10" + AV1_SEQUENCE + "30 10 aa", true)).isEqualTo("SEKPF");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(1920, 1080, "High", "4.0", 0, false));
        assertThat(run.scanner.format().fmtp()).isEqualTo("profile=1;level-idx=8;tier=0");
        assertThat(run.nextTimestamp().packet("10 30 30 aa", true)).isEqualTo("SE");
        assertThat(run.nextTimestamp().packet("28 10" + AV1_SEQUENCE + "30 10 aa", true))
                .isEqualTo("SEKP");
        assertThat(run.scanner.tolerances()).isEmpty();
    }

    @Test
    void av1KnowsKeyframesByTheirHeadersWhenTheBitIsMissing() {
        ScannerRun run = ScannerRun.of(Codec.AV1, "AV1", "");
        assertThat(run.packet("00 10" + AV1_SEQUENCE + "03 30 10 aa", true)).isEqualTo("SEKPF");
        assertThat(run.nextTimestamp().packet("10 30 10 aa", true))
                .as("no sequence header")
                .isEqualTo("SE");
    }

    @Test
    void av1FollowsElementsOverPackets() {
        ScannerRun run = ScannerRun.of(Codec.AV1, "AV1", "");
        assertThat(run.packet("58 30 10 aa", false)).isEqualTo("SK");
        assertThat(run.packet("d0 aaaa", false)).isEqualTo("K");
        assertThat(run.packet("90 aaaa", true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet("90 aaaa", true)).isEqualTo("SEM");
        run.nextTimestamp().packet("50 30 30 aa", true);
        run.nextTimestamp().packet("10 30 30 aa", true);
        assertThat(run.scanner.tolerances())
                .containsOnlyKeys(CodecDeviation.FRAGMENT_WITHOUT_START, CodecDeviation.FRAGMENT_WITHOUT_END);
    }

    @Test
    void av1TakesTheHighestTemporalLayerForDisposable() {
        ScannerRun run = ScannerRun.of(Codec.AV1, "AV1", "");
        run.packet("18 34 00 10 aa", true);
        assertThat(run.nextTimestamp().packet("10 34 20 30 aa", true)).isEqualTo("SED");
        assertThat(run.nextTimestamp().packet("10 34 00 30 aa", true)).isEqualTo("SE");
    }

    @Test
    void av1MarksWhatMakesNoSense() {
        ScannerRun run = ScannerRun.of(Codec.AV1, "AV1", "");
        assertThat(run.packet("10", false)).isEqualTo("SM");
        assertThat(run.packet("00 05 30", false)).isEqualTo("M");
        assertThat(run.packet("00 ffffffffffffffffff", false)).isEqualTo("M");
        assertThat(run.packet("10 b0 00", false)).as("forbidden bit").isEqualTo("M");
        assertThat(run.packet("10 34", false)).as("no room for the extension").isEqualTo("M");
    }

    // VP8.

    @Test
    void vp8ReadsDescriptorsOfEveryShape() {
        ScannerRun run = ScannerRun.of(Codec.VP8, "VP8", "");
        assertThat(run.packet("10 10 0000 9d012a 8002 e001 aa", false)).isEqualTo("SK");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(640, 480, "0", "", 0, false));
        assertThat(run.packet("00 aabb", true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet("90f0 8123 05 40 01aa", true))
                .as("temporal layer 1, the highest seen")
                .isEqualTo("SED");
        assertThat(run.nextTimestamp().packet("90f0 8124 05 80 01aa", true)).isEqualTo("SED");
        assertThat(run.nextTimestamp().packet("90f0 8125 05 40 01aa", true))
                .as("no longer the highest")
                .isEqualTo("SE");
        assertThat(run.nextTimestamp().packet("30 01aa", true))
                .as("non-reference bit")
                .isEqualTo("SED");
        assertThat(run.nextTimestamp().packet("9080 7f 01aa", true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).isEmpty();
    }

    @Test
    void vp8MarksWhatMakesNoSense() {
        ScannerRun run = ScannerRun.of(Codec.VP8, "VP8", "");
        assertThat(run.packet("10", false)).isEqualTo("SM");
        assertThat(run.packet("90", false)).isEqualTo("M");
        assertThat(run.packet("90f0 81", false)).isEqualTo("M");
        assertThat(run.packet("10 10 0000 9d012b 8002 e001", false))
                .as("wrong start code")
                .isEqualTo("M");
        run.packet("10 01", true);
        assertThat(run.nextTimestamp().packet("00 01", true))
                .as("a frame without its start")
                .isEqualTo("SEM");
        assertThat(run.nextTimestamp().lose().packet("00 01", true)).isEqualTo("SE");
    }

    // VP9. The keyframe as libvpx made it for 642x362 in profile 1.
    private static final String VP9_KEYFRAME = "a2498342e02810169608";

    @Test
    void vp9FollowsSpatialLayersOfNonFlexibleMode() {
        ScannerRun run = ScannerRun.of(Codec.VP9, "VP9", "");
        // I, L, B, E, V; then layer 0, TL0PICIDX, structure of two sizes.
        assertThat(run.packet("ae 8001 00 05 30 0280 016a 0500 02d4" + VP9_KEYFRAME, false))
                .isEqualTo("SKF");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(1280, 724, "1", "", 0, false));
        assertThat(run.scanner.format().fmtp()).isEqualTo("profile-id=1");
        assertThat(run.packet("ac 8001 03 05 aa", true)).as("layer 1").isEqualTo("EK");
        assertThat(run.nextTimestamp().packet("ec 8002 40 05 aa", true))
                .as("temporal layer 2")
                .isEqualTo("SED");
        assertThat(run.nextTimestamp().packet("ec 8003 20 05 aa", true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).isEmpty();
    }

    @Test
    void vp9FollowsFlexibleMode() {
        ScannerRun run = ScannerRun.of(Codec.VP9, "VP9", "profile-id=1");
        assertThat(run.packet("98 01" + VP9_KEYFRAME, false)).isEqualTo("SK");
        assertThat(run.packet("94 01 aa", true)).isEqualTo("EK");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(642, 362, "1", "", 0, false));
        assertThat(run.nextTimestamp().packet("dc 02 03 04 aa", true))
                .as("two references")
                .isEqualTo("SE");
        assertThat(run.nextTimestamp().packet("d4 03 02 aa", true))
                .as("a frame without its start")
                .isEqualTo("SEM");
    }

    @Test
    void vp9BelievesTheFrameHeaderWhereTheDescriptorNeverTellsPrediction() {
        ScannerRun run = ScannerRun.of(Codec.VP9, "VP9", "profile-id=1");
        assertThat(run.packet("8c 01" + VP9_KEYFRAME, true)).isEqualTo("SEK");
        // Profile 1, not an existing frame, not a key frame.
        assertThat(run.nextTimestamp().packet("8c 02 a6aabb", true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).containsExactly(Map.entry(CodecDeviation.PREDICTION_NOT_DESCRIBED, 1L));
    }

    @Test
    void vp9MarksWhatMakesNoSense() {
        ScannerRun run = ScannerRun.of(Codec.VP9, "VP9", "");
        assertThat(run.packet("80", false)).isEqualTo("SM");
        assertThat(run.packet("a0 01", false)).isEqualTo("M");
        assertThat(run.packet("d0 01 03 03", false)).isEqualTo("M");
        assertThat(run.packet("02 18 05", false)).isEqualTo("M");
        assertThat(run.packet("02 08 ff 0c", false)).isEqualTo("M");
        assertThat(run.packet("0c 00", false)).as("wrong frame marker").isEqualTo("M");
    }

    // JPEG.

    @Test
    void jpegFramesAreAllKeyframes() {
        ScannerRun run = ScannerRun.of(Codec.MJPEG, "JPEG", "");
        assertThat(run.packet("00 000000 01 ff 50 3c 0000 0002 aabb ccdd", false))
                .isEqualTo("SK");
        assertThat(run.packet("00 000002 01 ff 50 3c eeff", true)).isEqualTo("EK");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(640, 480, "", "", 0, false));
        assertThat(run.nextTimestamp().packet("00 000000 41 32 50 3c 0000ffff eeff", true))
                .isEqualTo("SEK");
        assertThat(run.nextTimestamp().packet("00 000010 01 32 50 3c eeff", true))
                .as("a frame without its start")
                .isEqualTo("SEKM");
        assertThat(run.packet("00 000000 01 32 50", false)).contains("M");
        assertThat(run.packet("00 000000 01 ff 50 3c 0000 00ff aabb", false)).contains("M");
    }

    // Sound and the rest.

    @Test
    void aacFramesMayBeCut() {
        ScannerRun run = ScannerRun.of(
                Codec.AAC, "mpeg4-generic", "mode=AAC-hbr; SizeLength=13; IndexLength=3; IndexDeltaLength=3");
        assertThat(run.packet("0010 0080 aabb", false)).isEqualTo("SK");
        assertThat(run.packet("0010 0080 ccdd", true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet("0010 0080 ccdd", true)).isEqualTo("SEK");
        assertThat(run.nextTimestamp().packet("ffff 00", true)).isEqualTo("SEKM");
        ScannerRun latm = ScannerRun.of(Codec.AAC, "MP4A-LATM", "sizelength=13");
        assertThat(latm.packet("ffff 00", true)).isEqualTo("SEK");
    }

    @Test
    void metadataDocumentsEndWithTheMarker() {
        ScannerRun run = ScannerRun.of(Codec.ONVIF_METADATA, "vnd.onvif.metadata", "");
        assertThat(run.packet("3c3f786d6c", false)).isEqualTo("SK");
        assertThat(run.packet("3e3e", true)).isEqualTo("EK");
        assertThat(run.packet("3c3f786d6c", true))
                .as("the next document, at the same time")
                .isEqualTo("SEK");
    }

    @Test
    void eachPacketOfSoundAndOfTheUnknownStandsByItself() {
        for (Codec codec : new Codec[] {Codec.OPUS, Codec.PCMU, Codec.PCMA, Codec.G722, Codec.LPCM, Codec.OPAQUE}) {
            ScannerRun run = ScannerRun.of(codec, codec.name(), "a=b");
            assertThat(run.packet("00", false)).isEqualTo("SEK");
            assertThat(run.packet("00", true)).isEqualTo("SEK");
            assertThat(run.packet("", true)).isEqualTo("SEKM");
            assertThat(run.scanner.tolerances()).isEqualTo(Map.of(CodecDeviation.EMPTY_PAYLOAD, 1L));
            assertThat(run.scanner.format().fmtp()).isEqualTo("a=b");
            assertThat(run.scanner.pictureFormat()).isNull();
        }
    }

    @Test
    void everyDeviationComesWithAdvice() {
        for (CodecDeviation deviation : CodecDeviation.values()) {
            assertThat(deviation.advice()).endsWith(".").hasSizeGreaterThan(40);
        }
    }
}
