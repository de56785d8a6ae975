package org.porchlight.relay.webrtc.whip;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.DenyCode;

/** Requests put together by dice, some of them mutated: each is answered once, no permit and no session is lost. */
class WhipMutationTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40_000);
    private static final List<String> METHODS = List.of("POST", "POST", "PATCH", "DELETE", "OPTIONS", "GET");
    private static final List<String> TYPES =
            List.of("application/sdp", "application/trickle-ice-sdpfrag", "application/json", "text/plain", "");
    private static final List<String> BODIES = List.of(
            "v=0", "sub", "", "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n", "a=end-of-candidates\r\n");
    private static final List<String> TOKENS = List.of("Bearer a", "Bearer b", "Basic YTpi", "Digest x", "");

    private final Random random = new Random(20_264);
    private final WhipFixture fixture = new WhipFixture(6);
    private final List<CompletableFuture<EdgeResponse>> waiting = new ArrayList<>();
    private final List<String> paths =
            new ArrayList<>(List.of("/whep/yard", "/whip/yard", "/whep/a/sub", "/x", "/whep/~q"));
    private final List<FakeMedia.Session> sessions = new ArrayList<>();
    private int created;

    @Test
    void answersWhateverComesAndLosesNothing() {
        for (int round = 0; round < 20_000; round++) {
            waiting.add(fixture.edge.handle(request()));
            settle();
            collect();
        }
        while (!fixture.control.open.isEmpty() || !fixture.media.open.isEmpty()) {
            settle();
        }
        collect();
        assertThat(waiting).isEmpty();
        assertThat(created).isGreaterThan(50);
        // One permit for each session that was made; the others went back.
        sessions.forEach(session -> session.ended.complete(null));
        assertThat(fixture.edge.sessions()).isZero();
        assertThat(permits - fixture.control.ended.size()).isEqualTo(created);
    }

    private int permits;

    private void settle() {
        if (!fixture.control.open.isEmpty() && random.nextInt(3) > 0) {
            if (random.nextInt(4) > 0) {
                fixture.control.permit(random.nextBoolean() ? "ann" : "bob");
                permits++;
            } else {
                fixture.control.open.remove().complete(new Answer.Deny(pick(List.of(DenyCode.values()))));
            }
        }
        if (!fixture.media.open.isEmpty() && random.nextInt(3) > 0) {
            switch (random.nextInt(4)) {
                case 0 -> fixture.media.refuse(pick(List.of(MediaCreation.Refusal.values())), "\u0000\"");
                case 1 -> fixture.media.open.remove().completeExceptionally(new IllegalStateException("no"));
                default -> {
                    created++;
                    sessions.add(fixture.media.make());
                }
            }
        }
        if (!sessions.isEmpty() && random.nextInt(8) == 0) {
            sessions.remove(random.nextInt(sessions.size())).ended.complete(null);
        }
        if (!waiting.isEmpty() && random.nextInt(10) == 0) {
            waiting.remove(random.nextInt(waiting.size())).cancel(false);
        }
    }

    private void collect() {
        waiting.removeIf(response -> {
            if (response.isDone()) {
                EdgeResponse said = response.join();
                assertThat(said.status()).isBetween(200, 503);
                assertThat(said.header("Access-Control-Allow-Origin")).contains("*");
                said.header("Location").ifPresent(paths::add);
                if (paths.size() > 10) {
                    paths.remove(5);
                }
            }
            return response.isDone();
        });
    }

    private EdgeRequest request() {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", pick(TYPES));
        String token = pick(TOKENS);
        if (!token.isEmpty()) {
            headers.put("Authorization", mutated(token));
        }
        if (random.nextBoolean()) {
            headers.put("If-Match", random.nextBoolean() ? "*" : "\"x\"");
        }
        String path = pick(paths) + (random.nextInt(6) == 0 ? "/layer" : "");
        byte[] body = mutated(pick(BODIES)).getBytes(StandardCharsets.UTF_8);
        return new EdgeRequest(pick(METHODS), mutated(path), headers, body, CLIENT, random.nextBoolean());
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String mutated(String text) {
        if (text.isEmpty() || random.nextInt(5) > 0) {
            return text;
        }
        char[] chars = text.toCharArray();
        chars[random.nextInt(chars.length)] = (char) random.nextInt(random.nextBoolean() ? 128 : 0x3000);
        return new String(chars);
    }
}
