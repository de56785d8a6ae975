package org.porchlight.control.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.SessionState;
import org.porchlight.relay.server.StreamState;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The management port, asked by an HTTP client of the platform. */
final class ManagementServerTest {
    private static final Instant SINCE = Instant.parse("2026-11-21T22:00:00Z");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final FakeNode node = new FakeNode();
    private final ManagementServer server = new ManagementServer(vertx, node);
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = server.start(new ListenAddress("127.0.0.1", 0))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        server.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void tellsHealthByStatus() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(json(get("/health/ready"))).isEqualTo(new JsonObject().put("status", "DOWN"));
        node.ready = true;
        assertThat(json(get("/health/ready"))).isEqualTo(new JsonObject().put("status", "UP"));
        node.alive = false;
        assertThat(get("/health/live").statusCode()).isEqualTo(503);
    }

    @Test
    void showsMetricsAsPrometheusReadsThem() throws Exception {
        HttpResponse<String> response = get("/metrics");
        assertThat(response.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).isEqualTo("porchlight_viewers 3.0\n");
    }

    @Test
    void listsCamerasWithTheirStreams() throws Exception {
        JsonObject all = json(get("/cameras"));
        assertThat(all.getInteger("total")).isEqualTo(2);
        JsonObject yard = all.getJsonArray("cameras").getJsonObject(0);
        assertThat(yard.getString("name")).isEqualTo("yard/1");
        assertThat(yard.getJsonArray("streams")).hasSize(2);
        JsonObject main = yard.getJsonArray("streams").getJsonObject(0);
        assertThat(main.getString("state")).isEqualTo("live");
        assertThat(main.getString("since")).isEqualTo("2026-11-21T22:00:00Z");
        assertThat(main.getJsonArray("tracks").getJsonObject(0).getString("codec"))
                .isEqualTo("H264");
        assertThat(main.getJsonArray("diagnosis").getJsonObject(0).getString("advice"))
                .isEqualTo("Turn B-frames off.");

        assertThat(json(get("/cameras/yard/1"))).isEqualTo(yard);
        HttpResponse<String> none = get("/cameras/nowhere");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(json(none).getString("type")).isEqualTo("urn:porchlight:problem:no-such-camera");
    }

    @Test
    void listsSessions() throws Exception {
        JsonObject session = json(get("/sessions")).getJsonArray("sessions").getJsonObject(0);
        assertThat(session.getString("person")).isEqualTo("alice");
        assertThat(session.getString("kind")).isEqualTo("view");
        assertThat(session.getLong("bytes")).isEqualTo(5_000_000_000L);
    }

    @Test
    void cutsAndShowsTheReceipt() throws Exception {
        HttpResponse<String> response =
                post("{\"scope\": \"camera\", \"subject\": \"yard/1\", \"reason\": \"CONSENT_WITHDRAWN\"}");
        assertThat(response.statusCode()).isEqualTo(200);
        JsonObject receipt = json(response);
        assertThat(receipt.getInteger("sessions")).isEqualTo(2);
        assertThat(receipt.getString("scope")).isEqualTo("camera");
        assertThat(receipt.getString("subject")).isEqualTo("yard/1");
        assertThat(receipt.getString("reason")).isEqualTo("CONSENT_WITHDRAWN");
        assertThat(receipt.containsKey("lastPacketAt")).isFalse();

        assertThat(json(post("{\"scope\": \"person\", \"subject\": \"alice\"}")).getString("reason"))
                .isEqualTo("OPERATOR");
    }

    @Test
    void refusesCutsThatAreNone() throws Exception {
        for (String body : List.of(
                "",
                "[]",
                "{",
                "null",
                "{\"scope\": \"camera\"}",
                "{\"scope\": \"epoch\", \"subject\": \"x\"}",
                "{\"scope\": 7, \"subject\": \"x\"}",
                "{\"scope\": \"camera\", \"subject\": 7}",
                "{\"scope\": \"camera\", \"subject\": \"" + "x".repeat(257) + "\"}",
                "{\"scope\": \"camera\", \"subject\": \"x\", \"reason\": \"not a code\"}")) {
            HttpResponse<String> response = post(body);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(json(response).getString("type")).isEqualTo("urn:porchlight:problem:bad-cut");
        }
        assertThat(post("{\"x\": \"" + "x".repeat(20_000) + "\"}").statusCode()).isEqualTo(413);
        assertThat(node.cuts).isZero();
    }

    @Test
    void saysWhenTheRelayCannotCut() throws Exception {
        String cut = "{\"scope\": \"camera\", \"subject\": \"x\"}";
        node.receipt = Optional.empty();
        assertThat(post(cut).statusCode()).isEqualTo(503);
        node.receipt = Optional.of(CompletableFuture.failedFuture(new TimeoutException()));
        assertThat(post(cut).statusCode()).isEqualTo(504);
        node.receipt = Optional.of(CompletableFuture.failedFuture(new IllegalStateException("boom")));
        HttpResponse<String> failed = post(cut);
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).doesNotContain("boom");
    }

    @Test
    void operatorsRoutesDoNotAnswerPagesFromElsewhere() throws Exception {
        HttpRequest fromPage = HttpRequest.newBuilder(uri("/sessions"))
                .header("Origin", "http://evil.example")
                .build();
        assertThat(client.send(fromPage, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(403);
        assertThat(raw("GET /sessions HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET /sessions HTTP/1.1\r\nHost: localhost:9404\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(raw("GET /metrics HTTP/1.1\r\nHost: node.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
        HttpRequest form = HttpRequest.newBuilder(uri("/cuts"))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        assertThat(client.send(form, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(415);
    }

    @Test
    void otherPagesAndMethodsAreProblems() throws Exception {
        HttpResponse<String> nowhere = get("/nowhere");
        assertThat(nowhere.statusCode()).isEqualTo(404);
        assertThat(json(nowhere).getString("type")).isEqualTo("urn:porchlight:problem:no-such-page");
        HttpRequest delete = HttpRequest.newBuilder(uri("/sessions")).DELETE().build();
        HttpResponse<String> wrong = client.send(delete, HttpResponse.BodyHandlers.ofString());
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(json(wrong).getString("type")).isEqualTo("urn:porchlight:problem:wrong-method");
    }

    @Test
    void everyRouteIsInTheContractAndTheOtherWayRound() throws IOException {
        Set<String> inContract = new TreeSet<>();
        try (InputStream in = ManagementServer.class.getResourceAsStream("/openapi-management.yaml")) {
            assertThat(in).isNotNull();
            Map<String, Object> contract = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
            assertThat(contract.get("openapi")).isEqualTo("3.1.0");
            Map<?, ?> paths = (Map<?, ?>) Objects.requireNonNull(contract.get("paths"));
            paths.forEach((path, methods) -> ((Map<?, ?>) methods)
                    .keySet()
                    .forEach(method ->
                            inContract.add(method.toString().toUpperCase(java.util.Locale.ROOT) + " " + path)));
        }
        Set<String> served = server.router().getRoutes().stream()
                .filter(route -> route.methods() != null)
                .map(ManagementServerTest::routeOf)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(served).isEqualTo(inContract);
    }

    private static String routeOf(Route route) {
        String path = route.isRegexPath() ? route.getName() : route.getPath();
        return route.methods().iterator().next().name() + " " + path;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri("/cuts"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static JsonObject json(HttpResponse<String> response) {
        return new JsonObject(response.body());
    }

    /** A node in a state that the test sets. */
    private static final class FakeNode implements NodeView {
        volatile boolean alive = true;
        volatile boolean ready;
        int cuts; // Vert.x thread, read when it is quiet
        volatile Optional<CompletableFuture<CutReceipt>> receipt = Optional.of(new CompletableFuture<>());

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public CompletionStage<List<StreamState>> streams() {
            return CompletableFuture.completedStage(List.of(
                    stream("yard/1", Rendition.MAIN),
                    stream("yard/1", Rendition.SUB),
                    stream("lobby", Rendition.MAIN)));
        }

        @Override
        public CompletionStage<List<SessionState>> sessions() {
            return CompletableFuture.completedStage(List.of(new SessionState(
                    "s-1",
                    SessionState.Kind.VIEW,
                    "yard/1",
                    Rendition.MAIN,
                    "alice",
                    "192.0.2.1:5000",
                    "rtsp",
                    "tcp",
                    SINCE,
                    4_000_000,
                    5_000_000_000L,
                    0,
                    "live")));
        }

        @Override
        public Optional<CompletableFuture<CutReceipt>> cut(Cut.Scope scope, String subject, String reason) {
            cuts++;
            if (receipt.isPresent() && receipt.get().isDone()) {
                return receipt;
            }
            Cut cut = new Cut("cut-1", scope, subject, 0, reason);
            return receipt.map(waiting ->
                    CompletableFuture.completedFuture(new CutReceipt(cut, SINCE, Instant.MIN, SINCE.plusMillis(7), 2)));
        }

        @Override
        public String scrape() {
            return "porchlight_viewers 3.0\n";
        }

        private static StreamState stream(String camera, Rendition rendition) {
            return new StreamState(
                    camera,
                    rendition,
                    StreamState.Condition.LIVE,
                    Optional.of(SINCE),
                    "",
                    List.of(new StreamState.Track("video", "H264", 90_000)),
                    4_000_000,
                    0,
                    3,
                    "tcp",
                    List.of(new StreamState.Finding("B_FRAMES", "Turn B-frames off.", 12)));
        }
    }
}
