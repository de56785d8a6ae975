package org.porchlight.control.management;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.StreamState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of the management port. Started and closed by the node; its handlers run on Vert.x event loops. */
public final class ManagementServer {
    /** Most cameras or sessions in one answer; {@code total} tells of the rest. */
    static final int MAX_LISTED = 10_000;

    private static final int MAX_BODY_BYTES = 16 << 10;
    private static final int MAX_SUBJECT_LENGTH = 256;
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);

    private final Vertx vertx;
    private final NodeView node;
    private final HttpServer server;

    /** @param vertx closed by its owner, after this */
    public ManagementServer(Vertx vertx, NodeView node) {
        this.vertx = vertx;
        this.node = node;
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setIdleTimeout(60)
                        .setMaxHeaderSize(16 << 10)
                        .setMaxInitialLineLength(4 << 10)
                        .setHandle100ContinueAutomatically(true))
                .requestHandler(router());
    }

    /** Listens; fails when the address cannot be had. Completes with the port. */
    public Future<Integer> start(ListenAddress address) {
        String host = address.host().equals(ListenAddress.ANY) ? "::" : address.host();
        return server.listen(address.port(), host).map(HttpServer::actualPort);
    }

    /** Stops listening and closes connections. */
    public Future<Void> close() {
        return server.close();
    }

    /** The routes, for comparison with the contract too. */
    Router router() {
        Router router = Router.router(vertx);
        OperatorsOnly operators = new OperatorsOnly();
        router.route().failureHandler(this::onFailure);
        router.get("/metrics").handler(this::metrics);
        router.get("/health/live").handler(context -> health(context, node.isAlive()));
        router.get("/health/ready").handler(context -> health(context, node.isReady()));
        router.get("/cameras").handler(operators).handler(this::cameras);
        router.getWithRegex("/cameras/(?<name>.+)")
                .setName("/cameras/{name}")
                .handler(operators)
                .handler(this::camera);
        router.get("/sessions").handler(operators).handler(this::sessions);
        router.post("/cuts")
                .handler(operators)
                .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES))
                .handler(this::cut);
        for (int status : new int[] {404, 405, 413, 415}) {
            router.errorHandler(status, this::onFailure);
        }
        return router;
    }

    private void metrics(RoutingContext context) {
        vertx.executeBlocking(node::scrape, false)
                .onSuccess(text -> context.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                        .end(text))
                .onFailure(context::fail);
    }

    private static void health(RoutingContext context, boolean good) {
        context.response().setStatusCode(good ? 200 : 503);
        answer(context, new JsonObject().put("status", good ? "UP" : "DOWN"));
    }

    private void cameras(RoutingContext context) {
        whenDone(context, node.streams(), streams -> answer(context, Documents.cameras(streams, MAX_LISTED)));
    }

    private void camera(RoutingContext context) {
        String name = context.pathParam("name");
        whenDone(context, node.streams(), streams -> {
            List<StreamState> own = streams.stream()
                    .filter(stream -> stream.camera().equals(name))
                    .toList();
            if (own.isEmpty()) {
                Documents.refuse(context, 404, "no-such-camera", "There is no such camera", "");
            } else {
                answer(
                        context,
                        Documents.cameras(own, 1).getJsonArray("cameras").getJsonObject(0));
            }
        });
    }

    private void sessions(RoutingContext context) {
        whenDone(context, node.sessions(), sessions -> answer(context, Documents.sessions(sessions, MAX_LISTED)));
    }

    private void cut(RoutingContext context) {
        String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            Documents.refuse(context, 415, "not-json", "The body must be application/json", "");
            return;
        }
        JsonObject body = jsonOf(context);
        Optional<Cut.Scope> scope = body == null ? Optional.empty() : scopeOf(body.getValue("scope"));
        if (body == null || scope.isEmpty()) {
            Documents.refuse(
                    context, 400, "bad-cut", "Not a cut", "scope must be one of session, camera, person, programme");
            return;
        }
        if (!(body.getValue("subject") instanceof String subject)
                || subject.isBlank()
                || subject.length() > MAX_SUBJECT_LENGTH) {
            Documents.refuse(
                    context, 400, "bad-cut", "Not a cut", "subject must be 1 to " + MAX_SUBJECT_LENGTH + " characters");
            return;
        }
        if (!(body.getValue("reason", "OPERATOR") instanceof String reason)
                || !reason.matches("[A-Z][A-Z0-9_]{0,63}")) {
            Documents.refuse(context, 400, "bad-cut", "Not a cut", "reason must be a code such as CONSENT_WITHDRAWN");
            return;
        }
        LOG.info(
                "an operator cuts {} {}: {}",
                Documents.word(scope.get()),
                subject.replaceAll("[^\\x20-\\x7e]", "?"),
                reason);
        Optional<CompletableFuture<CutReceipt>> receipt = node.cut(scope.get(), subject, reason);
        if (receipt.isEmpty()) {
            Documents.refuse(context, 503, "not-now", "The relay cannot be told now", "");
            return;
        }
        whenDone(context, receipt.get(), done -> answer(context, Documents.receipt(done)));
    }

    private static @Nullable JsonObject jsonOf(RoutingContext context) {
        try {
            return context.body().asJsonObject();
        } catch (DecodeException | ClassCastException e) {
            return null;
        }
    }

    private static Optional<Cut.Scope> scopeOf(@Nullable Object word) {
        for (Cut.Scope scope : List.of(Cut.Scope.SESSION, Cut.Scope.CAMERA, Cut.Scope.PERSON, Cut.Scope.PROGRAMME)) {
            if (Documents.word(scope).equals(word)) {
                return Optional.of(scope);
            }
        }
        return Optional.empty();
    }

    private static <T> void whenDone(RoutingContext context, CompletionStage<T> stage, Handler<T> handler) {
        Future.fromCompletionStage(stage, context.vertx().getOrCreateContext())
                .onSuccess(handler)
                .onFailure(context::fail);
    }

    private void onFailure(RoutingContext context) {
        int status = context.statusCode() >= 400 ? context.statusCode() : 500;
        switch (status) {
            case 404 -> Documents.refuse(context, 404, "no-such-page", "There is no such page", "");
            case 405 -> Documents.refuse(context, 405, "wrong-method", "This page does not answer this method", "");
            case 413 -> Documents.refuse(context, 413, "too-large", "The body is too large", "");
            case 400 -> Documents.refuse(context, 400, "bad-request", "The request cannot be understood", "");
            default -> {
                if (context.failure() instanceof java.util.concurrent.TimeoutException) {
                    Documents.refuse(context, 504, "no-receipt", "The relay has not answered in time", "");
                    return;
                }
                LOG.error("{} {} failed", context.request().method(), context.normalizedPath(), context.failure());
                Documents.refuse(context, 500, "failed", "The request failed", "");
            }
        }
    }

    private static void answer(RoutingContext context, JsonObject document) {
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(document.toBuffer());
    }
}
