package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.admission.Rendition;

class ResourcePathTest {

    @ParameterizedTest
    @CsvSource({
        "rtsp://relay/yard, yard, MAIN, -1",
        "rtsp://relay:8554/yard/, yard, MAIN, -1",
        "RTSPS://[::1]:8322//yard//, yard, MAIN, -1",
        "rtsp://relay/yard/sub, yard, SUB, -1",
        "rtsp://relay/yard/sub/trackID=1, yard, SUB, 1",
        "rtsp://relay/yard/trackid=0/, yard, MAIN, 0",
        "rtsp://relay/yard?user=x&y=/z, yard, MAIN, -1",
        "rtsp://relay/yard?user=x/trackID=1, yard, MAIN, 1",
        "rtsp://relay/yard/trackID=1?user=x, yard, MAIN, 1",
        "rtsp://ann:pw@relay/yard/streamid=12, yard, MAIN, 12",
        "/yard, yard, MAIN, -1",
        "rtsp://relay/sub, sub, MAIN, -1",
        "rtsp://relay/a/b.c-d_e/sub, a/b.c-d_e, SUB, -1",
        "rtsp://relay/%79ard, yard, MAIN, -1",
        "rtsp://relay/a%2Fb, '', MAIN, -2",
        "rtsp://relay/yard#fragment, yard, MAIN, -1",
        "rtsp://relay/stream1, stream1, MAIN, -1",
    })
    void readsUrisAsClientsPutThemTogether(String uri, String camera, Rendition rendition, int track) {
        ResourcePath expected = track == -2 ? null : new ResourcePath(camera, rendition, track);
        assertThat(ResourcePath.parse(uri)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "",
                "yard",
                "rtsp://relay",
                "rtsp://relay/",
                "rtsp://relay/?x",
                "rtsp://relay/a/../b",
                "rtsp://relay/.",
                "rtsp://relay/%2e%2e/b",
                "rtsp://relay/a%",
                "rtsp://relay/a%zz",
                "rtsp://relay/a b",
                "rtsp://relay/a%00",
                "rtsp://relay/a%0d%0ab",
                "rtsp://relay/ärger",
                "rtsp://relay/trackID=0",
                "rtsp://relay/yard/trackID=100",
                "rtsp://relay/a=b"
            })
    void findsNoCameraInOtherThings(String uri) {
        assertThat(ResourcePath.parse(uri)).isNull();
    }

    @Test
    void boundsNames() {
        assertThat(ResourcePath.parse("/" + "a".repeat(128))).isNotNull();
        assertThat(ResourcePath.parse("/" + "a".repeat(129))).isNull();
    }

    @Test
    void yieldsOnlyCleanNamesFromRandomUris() {
        String alphabet = "aZ0./%2eF?=#:trackID sub\u00e4*";
        Random random = new Random(11);
        for (int round = 0; round < 50_000; round++) {
            StringBuilder uri = new StringBuilder(random.nextBoolean() ? "rtsp://h/" : "/");
            for (int i = random.nextInt(24); i > 0; i--) {
                uri.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            ResourcePath path = ResourcePath.parse(uri.toString());
            if (path != null) {
                assertThat(path.camera()).matches("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
                assertThat(path.camera().split("/")).doesNotContain(".", "..");
                assertThat(path.track()).isBetween(-1, 99);
            }
        }
    }
}
