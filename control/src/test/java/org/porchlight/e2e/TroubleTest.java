package org.porchlight.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong every day: cameras that lose power, viewers that freeze, junk on the port, restarts. */
@Tag("e2e")
@Timeout(120)
class TroubleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ENDLESS = 1_000_000;

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Certificate certificate;

    @SuppressWarnings("NullAway.Init")
    private Camera camera;

    @SuppressWarnings("NullAway.Init")
    private Node node;

    @BeforeEach
    void start() {
        certificate = Certificate.make(folder);
        camera = Camera.start(folder);
        node = Node.start(folder, certificate, cameras());
    }

    private List<String> cameras() {
        return List.of(
                "gate: {visibility: public, main: {url: \"" + camera.url(Way.TCP) + "\"}}",
                "secret: {main: {url: \"" + camera.url(Way.TCP) + "\"}}",
                "drone: {visibility: public, publish: replace}",
                "phone: {visibility: public, publish: refuse}");
    }

    @AfterEach
    void stop() {
        // Kept out of try-with-resources: either may have been replaced by its test.
        if (node != null) {
            node.close();
        }
        if (camera != null) {
            camera.close();
        }
    }

    @Test
    void aViewerOutlivesThePowerCutOfItsCamera() {
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            viewer.awaitLines(Player.FFMPEG.frame(), 50, PATIENCE);
            int port = camera.port();
            camera.powerCut();
            int before = viewer.count(Player.FFMPEG.frame());
            camera = Camera.start(folder, "--port", Integer.toString(port));
            viewer.awaitLines(Player.FFMPEG.frame(), before + 50, PATIENCE);
            assertThat(viewer.count(Player.DAMAGE)).as(viewer.log()).isZero();
        }
    }

    @Test
    void viewersOfAPublishedCameraWaitForTheSuccessorOfADeadPublisher() {
        try (ExternalProgram first = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "drone"), Way.TCP)) {
            node.awaitMetric("porchlight_publishers_opened_total", 1, PATIENCE);
            try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "drone"), Way.TCP, ENDLESS)) {
                viewer.awaitLines(Player.FFMPEG.frame(), 25, PATIENCE);
                first.kill();
                int before = viewer.count(Player.FFMPEG.frame());
                try (ExternalProgram second = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "drone"), Way.TCP)) {
                    viewer.awaitLines(Player.FFMPEG.frame(), before + 50, PATIENCE);
                    assertThat(second.isRunning()).as(second.log()).isTrue();
                }
            }
        }
    }

    @Test
    void theSecondPublisherIsRefusedOrReplacesTheFirstAsConfigured() {
        try (ExternalProgram first = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "phone"), Way.TCP)) {
            node.awaitMetric("porchlight_publishers_opened_total", 1, PATIENCE);
            try (ExternalProgram second = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "phone"), Way.TCP)) {
                assertThat(second.awaitExit(PATIENCE)).as(second.log()).isNotZero();
                assertThat(first.isRunning()).as(first.log()).isTrue();
            }
        }
        try (ExternalProgram first = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "drone"), Way.TCP)) {
            node.awaitMetric("porchlight_publishers_opened_total", 2, PATIENCE);
            try (ExternalProgram second = Publisher.FFMPEG.publish(node.urlOfUser(Way.TCP, "drone"), Way.TCP)) {
                assertThat(first.awaitExit(PATIENCE)).as(first.log()).isNotZero();
                assertThat(second.isRunning()).as(second.log()).isTrue();
            }
        }
    }

    @Test
    void aFrozenViewerCostsItsNeighbourNothing() {
        try (ExternalProgram frozen = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS);
                ExternalProgram neighbour = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            frozen.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            frozen.freeze();
            int before = neighbour.count(Player.FFMPEG.frame());
            neighbour.awaitLines(Player.FFMPEG.frame(), before + 125, PATIENCE);
            assertThat(neighbour.count(Player.DAMAGE)).as(neighbour.log()).isZero();
            frozen.thaw();
            int thawed = frozen.count(Player.FFMPEG.frame());
            frozen.awaitLines(Player.FFMPEG.frame(), thawed + 25, PATIENCE);
        }
    }

    @Test
    void junkOnThePortHurtsNobody() throws IOException {
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            viewer.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            Random random = new Random(20_260_101);
            byte[] noise = new byte[200_000];
            random.nextBytes(noise);
            List<byte[]> junk = List.of(
                    noise,
                    Arrays.copyOf(new byte[] {'$', 0, (byte) 0xff, (byte) 0xff}, 70_000),
                    ("DESCRIBE rtsp://127.0.0.1/gate RTSP/1.0\r\nCSeq: 1\r\nX: " + "a".repeat(100_000) + "\r\n\r\n")
                            .getBytes(US_ASCII),
                    "ANNOUNCE rtsp://127.0.0.1/drone RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999999999999999\r\n\r\n"
                            .getBytes(US_ASCII),
                    "OPTIONS * RTSP/1.0\r\n\r\n".getBytes(US_ASCII),
                    "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII),
                    new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
            List<Socket> silent = new ArrayList<>();
            try {
                for (int round = 0; round < 5; round++) {
                    for (byte[] bytes : junk) {
                        send(bytes);
                    }
                    for (int i = 0; i < 20; i++) {
                        silent.add(new Socket(InetAddress.getLoopbackAddress(), node.rtspPort()));
                    }
                }
                int before = viewer.count(Player.FFMPEG.frame());
                viewer.awaitLines(Player.FFMPEG.frame(), before + 50, PATIENCE);
            } finally {
                for (Socket socket : silent) {
                    socket.close();
                }
            }
            assertThat(viewer.count(Player.DAMAGE)).as(viewer.log()).isZero();
            assertThat(node.isRunning()).isTrue();
            assertThat(node.log()).doesNotContain("Exception", "\tat ");
        }
    }

    /** The node may close the connection while we still send: that is its right. */
    private void send(byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.rtspPort())) {
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                socket.setSoTimeout(2_000);
                socket.getInputStream().readNBytes(65_536);
            } catch (IOException e) {
                assertThat(e.getMessage()).containsAnyOf("reset", "Broken pipe", "timed out", "closed", "aborted");
            }
        }
    }

    @Test
    void camerasComeAndGoWhileOthersPlay() {
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            viewer.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            List<String> more = new ArrayList<>(cameras());
            more.add("porch: {visibility: public, main: {url: \"" + camera.url(Way.TCP) + "\"}}");
            node.reconfigure(certificate, more);
            awaitPlayable("porch");
            int before = viewer.count(Player.FFMPEG.frame());
            viewer.awaitLines(Player.FFMPEG.frame(), before + 25, PATIENCE);
            assertThat(viewer.count(Player.DAMAGE)).as(viewer.log()).isZero();
        }
    }

    /** Tries until the camera plays, each try with a client of its own. */
    private void awaitPlayable(String name) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (ExternalProgram client = Player.FFMPEG.play(node.url(Way.TCP, name), Way.TCP, 10)) {
                if (client.awaitExit(PATIENCE) == 0) {
                    return;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError(name + " never plays\n" + client.log() + node.log());
                }
            }
        }
    }

    @Test
    void stopsInOrderWithinFiveSecondsAndTellsItsViewers() {
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            viewer.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            assertThat(node.stop(Duration.ofSeconds(5))).as(node.log()).isIn(0, 143);
            viewer.awaitExit(PATIENCE);
        }
    }

    @Test
    void aCrashLeavesNothingThatHindersTheNextStart() {
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            viewer.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            node.crashAndRestart();
        }
        try (ExternalProgram viewer = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, 25)) {
            assertThat(viewer.awaitExit(PATIENCE)).as(viewer.log() + node.log()).isZero();
        }
    }

    @Test
    void aCutEndsTheViewersOfACamera() {
        try (ExternalProgram watcher = Player.FFMPEG.play(node.urlOfUser(Way.TCP, "secret"), Way.TCP, ENDLESS);
                ExternalProgram other = Player.FFMPEG.play(node.url(Way.TCP, "gate"), Way.TCP, ENDLESS)) {
            watcher.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            other.awaitLines(Player.FFMPEG.frame(), 10, PATIENCE);
            var receipt = node.post(
                    "/cuts", "{\"scope\":\"camera\",\"subject\":\"secret\",\"reason\":\"CONSENT_WITHDRAWN\"}");
            assertThat(receipt.statusCode()).as(receipt.body()).isBetween(200, 299);
            watcher.awaitExit(PATIENCE);
            int before = other.count(Player.FFMPEG.frame());
            other.awaitLines(Player.FFMPEG.frame(), before + 25, PATIENCE);
        }
    }
}
