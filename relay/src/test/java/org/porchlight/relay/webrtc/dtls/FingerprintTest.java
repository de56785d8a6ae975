package org.porchlight.relay.webrtc.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static final byte[] DATA = "abc".getBytes(StandardCharsets.US_ASCII);

    @Test
    void isTheHashInUpperCaseWithColons() {
        assertThat(Fingerprint.of(Fingerprint.Hash.SHA_256, DATA))
                .hasToString("sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:"
                        + "B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD");
    }

    @ParameterizedTest
    @EnumSource
    void parsesWhatItWritesInEitherCase(Fingerprint.Hash hash) {
        Fingerprint fingerprint = Fingerprint.of(hash, DATA);
        assertThat(Fingerprint.parse(fingerprint.toString())).contains(fingerprint);
        assertThat(Fingerprint.parse(fingerprint.toString().toLowerCase(java.util.Locale.ROOT)))
                .contains(fingerprint);
        assertThat(fingerprint.matches(DATA)).isTrue();
        assertThat(fingerprint.matches(new byte[] {1})).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha-256",
                "sha-256 ",
                "sha-1 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
                "md5 AA",
                "sha-256 BA:78",
                "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:ZZ",
                "sha-256 BA-78-16-BF-8F-01-CF-EA-41-41-40-DE-5D-AE-22-23-B0-03-61-A3-96-17-7A-9C-B4-10-FF-61-F2-00-15-AD"
            })
    void refusesWhatIsNone(String text) {
        assertThat(Fingerprint.parse(text)).isEmpty();
    }
}
