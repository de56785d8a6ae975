package org.porchlight.relay.webrtc.whip;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.porchlight.relay.metrics.Counter;

/** An edge between a fake control and fake media, in one thread. */
final class WhipFixture {
    static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40_000);
    static final String SDP = "application/sdp";
    static final String FRAGMENT = "application/trickle-ice-sdpfrag";
    static final IceServer STUN = new IceServer("stun:stun.example:3478", "", "");
    static final IceServer TURN = new IceServer("turn:turn.example", "a\"b", "c\\d");

    final FakeControl control = new FakeControl();
    final FakeMedia media = new FakeMedia();
    final Map<Counter, Integer> counted = new EnumMap<>(Counter.class);
    final WhipEdge edge;

    WhipFixture(int maxSessions) {
        edge = new WhipEdge(new WhipEdge.Parts(
                new EdgeAdmission(control, () -> 17, this::count),
                media,
                body -> new String(body, StandardCharsets.UTF_8).equals("sub")
                        ? Optional.of(new LayerChoice(LayerChoice.Wanted.SUB, 320, 180, false))
                        : Optional.empty(),
                List.of(STUN, TURN),
                maxSessions,
                new Random(7),
                this::count));
    }

    private void count(Counter counter) {
        counted.merge(counter, 1, Integer::sum);
    }

    /** @param headers name, value, name, value */
    CompletableFuture<EdgeResponse> send(String method, String path, String body, String... headers) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            fields.put(headers[i], headers[i + 1]);
        }
        return edge.handle(new EdgeRequest(method, path, fields, body.getBytes(StandardCharsets.UTF_8), CLIENT, true));
    }

    /** The answer to a request that needs nobody. */
    EdgeResponse answer(String method, String path, String body, String... headers) {
        return send(method, path, body, headers).join();
    }

    /** A viewer's session, made with this token; its path. */
    String watch(String token) {
        CompletableFuture<EdgeResponse> response =
                send("POST", "/whep/yard", "v=0", "Content-Type", SDP, "Authorization", "Bearer " + token);
        control.permit("ann");
        lastSession = media.make();
        last = response.join();
        return last.header("Location").orElseThrow();
    }

    FakeMedia.Session lastSession = new FakeMedia.Session();
    EdgeResponse last = EdgeResponse.of(0);
}
