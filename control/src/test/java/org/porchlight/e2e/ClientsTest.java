package org.porchlight.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The clients and the camera without Porchlight between them. When these fail, look at the machine; when only the others fail,
 * look at us.
 */
@Tag("e2e")
@Timeout(120)
class ClientsTest {

    private static final int FRAMES = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Player.class)
    void playStraightFromTheCameraOverTcp(Player player) {
        try (Camera camera = Camera.start(folder, "--audio")) {
            assertPlays(player, camera.url(Way.TCP), Way.TCP);
        }
    }

    @ParameterizedTest
    @EnumSource(Player.class)
    void playStraightFromTheCameraOverUdp(Player player) {
        try (Camera camera = Camera.start(folder)) {
            assertPlays(player, camera.url(Way.UDP), Way.UDP);
        }
    }

    @ParameterizedTest
    @EnumSource(Player.class)
    void playStraightFromTheCameraOverTls(Player player) {
        Certificate certificate = Certificate.make(folder);
        try (Camera camera = Camera.start(folder, "--tls", certificate.both().toString())) {
            assertPlays(player, camera.url(Way.TLS), Way.TLS);
        }
    }

    @Test
    void aWrongPasswordIsSeenAsAFailure() {
        try (Camera camera = Camera.start(folder, "--user", "viewer", "--password", "right");
                ExternalProgram client = Player.FFMPEG.play(
                        "rtsp://viewer:wrong@127.0.0.1:" + camera.port() + "/stream", Way.TCP, FRAMES)) {
            assertThat(client.awaitExit(PATIENCE)).isNotZero();
            assertThat(client.count(Player.FFMPEG.frame())).isZero();
        }
    }

    private static void assertPlays(Player player, String url, Way way) {
        try (ExternalProgram client = player.play(url, way, FRAMES)) {
            int exit = client.awaitExit(PATIENCE);
            assertThat(client.count(player.frame())).as(client.log()).isGreaterThanOrEqualTo(FRAMES);
            assertThat(player.endedWell(client, exit)).as(client.log()).isTrue();
        }
    }
}
