package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;

class H264ScannerTest {
    private static final byte[] SPS = H264Units.sps(0, 120, 68);
    private static final byte[] PPS = H264Units.pps(0);
    private static final String SPROP = base64(SPS) + "," + base64(PPS);

    private final ScannerRun run =
            ScannerRun.of(Codec.H264, "H264", "packetization-mode=1;sprop-parameter-sets=" + SPROP);

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static ScannerRun undescribed() {
        return ScannerRun.of(Codec.H264, "H264", "");
    }

    @Test
    void followsAnOrdinaryGroupOfPictures() {
        assertThat(run.packet(H264Units.stapA(SPS, PPS), false)).isEqualTo("SP");
        byte[][] idr = H264Units.fuA(H264Units.idr(2500), 1000);
        assertThat(run.packet(idr[0], false)).isEqualTo("K");
        assertThat(run.packet(idr[1], false)).isEqualTo("K");
        assertThat(run.packet(idr[2], true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet(H264Units.inter(100), true)).isEqualTo("SE");
        assertThat(run.nextTimestamp().packet(H264Units.slice(0x01, 0, H264Units.P, 50), true))
                .isEqualTo("SED");
        assertThat(run.scanner.tolerances()).isEmpty();
        assertThat(run.scanner.bidirectionalFramesSeen()).isFalse();
    }

    @Test
    void readsSizeProfileAndRateFromTheDescription() {
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(1920, 1080, "High", "4.1", 25.0, false));
        assertThat(run.scanner.format().fmtp())
                .isEqualTo("packetization-mode=1;sprop-parameter-sets=" + SPROP + ";profile-level-id=640029");
    }

    @Test
    void takesParameterSetsFromTheStreamWhenTheDescriptionHasNone() {
        ScannerRun bare = undescribed();
        assertThat(bare.scanner.pictureFormat()).isNull();
        assertThat(bare.packet(SPS, false)).isEqualTo("SPF");
        assertThat(bare.packet(PPS, false)).isEqualTo("PF");
        assertThat(bare.packet(H264Units.idr(10), true)).isEqualTo("EK");
        assertThat(bare.nextTimestamp().packet(SPS, false)).isEqualTo("SP");
        assertThat(bare.scanner.format().fmtp()).contains("packetization-mode=1", "sprop-parameter-sets=" + SPROP);
        assertThat(bare.scanner.tolerances()).containsOnlyKeys(CodecDeviation.PARAMETER_SETS_NOT_DESCRIBED);
    }

    @Test
    void ignoresTrailingZerosWhenComparingParameterSets() {
        assertThat(run.packet(java.util.Arrays.copyOf(SPS, SPS.length + 2), false))
                .isEqualTo("SP");
    }

