package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlUrlsTest {
    private final Set<CameraQuirk> quirks = EnumSet.noneOf(CameraQuirk.class);

    private ControlUrls urls(String request, String contentBase) {
        return new ControlUrls(RtspUrl.parse(request).orElseThrow().url(), contentBase, quirks);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    rtsp://c/live     |                        | trackID=1                 | rtsp://c/live/trackID=1
                    rtsp://c/live     | rtsp://c/live/         | trackID=1                 | rtsp://c/live/trackID=1
                    rtsp://c/live     | rtsp://c/live          | *                         | rtsp://c/live
                    rtsp://c/live     |                        | rtsp://c/live/track1      | rtsp://c/live/track1
                    rtsp://c/m?ch=1   |                        | trackID=0                 | rtsp://c/m?ch=1/trackID=0
                    rtsp://c/m?ch=1   | rtsp://c:554/m?ch=1/   | trackID=0                 | rtsp://c/m?ch=1/trackID=0
                    rtsp://c/live     | rtsp://c/live/         | ?ctype=video              | rtsp://c/live/?ctype=video
                    rtsp://c/live     |                        | /live/track1              | rtsp://c/live/track1
                    rtsp://c/live     |                        | /track1                   | rtsp://c/live/track1
                    rtsp://c          |                        | /track1                   | rtsp://c/track1
                    rtsp://c/live     | /other/                | track1                    | rtsp://c/other/track1
                    rtsp://c/live     |                        | track 1                   | rtsp://c/live/track%201
                    rtsps://[::1]/l   |                        | rtsp://[::1]/l/t          | rtsps://[::1]/l/t
                    """)
    void resolvesControls(String request, String contentBase, String control, String expected) {
        String base = contentBase == null ? "" : contentBase;
        assertThat(urls(request, base).media(control, 0, 2)).isEqualTo(expected);
    }

    @Test
    void keepsToTheHostThatItIsConnectedTo() {
        ControlUrls urls = urls("rtsp://203.0.113.5:10554/live", "rtsp://192.168.1.64:554/live/");
        assertThat(urls.media("rtsp://192.168.1.64/live/trackID=1", 0, 1))
                .isEqualTo("rtsp://203.0.113.5:10554/live/trackID=1");
        assertThat(urls.aggregate("*")).isEqualTo("rtsp://203.0.113.5:10554/live/");
        assertThat(quirks).containsExactly(CameraQuirk.CONTROL_URL_OTHER_HOST);
    }

    @Test
    void neverSendsUserInfoOn() {
        assertThat(urls("rtsp://c/live", "rtsp://admin:secret@c/live/").media("t1", 0, 1))
                .isEqualTo("rtsp://c/live/t1");
    }

    @Test
    void usesTheRequestUrlWhenTheBaseCannotBeRead() {
        ControlUrls urls = urls("rtsp://c/live", "live");
        assertThat(urls.aggregate("")).isEqualTo("rtsp://c/live");
        assertThat(quirks).containsExactly(CameraQuirk.CONTROL_URL_UNREADABLE);
    }

    @Test
    void guessesWhereThereIsNoControl() {
        ControlUrls urls = urls("rtsp://c/live", "");
        assertThat(urls.media("", 0, 1)).isEqualTo("rtsp://c/live");
        assertThat(quirks).isEmpty();
        assertThat(urls.media("", 1, 2)).isEqualTo("rtsp://c/live/trackID=2");
        assertThat(quirks).containsExactly(CameraQuirk.CONTROL_MISSING);
    }
}
