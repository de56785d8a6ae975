package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class H265ScannerTest {
    // As an x265 encoder made them for 1920x1080.
    private static final String VPS = "40010c01ffff016000000300900000030000030078959809";
    private static final String SPS =
            "420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04";
    private static final String PPS = "4401c172b46240";

    private final ScannerRun run = ScannerRun.of(
            Codec.H265,
            "H265",
            "sprop-vps=" + base64(VPS) + "; sprop-sps=" + base64(SPS) + "; sprop-pps=" + base64(PPS) + "; x=y");

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }

    /** SPS of 640x480 with so many temporal sub-layers, nested, without reordering. */
    private static byte[] layeredSps(int subLayers) {
        BitWriter bits = new BitWriter().bits(0, 4).bits(subLayers - 1, 3).flag(true);
        bits.bits(1, 8).bits(0x60000000L, 32).bits(0, 48).bits(93, 8);
        if (subLayers > 1) {
            // No profile and level for the sub-layers; reserved bits fill up eight entries.
            bits.bits(0, 2 * (subLayers - 1)).bits(0, 2 * (9 - subLayers));
        }
        bits.unsignedGolomb(0)
                .unsignedGolomb(1)
                .unsignedGolomb(640)
                .unsignedGolomb(480)
                .flag(false);
        bits.unsignedGolomb(0).unsignedGolomb(0).unsignedGolomb(4).flag(false);
        bits.unsignedGolomb(3).unsignedGolomb(0).unsignedGolomb(0);
        return BitWriter.nal(new byte[] {0x42, 1}, bits.withStopBit());
    }

    private static String unit(int type, int temporalId, String rest) {
        return String.format("%02x%02x", type << 1, temporalId + 1) + rest;
    }

    @Test
    void readsSizeAndProfileFromTheDescriptionAndKeepsItsOtherParameters() {
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(1920, 1080, "Main", "4", 0, true));
        assertThat(run.scanner.format().fmtp())
                .isEqualTo("sprop-vps=" + base64(VPS) + ";sprop-sps=" + base64(SPS) + ";sprop-pps=" + base64(PPS)
                        + ";x=y");
    }

    @Test
    void followsAnOrdinaryGroupOfPictures() {
        assertThat(run.packet(VPS, false)).isEqualTo("SP");
        assertThat(run.packet(SPS, false)).isEqualTo("P");
        assertThat(run.packet(PPS, false)).isEqualTo("P");
        assertThat(run.packet("6201 93 aabb", false))
                .as("first fragment of IDR_W_RADL")
                .isEqualTo("K");
        assertThat(run.packet("6201 13 aabb", false)).isEqualTo("K");
        assertThat(run.packet("6201 53 aabb", true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet(unit(1, 0, "80aa"), true)).isEqualTo("SE");
        assertThat(run.nextTimestamp().packet(unit(0, 0, "80aa"), true))
                .as("TRAIL_N of the only sub-layer")
                .isEqualTo("SED");
        assertThat(run.nextTimestamp().packet(unit(21, 0, "80aa"), true))
                .as("CRA")
                .isEqualTo("SEK");
        assertThat(run.nextTimestamp().packet(unit(16, 0, "80aa"), true))
                .as("BLA")
                .isEqualTo("SEK");
        assertThat(run.scanner.tolerances()).isEmpty();
    }

    @Test
    void takesParameterSetsFromAnAggregate() {
        ScannerRun bare = ScannerRun.of(Codec.H265, "H265", "");
        String aggregate = "6001 0018" + VPS + "002a" + SPS + "0007" + PPS;
        assertThat(bare.packet(aggregate, false)).isEqualTo("SPF");
        assertThat(bare.packet(unit(19, 0, "80aa"), true)).isEqualTo("EK");
        assertThat(bare.scanner.format().fmtp())
                .isEqualTo("sprop-vps=" + base64(VPS) + ";sprop-sps=" + base64(SPS) + ";sprop-pps=" + base64(PPS));
        assertThat(bare.nextTimestamp().packet(aggregate, false)).isEqualTo("SP");
    }

    @Test
    void readsOrderNumbersWhereTheyAreAnnounced() {
        ScannerRun numbered = ScannerRun.of(Codec.H265, "H265", "sprop-max-don-diff=1");
        assertThat(numbered.packet(unit(19, 0, "0007 80aa"), true)).isEqualTo("SEK");
        numbered.nextTimestamp();
        String aggregate = "6001 0007 0018" + VPS + "00 002a" + SPS + "00 0004 2601 80aa";
        assertThat(numbered.packet(aggregate, true)).isEqualTo("SEKPF");
        numbered.nextTimestamp();
        assertThat(numbered.packet("6201 93 0007 80aa", false)).isEqualTo("SK");
        assertThat(numbered.packet("6201 53 aabb", true)).isEqualTo("EK");
        assertThat(numbered.packet(unit(19, 0, "00"), false)).contains("M");
    }

    @Test
    void toleratesPaci() {
        // A PACI with IDR_W_RADL inside, extension of three bytes; then one whose extension does not fit.
        assertThat(run.packet("6401 2630 aabbcc 80aa", true)).isEqualTo("SEK");
        assertThat(run.nextTimestamp().packet("6401 27f0 aabbcc", true)).isEqualTo("SM");
    }

    @Test
    void takesNestedSubLayersOfTheHighestIdForDisposable() {
        assertThat(run.packet(layeredSps(3), false)).isEqualTo("SPF");
        assertThat(run.scanner.pictureFormat()).isEqualTo(new PictureFormat(640, 480, "Main", "3.1", 0, false));
        assertThat(run.packet(unit(19, 0, "80aa"), true)).isEqualTo("EK");
        assertThat(run.nextTimestamp().packet(unit(3, 2, "80aa"), true)).isEqualTo("SED");
        assertThat(run.nextTimestamp().packet(unit(2, 1, "80aa"), true))
                .as("a higher sub-layer may refer to it")
                .isEqualTo("SE");
        assertThat(run.nextTimestamp().packet(unit(1, 0, "80aa"), true)).isEqualTo("SE");
    }

    @Test
    void detectsLeadingPicturesAndRecoveryPoints() {
        run.packet(unit(9, 0, "80aa"), true);
        assertThat(run.scanner.bidirectionalFramesSeen()).isTrue();
        // Prefix SEI, recovery point, recovery_poc_cnt 0 as se(v), stop bits.
        assertThat(run.nextTimestamp().packet(unit(39, 0, "0601c080"), false)).isEqualTo("SK");
    }

    @Test
    void marksWhatMakesNoSense() {
        assertThat(run.packet("26", false)).isEqualTo("SM");
        assertThat(run.packet("6001", false)).isEqualTo("M");
        assertThat(run.packet("6001 0001 26", false)).isEqualTo("M");
        assertThat(run.packet("6001 0009 2601", false)).isEqualTo("M");
        assertThat(run.packet("6201", false)).isEqualTo("M");
        assertThat(run.packet("6201 b1", false)).as("fragment of a fragment").isEqualTo("M");
        assertThat(run.packet("7001 00", false)).as("reserved type").isEqualTo("M");
        assertThat(run.packet("6401 26", false)).isEqualTo("M");
    }

    @Test
    void marksFragmentsWithoutStart() {
        run.packet(unit(1, 0, "80aa"), true);
        assertThat(run.nextTimestamp().packet("6201 13 aabb", false)).isEqualTo("SKM");
        assertThat(run.scanner.tolerances()).containsOnlyKeys(CodecDeviation.FRAGMENT_WITHOUT_START);
    }
}
