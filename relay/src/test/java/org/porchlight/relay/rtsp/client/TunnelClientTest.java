package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtsp.HttpTunnel.Half;
import org.porchlight.relay.rtsp.RtspHeaders;

class TunnelClientTest {
    private static final String OPEN = "HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";
    private static final String DIGEST = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n1\", qop=\"auth\"\r\n";
    private static final String BASIC = "WWW-Authenticate: Basic realm=\"cam\"\r\n";

    private final CameraMemory memory = memory(new CameraCredentials("joe", "secret"));

    private static CameraMemory memory(@Nullable CameraCredentials credentials) {
        return new CameraMemory(
                RtspUrl.parse("rtsp://192.0.2.7:80/live?x=1").orElseThrow().url(),
                credentials,
                TransportChoice.HTTP_TUNNEL,
                () -> "0a4f113b");
    }

    private static TunnelClient.Answer receive(TunnelClient client, Half half, String text) {
        return client.receive(half, Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static String unauthorized(String challenges) {
        return "HTTP/1.1 401 Unauthorized\r\n" + challenges + "Content-Length: 4\r\n\r\nnope";
    }

    private static @Nullable String authorization(TunnelClient client, Half half) {
        return client.request(half, "test").headers().first(RtspHeaders.AUTHORIZATION);
    }

    private static ClientOutput.Outcome over(TunnelClient.Answer answer) {
        assertThat(answer).isInstanceOf(TunnelClient.Answer.Over.class);
        return ((TunnelClient.Answer.Over) answer).outcome();
    }

    private static SourceFailure failure(TunnelClient.Answer answer) {
        assertThat(over(answer)).isInstanceOf(ClientOutput.Outcome.Failed.class);
        return ((ClientOutput.Outcome.Failed) over(answer)).failure();
    }

    @Test
    void whatFollowsTheHeadIsRtspHoweverTheBytesAreCut() {
        String rest = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n$";
        String all = OPEN + rest;
        for (int cut = 0; cut < all.length(); cut++) {
            TunnelClient client = new TunnelClient(memory, "cookie");
            TunnelClient.Answer first = receive(client, Half.DOWN, all.substring(0, cut));
            if (cut < OPEN.length()) {
                assertThat(first).isEqualTo(new TunnelClient.Answer.Incomplete());
                assertThat(receive(client, Half.DOWN, all.substring(cut)))
                        .isEqualTo(new TunnelClient.Answer.Open(OPEN.length() - cut));
            } else {
                assertThat(first).isEqualTo(new TunnelClient.Answer.Open(OPEN.length()));
            }
        }
    }

    @Test
    void aRefusedHalfIsProvedByDigestOnTheNextConnections() {
        TunnelClient first = new TunnelClient(memory, "cookie");
        assertThat(authorization(first, Half.DOWN)).isNull();
        assertThat(over(receive(first, Half.DOWN, unauthorized(BASIC + DIGEST))))
                .isInstanceOf(ClientOutput.Outcome.StartOver.class);
        TunnelClient second = new TunnelClient(memory, "cookie");
        assertThat(authorization(second, Half.DOWN))
                .startsWith("Digest ")
                .contains("uri=\"/live?x=1\"", "nonce=\"n1\"", "nc=00000001");
        assertThat(receive(second, Half.DOWN, OPEN)).isInstanceOf(TunnelClient.Answer.Open.class);
        assertThat(authorization(second, Half.UP)).startsWith("Digest ").contains("nc=00000002");
        assertThat(memory.authentication().authorization("OPTIONS", "rtsp://192.0.2.7/live"))
                .as("RTSP has its own challenge")
                .isNull();
        assertThat(memory.quirks()).isEmpty();
    }

    @Test
    void basicIsGivenWhereNothingElseIsOfferedAndTold() {
        receive(new TunnelClient(memory, "c"), Half.DOWN, unauthorized(BASIC));
        assertThat(authorization(new TunnelClient(memory, "c"), Half.DOWN)).isEqualTo("Basic am9lOnNlY3JldA==");
        assertThat(memory.quirks()).containsExactly(CameraQuirk.BASIC_IN_CLEAR);
    }

    @Test
    void theUpwardHalfMayAskAlone() {
        TunnelClient first = new TunnelClient(memory, "c");
        receive(first, Half.DOWN, OPEN);
        assertThat(over(receive(first, Half.UP, unauthorized(DIGEST))))
                .isInstanceOf(ClientOutput.Outcome.StartOver.class);
        TunnelClient second = new TunnelClient(memory, "c");
        assertThat(authorization(second, Half.DOWN)).isNotNull();
        assertThat(authorization(second, Half.UP)).isNotNull();
    }

    @Test
    void saysWhyTheTunnelIsNotOpened() {
        SourceFailure none = failure(receive(new TunnelClient(memory(null), "c"), Half.DOWN, unauthorized(DIGEST)));
        assertThat(none.kind()).isEqualTo(SourceFailure.Kind.CREDENTIALS);
        assertThat(none.detail()).contains("asks for user and password");
        receive(new TunnelClient(memory, "c"), Half.DOWN, unauthorized(DIGEST));
        TunnelClient second = new TunnelClient(memory, "c");
        second.request(Half.DOWN, "test");
        SourceFailure wrong = failure(receive(second, Half.DOWN, unauthorized(DIGEST)));
        assertThat(wrong.kind()).isEqualTo(SourceFailure.Kind.CREDENTIALS);
        assertThat(wrong.detail()).contains("refuses user and password");
        SourceFailure missing =
                failure(receive(new TunnelClient(memory, "c"), Half.DOWN, "HTTP/1.1 404 Not Found\r\n\r\n"));
        assertThat(missing.kind()).isEqualTo(SourceFailure.Kind.REFUSED);
        assertThat(missing.detail()).contains("404");
    }

    @Test
    void aCameraThatAsksAgainAndAgainIsGivenUp() {
        int startOvers = 0;
        TunnelClient.Answer answer = new TunnelClient.Answer.Incomplete();
        for (int i = 0; i < 20; i++) {
            TunnelClient client = new TunnelClient(memory, "c");
            client.request(Half.DOWN, "test");
            receive(client, Half.DOWN, OPEN);
            client.request(Half.UP, "test");
            answer = receive(client, Half.UP, unauthorized(DIGEST.replace("n1", "n" + i)));
            if (over(answer) instanceof ClientOutput.Outcome.Failed) {
                break;
            }
            startOvers++;
        }
        assertThat(startOvers).isBetween(1, 6);
        assertThat(failure(answer).kind()).isEqualTo(SourceFailure.Kind.CREDENTIALS);
    }

    @Test
    void survivesDamagedAnswers() {
        Random random = new Random(17);
        byte[] sound = unauthorized(BASIC + DIGEST).getBytes(StandardCharsets.ISO_8859_1);
        for (int round = 0; round < 3_000; round++) {
            byte[] damaged = sound.clone();
            for (int i = random.nextInt(10); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt(256) : "\r\n :=,\"$".charAt(random.nextInt(8)));
            }
            TunnelClient client = new TunnelClient(memory(new CameraCredentials("u", "p")), "c");
            for (int at = 0; at < damaged.length; ) {
                int length = Math.min(damaged.length - at, 1 + random.nextInt(damaged.length));
                TunnelClient.Answer answer = client.receive(Half.DOWN, Unpooled.wrappedBuffer(damaged, at, length));
                if (answer instanceof TunnelClient.Answer.Open open) {
                    assertThat(open.rest()).isBetween(0, length);
                }
                at += length;
            }
        }
    }

    @Test
    void aHeadWithoutEndIsRefused() {
        TunnelClient client = new TunnelClient(memory, "c");
        TunnelClient.Answer answer = receive(client, Half.DOWN, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 100 && answer instanceof TunnelClient.Answer.Incomplete; i++) {
            answer = receive(client, Half.DOWN, "X: " + "y".repeat(2000) + "\r\n");
        }
        assertThat(failure(answer).kind()).isEqualTo(SourceFailure.Kind.REFUSED);
    }
}
