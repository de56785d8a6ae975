package org.porchlight.control.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.server.HttpEdge;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.Secret;
import org.porchlight.relay.server.SelfSigned;
import org.porchlight.relay.server.TlsIdentity;

/** The HTTP port, asked by an HTTP client of the platform. */
final class WebServerTest {
    private static final ListenAddress LOOPBACK = new ListenAddress("127.0.0.1", 0);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final WebServer server = new WebServer(vertx, Optional.of(new Edge()));

    /** Answers what is below {@code /whep/}. */
    private static final class Edge implements HttpEdge {
        @Override
        public boolean serves(String path) {
            return path.startsWith("/whep/");
        }

        @Override
        public void handle(HttpServerRequest request) {
            request.response().setStatusCode(201).end("answered " + request.path());
        }
    }

    @AfterEach
    void stop() throws Exception {
        await(server.close());
        await(vertx.close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/watch/gate", "/watch/downtown/5th-and-main", "/watch/a%20b"})
    void thePageIsTheSameForEachCamera(String path) throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        HttpResponse<String> page = ask("GET", port, path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("script-src 'self'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.body()).contains("<porchlight-tile");
    }

    @Test
    void theTileMayBeEmbeddedByPagesFromElsewhere() throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        HttpResponse<String> script = ask("GET", port, "/web/porchlight-tile.js");
        assertThat(script.headers().firstValue("content-type")).hasValue("text/javascript; charset=utf-8");
        assertThat(script.headers().firstValue("access-control-allow-origin")).hasValue("*");
        assertThat(script.body()).contains("customElements.define('porchlight-tile'");
    }

    @Test
    void anUnchangedFileIsNotSentAgain() throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        String tag =
                ask("GET", port, "/web/watch.js").headers().firstValue("etag").orElseThrow();
        HttpResponse<String> again = ask("GET", port, "/web/watch.js", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(ask("GET", port, "/web/watch.js", "If-None-Match", "\"other\"")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/watch",
                "/watch/",
                "/web/",
                "/web/../porchlight-reference.yaml",
                "/web/%2e%2e/x",
                "/web/nothing.js"
            })
    void whatIsNotThereIsNotFound(String path) throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        HttpResponse<String> answer = ask("GET", port, path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("There is no such page\n");
    }

    @Test
    void theMediaPlanesRoutesAnswerBesideThePages() throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        assertThat(ask("POST", port, "/whep/gate").body()).isEqualTo("answered /whep/gate");
        assertThat(ask("OPTIONS", port, "/whep/a/b/sub").statusCode()).isEqualTo(201);
        assertThat(ask("POST", port, "/watch/gate").statusCode()).isEqualTo(405);
    }

    @Test
    void showsItsCertificateOverTls() throws Exception {
        SelfSigned pair = SelfSigned.create();
        TlsIdentity identity = new TlsIdentity(pair.certificate(), Secret.of(pair.key()));
        int port = await(server.listen(LOOPBACK, Optional.of(identity)));
        var trusting = vertx.createHttpClient(new io.vertx.core.http.HttpClientOptions()
                .setSsl(true)
                .setVerifyHost(false)
                .setTrustOptions(
                        new PemTrustOptions().addCertValue(io.vertx.core.buffer.Buffer.buffer(pair.certificate()))));
        int status = await(trusting.request(io.vertx.core.http.HttpMethod.GET, port, "127.0.0.1", "/watch/gate")
                .compose(request -> request.send())
                .map(response -> response.statusCode()));
        assertThat(status).isEqualTo(200);
    }

    @Test
    void saysThatAnAddressIsTaken() throws Exception {
        int port = await(server.listen(LOOPBACK, Optional.empty()));
        assertThatThrownBy(() -> {
                    // Another Vert.x, as servers of one share a port among themselves.
                    Vertx other = Vertx.vertx();
                    WebServer second = new WebServer(other, Optional.empty());
                    try {
                        await(second.listen(new ListenAddress("127.0.0.1", port), Optional.empty()));
                    } finally {
                        await(other.close());
                    }
                })
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(java.net.BindException.class);
    }

    private HttpResponse<String> ask(String method, int port, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
