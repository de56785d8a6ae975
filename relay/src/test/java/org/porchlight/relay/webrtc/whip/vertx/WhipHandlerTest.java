package org.porchlight.relay.webrtc.whip.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.webrtc.whip.EdgeAdmission;
import org.porchlight.relay.webrtc.whip.FakeMedia;
import org.porchlight.relay.webrtc.whip.LayerChoice;
import org.porchlight.relay.webrtc.whip.MediaCreation;
import org.porchlight.relay.webrtc.whip.MediaOffer;
import org.porchlight.relay.webrtc.whip.MediaSessions;
import org.porchlight.relay.webrtc.whip.WhipEdge;

/** Through a real server: what HTTP adds to the calculation. */
class WhipHandlerTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final PermitAll admission = new PermitAll();
    private final SlowMedia media = new SlowMedia();
    private final LinkedBlockingQueue<CompletableFuture<MediaCreation>> creations = media.creations;
    private final CompletableFuture<Void> hungUp = new CompletableFuture<>();
    private WhipEdge edge;
    private HttpServer server;

    @BeforeEach
    void start() {
        edge = new WhipEdge(new WhipEdge.Parts(
                new EdgeAdmission(admission, () -> 0, counter -> {}),
                media,
                LayerJson::read,
                List.of(),
                100,
                new Random(3),
                counter -> {}));
        start(WhipHandler.PATIENCE);
    }

    private void start(Duration patience) {
        server = vertx.createHttpServer()
                // Behind everything else that the server does when a client hangs up.
                .connectionHandler(connection ->
                        connection.closeHandler(closed -> vertx.runOnContext(later -> hungUp.complete(null))))
                .requestHandler(new WhipHandler(vertx, edge, patience));
        await(server.listen(0, "127.0.0.1").toCompletionStage());
    }

    @AfterEach
    void stop() {
        await(vertx.close().toCompletionStage());
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private CompletableFuture<HttpResponse<String>> send(String method, String path, String type, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
                .header("Content-Type", type)
                .header("Authorization", "Bearer abc")
                .header("Origin", "https://elsewhere.example")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString());
    }

    private CompletableFuture<MediaCreation> nextCreation() throws InterruptedException {
        CompletableFuture<MediaCreation> creation = creations.poll(10, TimeUnit.SECONDS);
        assertThat(creation).as("an offer that reached the media").isNotNull();
        return creation;
    }

    private FakeMedia.Session accept() throws InterruptedException {
        FakeMedia.Session session = new FakeMedia.Session();
        nextCreation().complete(new MediaCreation.Created(session, "v=0 answer"));
        return session;
    }

    @Test
    void carriesASessionFromItsOfferToItsEnd() throws Exception {
        CompletableFuture<HttpResponse<String>> offer = send("POST", "/whep/yard?x=1", "application/sdp", "v=0 offer");
        FakeMedia.Session session = accept();
        HttpResponse<String> made = await(offer);
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(made.body()).isEqualTo("v=0 answer");
        assertThat(made.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        MediaOffer seen = media.offers.remove();
        assertThat(seen.description()).isEqualTo("v=0 offer");
        assertThat(seen.remote().getAddress().isLoopbackAddress()).isTrue();
        String path = made.headers().firstValue("Location").orElseThrow();

        HttpResponse<String> layer = await(send(
                "POST", path + "/layer", "application/json", "{\"rendition\":\"sub\",\"width\":320.4,\"height\":180}"));
        assertThat(layer.statusCode()).isEqualTo(204);
        assertThat(session.choices).containsExactly(new LayerChoice(LayerChoice.Wanted.SUB, 320, 180, false));
        assertThat(await(send("OPTIONS", path, "text/plain", "")).statusCode()).isEqualTo(204);
        assertThat(await(send("DELETE", path, "text/plain", "")).statusCode()).isEqualTo(200);
        assertThat(session.closed).containsExactly("teardown");
        assertThat(await(send("DELETE", path, "text/plain", "")).statusCode()).isEqualTo(404);
    }

    @Test
    void refusesABodyOfAnySizeAboveTheBoundWithoutKeepingIt() {
        HttpResponse<String> refused = await(send("POST", "/whip/yard", "application/sdp", "a".repeat(5 << 20)));
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(media.offers).isEmpty();
    }

    @Test
    void losesPatienceAndClosesWhatIsMadeTooLate() throws Exception {
        await(server.close().toCompletionStage());
        start(Duration.ofMillis(50));
        HttpResponse<String> late = await(send("POST", "/whep/yard", "application/sdp", "v=0"));
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(late.headers().firstValue("Retry-After")).isPresent();
        assertThat(late.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(accept().closed).containsExactly("abandoned");
        assertThat(edge.sessions()).isZero();
    }

    @Test
    void closesWhatIsMadeForAClientThatHasGone() throws Exception {
        CompletableFuture<MediaCreation> creation;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
            socket.getOutputStream()
                    .write(
                            "POST /whep/yard HTTP/1.1\r\nHost: h\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0"
                                    .getBytes(StandardCharsets.US_ASCII));
            creation = nextCreation();
        }
        FakeMedia.Session session = new FakeMedia.Session();
        await(hungUp);
        creation.complete(new MediaCreation.Created(session, "v=0"));
        await(session.ended());
        assertThat(session.closed).containsExactly("abandoned");
    }

    @Test
    void readsWishesForALayer() {
        assertThat(read("{}")).contains(new LayerChoice(LayerChoice.Wanted.AUTO, 0, 0, false));
        assertThat(read("{\"rendition\":\"main\",\"paused\":true,\"more\":[1]}"))
                .contains(new LayerChoice(LayerChoice.Wanted.MAIN, 0, 0, true));
        for (String broken : List.of(
                "",
                "[]",
                "{",
                "null",
                "{\"rendition\":\"MAIN\"}",
                "{\"width\":-1}",
                "{\"width\":1e9}",
                "{\"height\":\"2\"}",
                "{\"paused\":1}",
                "{\"rendition\":null}")) {
            assertThat(read(broken)).as(broken).isEmpty();
        }
    }

    private static java.util.Optional<LayerChoice> read(String json) {
        return LayerJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static final class SlowMedia implements MediaSessions {
        final Queue<MediaOffer> offers = new ConcurrentLinkedQueue<>();
        final LinkedBlockingQueue<CompletableFuture<MediaCreation>> creations = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<MediaCreation> create(MediaOffer offer) {
            CompletableFuture<MediaCreation> creation = new CompletableFuture<>();
            offers.add(offer);
            creations.add(creation);
            return creation;
        }
    }

    private static final class PermitAll implements Admission {
        @Override
        public CompletionStage<Answer> mayView(ViewRequest request) {
            return CompletableFuture.completedStage(new Answer.Permit("s", "ann", "", false, Instant.MAX, 1));
        }

        @Override
        public CompletionStage<Answer> mayPublish(PublishRequest request) {
            return CompletableFuture.completedStage(new Answer.Permit("p", "ann", "", false, Instant.MAX, 1));
        }

        @Override
        public List<Challenge> challenges() {
            return List.of();
        }

        @Override
        public void onSessionEnded(SessionReport report) {}

        @Override
        public void onCutReceipt(CutReceipt receipt) {}

        @Override
        public void connect(Signals signals) {}
    }
}
