package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RtspUrlTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    rtsp://cam                            | rtsp://cam                     | cam        | 554
                    RTSP://Cam:554/a b?x=1                | rtsp://Cam/a%20b?x=1           | Cam        | 554
                    rtsp://192.0.2.1:8554/live/           | rtsp://192.0.2.1:8554/live/    | 192.0.2.1  | 8554
                    rtsps://[2001:db8::1]/x               | rtsps://[2001:db8::1]/x        | 2001:db8::1| 322
                    rtsp://[fe80::1]:10554?channel=1      | rtsp://[fe80::1]:10554?channel=1 | fe80::1  | 10554
                    rtsp://u:p@cam:/x                     | rtsp://cam/x                   | cam        | 554
                    """)
    void readsUrls(String text, String written, String host, int port) {
        RtspUrl url = RtspUrl.parse(text).orElseThrow().url();
        assertThat(url).hasToString(written);
        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
    }

    @Test
    void takesCredentialsWithAnyCharacter() {
        RtspUrl.Parsed parsed =
                RtspUrl.parse("rtsp://admin:p@ss%2Fw%C3%B6rd%zz:x@cam/1").orElseThrow();
        assertThat(parsed.userInfo()).contains(new CameraCredentials("admin", "p@ss/w\u00f6rd%zz:x"));
        assertThat(parsed.url()).hasToString("rtsp://cam/1");
        assertThat(parsed.userInfo().orElseThrow().toString()).doesNotContain("p@ss");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cam",
                "http://cam/",
                "rtsp://",
                "rtsp:///x",
                "rtsp://cam:0/",
                "rtsp://cam:65536/",
                "rtsp://cam:5x4/",
                "rtsp://[::1/x",
                "rtsp://[::1]x/",
                "rtsp://a b/",
                "rtsp://:554/"
            })
    void refusesWhatIsNone(String text) {
        assertThat(RtspUrl.parse(text)).isEmpty();
    }

    @Test
    void refusesAbsurdLength() {
        assertThat(RtspUrl.parse("rtsp://cam/" + "x".repeat(RtspUrl.MAX_LENGTH)))
                .isEmpty();
    }
}
