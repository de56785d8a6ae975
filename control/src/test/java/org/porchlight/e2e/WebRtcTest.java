package org.porchlight.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chromium, from another origin, against a node with cameras that come by RTSP, and as one itself. */
@Tag("e2e")
@Timeout(120)
class WebRtcTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FRAMES = 50;

    @TempDir
    private static Path folder;

    private static final List<Camera> CAMERAS = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private static Node node;

    @BeforeAll
    static void start() {
        Certificate certificate = Certificate.make(folder);
        Camera plain = Camera.start(folder, "--audio");
        CAMERAS.add(plain);
        node = Node.start(
                folder,
                certificate,
                List.of(
                        "pulled-tcp: {visibility: public, main: {url: \"" + plain.url(Way.TCP) + "\"}}",
                        "pulled-udp: {visibility: public, main: {url: \"" + plain.url(Way.UDP) + "\", transport: udp}}",
                        "pulled-private: {main: {url: \"" + plain.url(Way.TCP) + "\"}}",
                        "\"phones/*\": {visibility: public, publish: replace}"));
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
        CAMERAS.forEach(Camera::close);
    }

    private static String tile(String camera, String extra) {
        return """
                await import('%s');
                const tile = document.createElement('porchlight-tile');
                tile.setAttribute('camera', '%s');
                tile.setAttribute('overlay', '');
                tile.style.width = '640px';
                %s
                tile.addEventListener('state', () => report({state: tile.state, reason: tile.reason, status: tile.status}));
                tile.addEventListener('figures', () => report({figures: tile.figures, colours: picture(tile.video)}));
                document.body.append(tile);
                """.formatted(node.httpUrl("/web/porchlight-tile.js"), camera, extra);
    }

    private static boolean shows(JsonObject report) {
        JsonObject figures = report.getJsonObject("figures");
        return figures != null && figures.getInteger("framesDecoded") >= FRAMES && report.getInteger("colours") >= 4;
    }

    @ParameterizedTest
    @ValueSource(strings = {"pulled-tcp", "pulled-udp"})
    void aBrowserPlaysAPulledCamera(String camera) {
        try (Browser browser = Browser.open(folder, tile(camera, ""))) {
            JsonObject report = browser.await("a moving picture", WebRtcTest::shows, PATIENCE);
            assertThat(report.getJsonObject("figures").getString("codec")).isEqualTo("H264");
            assertThat(report.getJsonObject("figures").getInteger("freezes")).isZero();
        }
    }

    @Test
    void aCutEndsThePictureAtOnceAndAPublicCameraComesBack() {
        try (Browser browser = Browser.open(folder, tile("pulled-tcp", ""))) {
            browser.await("a moving picture", WebRtcTest::shows, PATIENCE);
            String receipt = node.post("/cuts", "{\"scope\":\"camera\",\"subject\":\"pulled-tcp\",\"reason\":\"TEST\"}")
                    .body();
            assertThat(new JsonObject(receipt).getInteger("sessions"))
                    .as(receipt)
                    .isEqualTo(1);
            browser.await("the end", r -> "waiting".equals(r.getString("state")), PATIENCE);
            browser.await("the picture again", r -> "playing".equals(r.getString("state")), PATIENCE);
        }
    }

    @Test
    void junkOnTheMediaPortHarmsNoViewer() throws Exception {
        try (Browser browser = Browser.open(folder, tile("pulled-tcp", ""));
                DatagramSocket socket = new DatagramSocket()) {
            browser.await("a moving picture", WebRtcTest::shows, PATIENCE);
            Random random = new Random(1);
            InetSocketAddress port = new InetSocketAddress(InetAddress.getLoopbackAddress(), node.webRtcPort());
            socket.setSoTimeout(200);
            for (int i = 0; i < 20_000; i++) {
                byte[] junk = new byte[random.nextInt(1, 1_400)];
                random.nextBytes(junk);
                // STUN, DTLS, RTP and nothing at all, by their first byte.
                junk[0] = (byte) new int[] {0, 22, 128, random.nextInt(256)}[i % 4];
                socket.send(new DatagramPacket(junk, junk.length, port));
            }
            assertThatThrownBy(() -> socket.receive(new DatagramPacket(new byte[2_000], 2_000)))
                    .as("junk is never answered")
                    .isInstanceOf(SocketTimeoutException.class);
            JsonObject before = browser.await("figures", r -> r.containsKey("figures"), PATIENCE);
            int frames = before.getJsonObject("figures").getInteger("framesDecoded");
            JsonObject after = browser.await(
                    "fifty more frames",
                    r -> r.containsKey("figures")
                            && r.getJsonObject("figures").getInteger("framesDecoded") >= frames + 50,
                    PATIENCE);
            assertThat(after.getJsonObject("figures").getInteger("freezes")).isZero();
        }
    }

    /** Camera and microphone of the browser, which are made up, by WHIP. */
    private static String publisher(String camera) {
        return """
                const stream = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 360}, audio: true});
                const connection = new RTCPeerConnection();
                connection.onconnectionstatechange = () => report({connection: connection.connectionState});
                stream.getTracks().forEach((track) => connection.addTransceiver(track, {direction: 'sendonly', streams: [stream]}));
                await connection.setLocalDescription();
                const response = await fetch('%s', {
                  method: 'POST',
                  headers: {'Content-Type': 'application/sdp', Authorization: 'Bearer %s'},
                  body: connection.localDescription.sdp,
                });
                report({status: response.status});
                await connection.setRemoteDescription({type: 'answer', sdp: await response.text()});
                """.formatted(node.httpUrl("/whip/" + camera), Node.TOKEN);
    }

    @Test
    void whatABrowserPublishesIsSeenOverRtspAndInAnotherBrowser() {
        try (Browser phone = Browser.open(folder, publisher("phones/one"))) {
            phone.await("a connection", r -> "connected".equals(r.getString("connection")), PATIENCE);
            try (ExternalProgram player = Player.FFMPEG.play(node.url(Way.TCP, "phones/one"), Way.TCP, FRAMES)) {
                assertThat(player.awaitExit(PATIENCE)).as(player.log()).isZero();
                assertThat(player.count(Player.FFMPEG.frame())).isGreaterThanOrEqualTo(FRAMES);
                assertThat(player.count(Player.DAMAGE)).as(player.log()).isZero();
            }
            try (Browser browser = Browser.open(folder, tile("phones/one", ""))) {
                browser.await("a moving picture", WebRtcTest::shows, PATIENCE);
            }
        }
    }

    @Test
    void aBrowserIsToldWhyItMayNotWatch() {
        try (Browser browser = Browser.open(folder, tile("pulled-private", ""))) {
            JsonObject report = browser.await("a refusal", r -> "refused".equals(r.getString("state")), PATIENCE);
            assertThat(report.getInteger("status")).isEqualTo(401);
            assertThat(report.getString("reason")).isNotBlank();
        }
        try (Browser browser = Browser.open(folder, tile("nowhere", ""))) {
            browser.await("a refusal", r -> "refused".equals(r.getString("state")), PATIENCE);
        }
    }
}