    @Test
    void noticesANewResolution() {
        assertThat(run.packet(H264Units.sps(0, 40, 30), false)).isEqualTo("SPF");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(640, 480, "High", "4.1", 25.0, false));
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.PARAMETER_SETS_DIFFER);
    }

    @Test
    void survivesADescriptionOfGarbage() {
        ScannerRun garbage = ScannerRun.of(
                Codec.H264,
                "H264",
                " ;;Packetization-Mode = 1 ;sprop-parameter-sets=!!!,Zw==,,AAAA;profile-level-id=zz;");
        assertThat(garbage.packet(H264Units.stapA(SPS, PPS, H264Units.idr(20)), true))
                .isEqualTo("SEKPF");
        assertThat(garbage.scanner.format().fmtp())
                .isEqualTo("Packetization-Mode=1;sprop-parameter-sets=" + SPROP + ";profile-level-id=640029");
    }

    @Test
    void readsParameterSetsWithStartCodesInTheDescription() {
        byte[] withStartCode = new byte[SPS.length + 4];
        withStartCode[3] = 1;
        System.arraycopy(SPS, 0, withStartCode, 4, SPS.length);
        ScannerRun quirky = ScannerRun.of(Codec.H264, "H264", "sprop-parameter-sets=" + base64(withStartCode));
        assertThat(quirky.scanner.pictureFormat()).isNotNull();
        assertThat(quirky.packet(SPS, false)).isEqualTo("SP");
    }

    @Test
    void putsADescriptionOfSingleUnitsRightWhenFragmentsCome() {
        ScannerRun wrong = ScannerRun.of(
                Codec.H264, "H264", "packetization-mode=0;sprop-parameter-sets=" + SPROP + ";profile-level-id=640029");
        byte[][] idr = H264Units.fuA(H264Units.idr(300), 200);
        assertThat(wrong.packet(idr[0], false)).isEqualTo("SKF");
        assertThat(wrong.packet(idr[1], true)).isEqualTo("EK");
        assertThat(wrong.scanner.format().fmtp()).startsWith("packetization-mode=1;");
        assertThat(wrong.scanner.tolerances()).containsOnlyKeys(CodecDeviation.PACKETIZATION_MODE_WRONG);
    }

    // Keyframes that are none of IDR.

    @Test
    void takesIntraPicturesWithParameterSetsForKeyframes() {
        run.packet(SPS, false);
        run.packet(PPS, false);
        assertThat(run.packet(H264Units.slice(0x61, 0, H264Units.I, 100), true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet(H264Units.slice(0x61, 0, H264Units.I, 100), true))
                .as("without parameter sets")
                .isEqualTo("SE");
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.KEYFRAME_NOT_IDR);
    }

    @Test
    void learnsThatFramesMayMixIntraAndInterSlices() {
        run.packet(H264Units.stapA(SPS, PPS), false);
        assertThat(run.packet(H264Units.slice(0x61, 0, H264Units.I, 50), false)).isEqualTo("K");
        assertThat(run.packet(H264Units.slice(0x61, 60, H264Units.P, 50), true)).isEqualTo("E");
        run.nextTimestamp().packet(H264Units.stapA(SPS, PPS), false);
        assertThat(run.packet(H264Units.slice(0x61, 0, H264Units.I, 50), false)).isEmpty();
        run.nextTimestamp().packet(H264Units.stapA(SPS, PPS), false);
        assertThat(run.packet(H264Units.slice(0x61, 0, H264Units.ALL_I, 50), true))
                .isEqualTo("EK");
    }

    @Test
    void takesARecoveryPointOfZeroFramesForAKeyframe() {
        assertThat(run.packet(H264Units.recoveryPoint(0), false)).isEqualTo("SK");
        assertThat(run.packet(H264Units.slice(0x61, 0, H264Units.I, 50), true)).isEqualTo("EK");
    }

    @Test
    void findsARecoveryPointBehindLongMessagesAndIsNotMisledByTheirBytes() {
        for (int length : new int[] {0, 1, 254, 255, 256, 510, 20_000}) {
            for (int fill : new int[] {0, 3, 6, 255}) {
                byte[] filling =
                        BitWriter.nal(new byte[] {0x06}, message(length, fill).withStopBit());
                run.nextTimestamp();
                assertThat(run.packet(filling, false)).isEqualTo("S");
                run.packet(H264Units.inter(40), true);
                BitWriter behind = message(length, fill).bits(6, 8).bits(1, 8).bits(0b1_1000_000, 8);
                byte[] withRecovery = BitWriter.nal(new byte[] {0x06}, behind.withStopBit());
                run.nextTimestamp();
                assertThat(run.packet(withRecovery, false))
                        .as("%d bytes of %d", length, fill)
                        .isEqualTo("SK");
                run.packet(H264Units.inter(40), true);
            }
        }
    }

    /** An SEI message of user data. */
    private static BitWriter message(int length, int fill) {
        BitWriter sei = new BitWriter().bits(5, 8);
        for (int left = length; left >= 255; left -= 255) {
            sei.bits(255, 8);
        }
        sei.bits(length % 255, 8);
        for (int i = 0; i < length; i++) {
            sei.bits(i % 7 == 6 ? 1 : fill, 8);
        }
        return sei;
    }

    @Test
    void acceptsAGradualRefreshOnlyWhereNothingElseComes() {
        for (int i = 0; i < 4; i++) {
            String sei = run.nextTimestamp().packet(H264Units.recoveryPoint(12), false);
            assertThat(sei).isEqualTo(i == 0 ? "S" : "SK");
            run.packet(H264Units.inter(40), true);
        }
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.INTRA_REFRESH);
        run.nextTimestamp().packet(H264Units.idr(40), true);
        assertThat(run.nextTimestamp().packet(H264Units.recoveryPoint(12), false))
                .isEqualTo("S");
    }

    @Test
    void detectsBidirectionalFrames() {
        run.packet(H264Units.slice(0x01, 0, H264Units.B, 40), true);
        run.nextTimestamp().packet(H264Units.slice(0x01, 0, H264Units.B, 40), true);
        assertThat(run.scanner.bidirectionalFramesSeen()).isTrue();
        assertThat(run.scanner.tolerances()).containsEntry(CodecDeviation.BIDIRECTIONAL_FRAMES, 1L);
    }

    // Marker bits.

    @Test
    void forgivesMarkersOnParameterSets() {
        assertThat(run.packet(SPS, true)).isEqualTo("SP");
        assertThat(run.packet(PPS, true)).isEqualTo("P");
        assertThat(run.packet(H264Units.idr(50), true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet(H264Units.inter(50), true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.MARKER_ON_PARAMETER_SETS);
    }

    @Test
    void stopsTrustingAMarkerThatIsAlwaysSet() {
        byte[][] frame = H264Units.fuA(H264Units.inter(2900), 1000);
        assertThat(run.packet(frame[0], true)).as("nothing known yet").isEqualTo("SE");
        assertThat(run.packet(frame[1], true)).isEmpty();
        assertThat(run.packet(frame[2], true)).isEmpty();
        run.nextTimestamp();
        assertThat(run.packet(frame[0], true)).isEqualTo("S");
        assertThat(run.packet(frame[1], true)).isEmpty();
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.MARKER_WITHIN_FRAME);
    }

    @Test
    void trustsTheMarkerAgainAfterManyCleanFrames() {
        byte[][] frame = H264Units.fuA(H264Units.inter(1500), 1000);
        run.packet(frame[0], true);
        run.packet(frame[1], true);
        for (int i = 0; i <= FrameBoundary.CLEAN_FRAMES; i++) {
            run.nextTimestamp();
            assertThat(run.packet(frame[0], false)).isEqualTo("S");
            assertThat(run.packet(frame[1], true)).isEqualTo(i < FrameBoundary.CLEAN_FRAMES ? "" : "E");
        }
    }

    @Test
    void findsFramesByTimestampWhenTheMarkerIsNeverSet() {
        for (int i = 0; i < 3; i++) {
            run.nextTimestamp();
            assertThat(run.packet(H264Units.slice(0x41, 0, H264Units.P, 40), false))
                    .isEqualTo("S");
            assertThat(run.packet(H264Units.slice(0x41, 60, H264Units.P, 40), false))
                    .isEmpty();
        }
        assertThat(run.scanner.tolerances()).containsExactly(java.util.Map.entry(CodecDeviation.MARKER_MISSING, 2L));
    }

    @Test
    void tellsFramesOfOneTimestampApartByTheirFirstMacroblock() {
        assertThat(run.packet(H264Units.inter(40), true)).isEqualTo("SE");
        assertThat(run.packet(H264Units.inter(40), true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.TIMESTAMP_REPEATED);
    }

    @Test
    void aMarkerOnEachSliceIsNoFrameEnd() {
        run.packet(H264Units.slice(0x41, 0, H264Units.P, 40), true);
        assertThat(run.packet(H264Units.slice(0x41, 60, H264Units.P, 40), true)).isEmpty();
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.MARKER_WITHIN_FRAME);
    }

    // Fragments.

    @Test
    void marksFragmentsWhoseStartIsMissing() {
        run.packet(H264Units.inter(10), true);
        byte[][] idr = H264Units.fuA(H264Units.idr(2500), 1000);
        assertThat(run.nextTimestamp().packet(idr[1], false)).isEqualTo("SKM");
        assertThat(run.packet(idr[2], true)).isEqualTo("EKM");
        assertThat(run.scanner.tolerances())
                .containsExactly(java.util.Map.entry(CodecDeviation.FRAGMENT_WITHOUT_START, 1L));
    }

    @Test
    void blamesTheNetworkForAStartThatWasLost() {
        run.packet(H264Units.inter(10), true);
        byte[][] idr = H264Units.fuA(H264Units.idr(2500), 1000);
        assertThat(run.nextTimestamp().lose().packet(idr[1], false)).isEqualTo("SM");
        assertThat(run.packet(idr[2], true)).isEqualTo("EM");
        assertThat(run.nextTimestamp().packet(H264Units.inter(10), true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).isEmpty();
    }

    @Test
    void countsFragmentsThatNeverEnd() {
        byte[][] unit = H264Units.fuA(H264Units.inter(2500), 1000);
        run.packet(unit[0], false);
        assertThat(run.packet(unit[1], true)).isEqualTo("E");
        assertThat(run.nextTimestamp().packet(unit[0], false)).isEqualTo("S");
        assertThat(run.nextTimestamp().packet(H264Units.inter(10), true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances())
                .containsEntry(CodecDeviation.FRAGMENT_WITHOUT_END, 2L)
                .containsEntry(CodecDeviation.MARKER_MISSING, 1L);
    }

    @Test
    void countsAFragmentThatIsFirstAndLast() {
        assertThat(run.packet(H264Units.fuA(H264Units.inter(10), 100)[0], true)).isEqualTo("SE");
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.FRAGMENT_START_AND_END);
    }

    // Other structures.

    @Test
    void readsAggregatesWithOrderNumbersAndTimes() {
        assertThat(run.packet("79 0001 0006 65 b8 00 04 00 ff", true)).isEqualTo("SEK");
        run.nextTimestamp();
        assertThat(run.packet("7a 0001 0003 00 0000 65 b8 80  0003 01 0000 65 b8 80", true))
                .isEqualTo("SEK");
        run.nextTimestamp();
        assertThat(run.packet("7b 0001 0003 00 000000 65 b8 80", true)).isEqualTo("SEK");
        run.nextTimestamp();
        assertThat(run.packet("7d 85 0001 b8 80", true)).isEqualTo("SEK");
    }

    @Test
    void readsUnitsBehindStartCodes() {
        assertThat(run.packet("00000001 65 b8 80 00", true)).isEqualTo("SEK");
        byte[] joined = H264Units.bytes(io.netty.buffer.Unpooled.buffer()
                .writeBytes(H264Units.sps(1, 40, 30))
                .writeInt(1)
                .writeBytes(PPS)
                .writeMedium(1)
                .writeBytes(H264Units.idr(10)));
        assertThat(run.nextTimestamp().packet(joined, true)).isEqualTo("SEKPF");
        assertThat(run.scanner.tolerances()).containsEntry(CodecDeviation.START_CODE_IN_PAYLOAD, 2L);
    }

    @Test
    void marksWhatMakesNoSense() {
        assertThat(run.packet("", false)).isEqualTo("SM");
        assertThat(run.packet("60 00", false)).isEqualTo("M");
        assertThat(run.packet("7f 00", false)).isEqualTo("M");
        assertThat(run.packet("7c", false)).isEqualTo("M");
        assertThat(run.packet("7c 9c 00", false)).as("fragment of a fragment").isEqualTo("M");
        assertThat(run.packet("78", false)).isEqualTo("M");
        assertThat(run.packet("78 00", false)).isEqualTo("M");
        assertThat(run.packet("78 0000", false)).isEqualTo("M");
        assertThat(run.packet("78 0005 41", false)).isEqualTo("M");
        assertThat(run.packet("79 00", false)).isEqualTo("M");
        assertThat(run.packet("e5 b8 80", false)).as("forbidden bit").isEqualTo("KM");
        assertThat(run.scanner.tolerances())
                .containsKeys(
                        CodecDeviation.EMPTY_PAYLOAD, CodecDeviation.RESERVED_TYPE, CodecDeviation.DAMAGED_PAYLOAD);
    }

    @Test
    void keepsNoMoreThanItsShareOfParameterSets() {
        for (int id = 0; id < 200; id++) {
            run.packet(H264Units.pps(id), false);
        }
        assertThat(run.scanner.tolerances()).containsKey(CodecDeviation.TOO_MANY_PARAMETER_SETS);
        byte[] huge = java.util.Arrays.copyOf(PPS, 5000);
        huge[4999] = 1;
        assertThat(run.packet(huge, false)).isEqualTo("P");
        assertThat(run.scanner.tolerances()).containsKey(CodecDeviation.PARAMETER_SET_UNREADABLE);
        assertThat(run.scanner.format().fmtp().length()).isLessThan(2000);
    }

    @Test
    void forgetsFragmentsOnResetAndKeepsParameterSets() {
        byte[][] idr = H264Units.fuA(H264Units.idr(2500), 1000);
        run.packet(idr[0], false);
        run.scanner.reset();
        assertThat(run.packet(H264Units.inter(10), true)).isEqualTo("SE");
        assertThat(run.nextTimestamp().packet(SPS, false)).isEqualTo("SP");
        assertThat(run.scanner.tolerances()).isEmpty();
    }
}
