package org.porchlight.control.management;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.server.SessionState;
import org.porchlight.relay.server.StreamState;

/** The JSON documents of the management port, as {@code openapi-management.yaml} describes them. */
final class Documents {
    private Documents() {}

    /** Cameras by name, each with its one or two streams, at most {@code limit}. */
    static JsonObject cameras(List<StreamState> streams, int limit) {
        Map<String, JsonObject> cameras = new LinkedHashMap<>();
        for (StreamState stream : streams) {
            JsonObject camera = cameras.computeIfAbsent(
                    stream.camera(), name -> new JsonObject().put("name", name).put("streams", new JsonArray()));
            camera.getJsonArray("streams").add(stream(stream));
        }
        return new JsonObject()
                .put("total", cameras.size())
                .put(
                        "cameras",
                        new JsonArray(cameras.values().stream().limit(limit).toList()));
    }

    static JsonObject sessions(List<SessionState> sessions, int limit) {
        return new JsonObject()
                .put("total", sessions.size())
                .put("sessions", array(sessions.stream().limit(limit).toList(), Documents::session));
    }

    static JsonObject receipt(CutReceipt receipt) {
        JsonObject document = new JsonObject()
                .put("cut", receipt.cut().id())
                .put("scope", word(receipt.cut().scope()))
                .put("subject", receipt.cut().subject())
                .put("reason", receipt.cut().reason())
                .put("receivedAt", receipt.receivedAt().toString())
                .put("doneAt", receipt.doneAt().toString())
                .put("sessions", receipt.sessions());
        if (!receipt.lastPacketAt().equals(Instant.MIN)) {
            document.put("lastPacketAt", receipt.lastPacketAt().toString());
        }
        return document;
    }

    /** A problem document (RFC 9457) with a stable type. */
    static JsonObject problem(int status, String type, String title, String detail) {
        JsonObject document = new JsonObject()
                .put("type", "urn:porchlight:problem:" + type)
                .put("title", title)
                .put("status", status);
        return detail.isEmpty() ? document : document.put("detail", detail);
    }

    /** Ends a request with a problem document, unless it has ended. */
    static void refuse(RoutingContext context, int status, String type, String title, String detail) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(problem(status, type, title, detail).toBuffer());
    }

    private static JsonObject stream(StreamState stream) {
        JsonObject document = new JsonObject()
                .put("rendition", word(stream.rendition()))
                .put("state", word(stream.condition()))
                .put("detail", stream.detail())
                .put("transport", stream.transport())
                .put("bitsPerSecond", stream.bitsPerSecond())
                .put("lostPackets", stream.lostPackets())
                .put("viewers", stream.viewers())
                .put(
                        "tracks",
                        array(
                                stream.tracks(),
                                track -> new JsonObject()
                                        .put("kind", track.kind())
                                        .put("codec", track.codec())
                                        .put("clockRate", track.clockRate())))
                .put(
                        "diagnosis",
                        array(
                                stream.findings(),
                                finding -> new JsonObject()
                                        .put("code", finding.code())
                                        .put("advice", finding.advice())
                                        .put("count", finding.count())));
        stream.since().ifPresent(since -> document.put("since", since.toString()));
        return document;
    }

    private static JsonObject session(SessionState session) {
        return new JsonObject()
                .put("session", session.session())
                .put("kind", word(session.kind()))
                .put("camera", session.camera())
                .put("rendition", word(session.rendition()))
                .put("person", session.person())
                .put("remote", session.remote())
                .put("protocol", session.protocol())
                .put("transport", session.transport())
                .put("since", session.since().toString())
                .put("packets", session.packets())
                .put("bytes", session.bytes())
                .put("drops", session.drops())
                .put("behind", session.behind());
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static <T> JsonArray array(Collection<T> elements, Function<T, JsonObject> document) {
        return new JsonArray(elements.stream().map(document).toList());
    }
}
