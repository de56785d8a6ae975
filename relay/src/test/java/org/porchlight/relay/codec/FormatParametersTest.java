package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FormatParametersTest {

    @Test
    void readsNamesInAnyCaseWithSpacesAndEmptyPieces() {
        FormatParameters parameters =
                FormatParameters.parse(" Packetization-Mode = 1 ;; profile-level-id=420029;flag;x=\"a b\"; ");
        assertThat(parameters.value("packetization-mode")).isEqualTo("1");
        assertThat(parameters.number("PACKETIZATION-MODE", 7)).isEqualTo(1);
        assertThat(parameters.value("flag")).isEmpty();
        assertThat(parameters.value("x")).isEqualTo("a b");
        assertThat(parameters.value("missing")).isNull();
        assertThat(parameters.number("profile-level-id", 7)).isEqualTo(420029);
        assertThat(parameters.number("flag", 7)).isEqualTo(7);
        assertThat(parameters.number("missing", 7)).isEqualTo(7);
        assertThat(FormatParameters.parse("a=-1;b=99999999999").number("a", 7)).isEqualTo(7);
        assertThat(FormatParameters.parse("a=-1;b=99999999999").number("b", 7)).isEqualTo(7);
    }

    @Test
    void keepsTheOrderAndReplacesInPlace() {
        FormatParameters parameters = FormatParameters.parse("b=1; A=2 ;c=3;a=9");
        assertThat(parameters).hasToString("b=1;A=2;c=3");
        assertThat(parameters.with("a", "5").with("D", "6")).hasToString("b=1;A=5;c=3;d=6");
        assertThat(parameters).as("unchanged").hasToString("b=1;A=2;c=3");
        assertThat(FormatParameters.parse("").isEmpty()).isTrue();
    }

    @Test
    void readsBase64WithAndWithoutPaddingInBothAlphabets() {
        FormatParameters parameters = FormatParameters.parse("s=+/8=,-_8,Zw,!!,,Z w==,Z");
        assertThat(parameters.base64List("s"))
                .containsExactly(new byte[] {-5, -1}, new byte[] {-5, -1}, new byte[] {'g'}, new byte[] {'g'});
        assertThat(parameters.base64List("missing")).isEmpty();
        assertThat(FormatParameters.parse("").withBase64List("s", List.of(new byte[] {1}, new byte[] {2, 3})))
                .hasToString("s=AQ==,AgM=");
    }

    @Test
    void boundsWhatItKeeps() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append("p").append(i).append("=1;");
        }
        FormatParameters parameters = FormatParameters.parse(text.toString());
        assertThat(parameters.value("p63")).isEqualTo("1");
        assertThat(parameters.value("p64")).isNull();
        assertThat(FormatParameters.parse("a=" + "x".repeat(100_000)).isEmpty()).isTrue();
    }

    @Test
    void readsAnyTextAndWritesWhatItReadsAgain() {
        Random random = new Random(41);
        String alphabet = "ab=;, \"/+Zz0\u00e9\r\n";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            FormatParameters parameters = FormatParameters.parse(text.toString());
            parameters.base64List("a");
            parameters.number("b", 0);
            String written = parameters.toString();
            assertThat(written.length()).isLessThanOrEqualTo(text.length());
        }
    }
}
