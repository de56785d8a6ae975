package org.porchlight.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in, times every way out: each row is one source, watched by all players at the same time. */
@Tag("e2e")
@Timeout(120)
class MatrixTest {

    private static final int FRAMES = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    /** One column: a player and the way it asks for. */
    private record Column(Player player, Way way) {}

    private static final List<Column> COLUMNS = List.of(
            new Column(Player.FFMPEG, Way.TCP),
            new Column(Player.FFMPEG, Way.UDP),
            new Column(Player.FFMPEG, Way.TLS),
            new Column(Player.FFMPEG, Way.HTTP),
            new Column(Player.GSTREAMER, Way.TCP),
            new Column(Player.GSTREAMER, Way.UDP),
            new Column(Player.GSTREAMER, Way.TLS),
            new Column(Player.GSTREAMER, Way.HTTP),
            new Column(Player.MPV, Way.TCP),
            new Column(Player.MPV, Way.UDP));

    @TempDir
    private static Path folder;

    private static final List<Camera> CAMERAS = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private static Node node;

    @BeforeAll
    static void start() {
        Certificate certificate = Certificate.make(folder);
        Camera plain = switchOn("--audio");
        Camera digest = switchOn("--user", "root", "--password", "a:b/c d");
        Camera basic = switchOn("--user", "root", "--password", "secret", "--basic");
        Camera tls = switchOn("--tls", certificate.both().toString());
        Camera udpOnly = switchOn("--transport", "udp");
        Camera tcpOnly = switchOn("--transport", "tcp");
        node = Node.start(
                folder,
                certificate,
                List.of(
                        "pulled-tcp: {visibility: public, main: {url: \"" + plain.url(Way.TCP) + "\", transport: tcp}}",
                        "pulled-udp: {visibility: public, main: {url: \"" + plain.url(Way.UDP) + "\", transport: udp}}",
                        "pulled-digest: {visibility: public, main: {url: \"" + digest.url(Way.TCP)
                                + "\", user: root, password: \"a:b/c d\"}}",
                        "pulled-basic: {visibility: public, main: {url: \"" + basic.url(Way.TCP)
                                + "\", user: root, password: secret}}",
                        "pulled-tls: {visibility: public, main: {url: \"" + tls.url(Way.TLS)
                                + "\", trust: unverified}}",
                        "pulled-udp-only: {visibility: public, main: {url: \"" + udpOnly.url(Way.UDP)
                                + "\", transport: auto}}",
                        "pulled-tcp-only: {visibility: public, main: {url: \"" + tcpOnly.url(Way.TCP)
                                + "\", transport: auto-udp}}",
                        "pulled-private: {main: {url: \"" + plain.url(Way.TCP) + "\"}}",
                        "\"published/*\": {visibility: public, publish: refuse}"));
    }

    private static Camera switchOn(String... options) {
        Camera camera = Camera.start(folder, options);
        CAMERAS.add(camera);
        return camera;
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
        CAMERAS.forEach(Camera::close);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pulled-tcp",
                "pulled-udp",
                "pulled-digest",
                "pulled-basic",
                "pulled-tls",
                "pulled-udp-only",
                "pulled-tcp-only"
            })
    void everyPlayerShowsAPulledCamera(String camera) {
        assertEveryPlayerShows(camera, false);
    }

    @ParameterizedTest
    @MethodSource("publishers")
    void everyPlayerShowsAPublishedCamera(Publisher publisher, Way way) {
        String camera = "published/" + publisher + "-" + way;
        double before = node.metric("porchlight_publishers_opened_total");
        try (ExternalProgram program = publisher.publish(node.urlOfUser(way, camera), way)) {
            node.awaitMetric("porchlight_publishers_opened_total", before + 1, PATIENCE);
            assertEveryPlayerShows(camera, false);
            assertThat(program.isRunning()).as(program.log()).isTrue();
        }
    }

    static Stream<Arguments> publishers() {
        return Stream.of(
                Arguments.of(Publisher.FFMPEG, Way.TCP),
                Arguments.of(Publisher.FFMPEG, Way.UDP),
                Arguments.of(Publisher.FFMPEG, Way.TLS),
                Arguments.of(Publisher.GSTREAMER, Way.TCP),
                Arguments.of(Publisher.GSTREAMER, Way.UDP),
                Arguments.of(Publisher.GSTREAMER, Way.TLS));
    }

    @ParameterizedTest
    @EnumSource(Player.class)
    void everyPlayerLogsInToAPrivateCamera(Player player) {
        assertShows(new Column(player, Way.TCP), node.urlOfUser(Way.TCP, "pulled-private"));
    }

    @ParameterizedTest
    @EnumSource(Player.class)
    void nobodySeesAPrivateCameraWithoutLoggingIn(Player player) {
        String url = node.url(Way.TCP, "pulled-private");
        for (String refused : List.of(
                url, url.replace("://", "://stranger:nothing%20to%20see@"), url.replace("://", "://operator:wrong@"))) {
            try (ExternalProgram program = player.play(refused, Way.TCP, FRAMES)) {
                int exit = program.awaitExit(PATIENCE);
                assertThat(program.count(player.frame())).as(program.log()).isZero();
                assertThat(exit).as(program.log()).isNotZero();
            }
        }
    }

    private static void assertEveryPlayerShows(String camera, boolean login) {
        List<ExternalProgram> programs = new ArrayList<>();
        SoftAssertions softly = new SoftAssertions();
        try {
            for (Column column : COLUMNS) {
                String url = login ? node.urlOfUser(column.way, camera) : node.url(column.way, camera);
                programs.add(column.player.play(url, column.way, FRAMES));
            }
            for (int i = 0; i < programs.size(); i++) {
                Column column = COLUMNS.get(i);
                ExternalProgram program = programs.get(i);
                softly.assertThatCode(() -> requireShown(column, program)).doesNotThrowAnyException();
            }
            if (!softly.wasSuccess()) {
                softly.fail(node.log() + CAMERAS.stream().map(Camera::log).toList());
            }
            softly.assertAll();
        } finally {
            programs.forEach(ExternalProgram::close);
        }
    }

    private static void assertShows(Column column, String url) {
        try (ExternalProgram program = column.player.play(url, column.way, FRAMES)) {
            requireShown(column, program);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + node.log(), e);
        }
    }

    private static void requireShown(Column column, ExternalProgram program) {
        int exit = program.awaitExit(PATIENCE);
        int shown = program.count(column.player.frame());
        if (shown < FRAMES || !column.player.endedWell(program, exit)) {
            throw program.failure("decoded " + shown + " of " + FRAMES + " pictures and ended with " + exit);
        }
        if (program.count(Player.DAMAGE) > 0) {
            throw program.failure("complained of damage");
        }
    }
}
