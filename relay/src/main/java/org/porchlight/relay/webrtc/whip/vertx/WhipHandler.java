package org.porchlight.relay.webrtc.whip.vertx;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.porchlight.relay.webrtc.whip.EdgeRequest;
import org.porchlight.relay.webrtc.whip.EdgeResponse;
import org.porchlight.relay.webrtc.whip.WhipEdge;

/**
 * Serves the paths {@code /whip/*} and {@code /whep/*} of an HTTP server, to be mounted before anything reads the body. Handlers run on the
 * event loop of the request's connection; the edge is thread-safe.
 */
public final class WhipHandler implements Handler<HttpServerRequest> {
    /** What admission and the camera may take together, before the client is told to come again. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Vertx vertx;
    private final WhipEdge edge;
    private final Duration patience;

    /** @param vertx of the server that mounts it */
    public WhipHandler(Vertx vertx, WhipEdge edge) {
        this(vertx, edge, PATIENCE);
    }

    WhipHandler(Vertx vertx, WhipEdge edge, Duration patience) {
        this.vertx = vertx;
        this.edge = edge;
        this.patience = patience;
    }

    /** Whether a path is one of those that are served here. */
    public static boolean serves(String path) {
        return path.startsWith("/whip/") || path.startsWith("/whep/");
    }

    @Override
    public void handle(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(piece -> {
            // One byte above the bound is enough for the edge to refuse it; the rest is read and thrown away.
            int room = WhipEdge.MAX_OFFER_BYTES + 1 - body.length();
            body.appendBuffer(piece, 0, Math.min(room, piece.length()));
        });
        request.endHandler(end -> serve(request, body.getBytes()));
        request.exceptionHandler(gone -> {});
    }

    private void serve(HttpServerRequest request, byte[] body) {
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = request.response();
        CompletableFuture<EdgeResponse> answer = edge.handle(requestOf(request, body));
        long timer = answer.isDone()
                ? -1
                : vertx.setTimer(patience.toMillis(), fired -> {
                    if (answer.cancel(false)) {
                        write(response, WhipEdge.impatience());
                    }
                });
        if (timer >= 0) {
            response.closeHandler(gone -> answer.cancel(false));
        }
        answer.whenComplete((said, failure) -> {
            if (said != null) {
                context.runOnContext(now -> {
                    vertx.cancelTimer(timer);
                    write(response, said);
                });
            }
        });
    }

    private static EdgeRequest requestOf(HttpServerRequest request, byte[] body) {
        Map<String, String> headers = new HashMap<>();
        request.headers().forEach((name, value) -> headers.merge(name, value, (a, b) -> a + ", " + b));
        String path = request.path();
        return new EdgeRequest(
                request.method().name(),
                path == null ? "/" : path,
                headers,
                body,
                socketAddress(request.remoteAddress()),
                request.isSSL());
    }

    private static InetSocketAddress socketAddress(SocketAddress address) {
        try {
            // An address in figures: nothing is looked up.
            return new InetSocketAddress(InetAddress.getByName(address.hostAddress()), address.port());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("a connection comes from no address: " + address, e);
        }
    }

    private static void write(HttpServerResponse response, EdgeResponse said) {
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(said.status());
        said.headers().forEach(header -> response.headers().add(header.name(), header.value()));
        if (said.body().length == 0) {
            response.end();
        } else {
            response.end(Buffer.buffer(said.body()));
        }
    }
}
