package org.porchlight.control.web;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.porchlight.relay.server.HttpEdge;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.TlsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port: the page that plays a camera, and what the media plane mounts beside it. Started and closed by the node; its handlers run on Vert.x
 * event loops.
 */
public final class WebServer {
    private static final int IDLE_SECONDS = 60;
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int MAX_LINE_BYTES = 4 << 10;
    private static final int MAX_CONNECTIONS_WAITING = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

    private final Vertx vertx;
    private final WebFiles files = new WebFiles();
    private final Router router;
    private final Optional<HttpEdge> edge;
    private final List<HttpServer> servers = new ArrayList<>();

    /**
     * @param vertx closed by its owner, after this
     * @param edge WHIP and WHEP; empty: the media plane has no WebRTC
     */
    public WebServer(Vertx vertx, Optional<HttpEdge> edge) {
        this.vertx = vertx;
        this.edge = edge;
        this.router = Router.router(vertx);
        router.route().failureHandler(this::onFailure);
        router.getWithRegex("/watch/[^/]+(/[^/]+)*").handler(context -> files.send(context, "watch.html"));
        router.get("/web/:name").handler(this::file);
        router.errorHandler(404, context -> refuse(context, 404, "There is no such page"));
        router.errorHandler(405, context -> refuse(context, 405, "This page does not answer this method"));
    }

    /**
     * Listens on one more address; fails when it cannot be had.
     *
     * @param tls what to show; empty: without TLS
     * @return the port
     */
    public Future<Integer> listen(ListenAddress address, Optional<TlsIdentity> tls) {
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setAcceptBacklog(MAX_CONNECTIONS_WAITING)
                .setHandle100ContinueAutomatically(true);
        tls.ifPresent(identity -> options.setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(pem(identity.certificate()))
                        .addKeyValue(pem(identity.key().reveal()))));
        HttpServer server = vertx.createHttpServer(options).requestHandler(this::dispatch);
        synchronized (servers) {
            servers.add(server);
        }
        String host = address.host().equals(ListenAddress.ANY) ? "::" : address.host();
        return server.listen(address.port(), host).map(HttpServer::actualPort);
    }

    private void dispatch(HttpServerRequest request) {
        String path = request.path();
        if (edge.isPresent() && path != null && edge.get().serves(path)) {
            edge.get().handle(request);
        } else {
            router.handle(request);
        }
    }

    private static Buffer pem(String text) {
        return Buffer.buffer(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Stops listening and closes connections. */
    public Future<Void> close() {
        List<Future<Void>> closing = new ArrayList<>();
        synchronized (servers) {
            servers.forEach(server -> closing.add(server.close()));
            servers.clear();
        }
        return Future.join(closing).mapEmpty();
    }

    private void file(RoutingContext context) {
        String name = context.pathParam("name");
        if (files.has(name)) {
            files.send(context, name);
        } else {
            context.next();
        }
    }

    private void onFailure(RoutingContext context) {
        int status = context.statusCode() >= 400 ? context.statusCode() : 500;
        if (status >= 500) {
            LOG.error("{} {} failed", context.request().method(), context.normalizedPath(), context.failure());
        }
        refuse(context, status, status >= 500 ? "The request failed" : "The request cannot be understood");
    }

    private static void refuse(RoutingContext context, int status, String words) {
        if (context.response().ended()) {
            return;
        }
        if (context.response().headWritten()) {
            context.request().connection().close();
            return;
        }
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "text/plain; charset=utf-8")
                .putHeader("cache-control", "no-store")
                .end(words + "\n");
    }
}
