package org.porchlight.relay.webrtc.whip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.metrics.Counter;

class OffersTest {
    private final WhipFixture fixture = new WhipFixture(2);

    private CompletableFuture<EdgeResponse> offer(String path, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "content-type";
        all[1] = "Application/SDP; charset=utf-8";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return fixture.send("POST", path, "v=0 offer", all);
    }

    @Test
    void makesASessionForAPermittedViewerAndSaysWhereItIs() {
        CompletableFuture<EdgeResponse> response =
                offer("/whep/north/gate/sub", "AUTHORIZATION", "bearer  tok.en", "User-Agent", "tile");
        assertThat(fixture.control.asked).containsExactly("view north/gate SUB bearer tok.en webrtc encrypted tile");
        assertThat(fixture.media.offers).isEmpty();
        fixture.control.permit("ann");
        MediaOffer offer = fixture.media.offers.get(0);
        assertThat(offer.stream().camera()).isEqualTo("north/gate");
        assertThat(offer.stream().rendition()).isEqualTo(Rendition.SUB);
        assertThat(offer.publishes()).isFalse();
        assertThat(offer.mark()).isEqualTo(17);
        assertThat(offer.description()).isEqualTo("v=0 offer");
        assertThat(response).isNotDone();
        fixture.media.make();
        EdgeResponse made = response.join();
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text()).isEqualTo("v=0 answer");
        assertThat(made.header("content-type")).contains("application/sdp");
        String location = made.header("Location").orElseThrow();
        assertThat(location).matches("/whep/~[A-Za-z0-9_-]{22}");
        assertThat(made.header("ETag").orElseThrow()).matches("\"[A-Za-z0-9_-]{12}\"");
        assertThat(made.header("Accept-Patch")).contains("application/trickle-ice-sdpfrag");
        assertThat(made.headers())
                .filteredOn(header -> header.name().equals("Link"))
                .extracting(EdgeResponse.Header::value)
                .containsExactly(
                        "<stun:stun.example:3478>; rel=\"ice-server\"",
                        "<turn:turn.example>; rel=\"ice-server\"; username=\"a\\\"b\"; credential=\"c\\\\d\"; "
                                + "credential-type=\"password\"",
                        "<" + location + "/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\"");
        assertThat(made.header("Access-Control-Allow-Origin")).contains("*");
        assertThat(made.header("Access-Control-Expose-Headers").orElseThrow())
                .contains("Location", "ETag", "Link", "Accept-Patch");
        assertThat(fixture.edge.sessions()).isEqualTo(1);
        assertThat(fixture.control.ended).isEmpty();
    }

    @Test
    void asksForAPublisherWhetherItMayPublish() {
        offer("/whip/phones/7", "Authorization", "Basic YW5uOnA6dw==");
        assertThat(fixture.control.asked).containsExactly("publish phones/7 MAIN basic ann p:w");
        fixture.control.permit("ann");
        assertThat(fixture.media.offers.get(0).publishes()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"FORBIDDEN,403,forbidden", "NOT_FOUND,404,not-found", "QUOTA,429,quota", "UNAVAILABLE,503,unavailable"})
    void saysWhyAdmissionSaysNo(DenyCode code, int status, String type) {
        CompletableFuture<EdgeResponse> response = offer("/whep/yard");
        fixture.control.open.remove().complete(new Answer.Deny(code));
        assertThat(response.join().status()).isEqualTo(status);
        assertThat(response.join().text()).contains("\"type\":\"urn:porchlight:problem:" + type + "\"");
        assertThat(response.join().header("Retry-After").isPresent()).isEqualTo(status == 429 || status == 503);
        assertThat(response.join().header("Access-Control-Allow-Origin")).contains("*");
        assertThat(fixture.media.offers).isEmpty();
    }

    @Test
    void shedsNoLightOnCamerasForStrangersAndTellsThemHowToLogIn() {
        CompletableFuture<EdgeResponse> response = offer("/whep/yard");
        fixture.control.open.remove().complete(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
        assertThat(response.join().status()).isEqualTo(401);
        assertThat(response.join().headers())
                .filteredOn(header -> header.name().equals("WWW-Authenticate"))
                .extracting(EdgeResponse.Header::value)
                .containsExactly("Bearer realm=\"porchlight\"", "Basic realm=\"por\\\"ch\"");
        fixture.control.challenges = List.of();
        CompletableFuture<EdgeResponse> hopeless = offer("/whep/yard");
        fixture.control.open.remove().complete(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
        assertThat(hopeless.join().status()).isEqualTo(403);
    }

    @Test
    void asksNobodyAboutCredentialsThatAreNone() {
        for (String value : List.of("Negotiate abc", "Bearer", "Bearer a b", "Bearer ä", "Basic %%%", "Basic YWJj")) {
            assertThat(offer("/whep/yard", "Authorization", value).join().status())
                    .as(value)
                    .isEqualTo(401);
        }
        assertThat(fixture.control.asked).isEmpty();
    }

    @Test
    void countsAFailureOfAdmissionAsNo() {
        CompletableFuture<EdgeResponse> response = offer("/whep/yard");
        fixture.control.open.remove().completeExceptionally(new IllegalStateException("gone"));
        assertThat(response.join().status()).isEqualTo(503);
        assertThat(fixture.counted).containsEntry(Counter.ADMISSION_UNAVAILABLE, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "BROKEN_OFFER,400",
        "UNUSABLE_OFFER,422",
        "NO_CODEC_IN_COMMON,406",
        "NO_SUCH_STREAM,404",
        "NO_SOURCE,503",
        "NOT_PUBLISHABLE,405",
        "OCCUPIED,409",
        "CUT,403",
        "OVERLOADED,503"
    })
    void saysWhyThereIsNoSessionAndGivesThePermitBack(MediaCreation.Refusal refusal, int status) {
        CompletableFuture<EdgeResponse> response = offer("/whip/yard");
        fixture.control.permit("ann");
        fixture.media.refuse(refusal, "because \"of\" \u00fc\n");
        assertThat(response.join().status()).isEqualTo(status);
        assertThat(response.join().header("Content-Type")).contains("application/problem+json");
        assertThat(response.join().text()).contains("\"detail\":\"because \\\"of\\\" \\u00fc\\u000a\"");
        assertThat(fixture.control.ended)
                .hasSize(1)
                .allMatch(report -> report.reason().equals("unused"));
        assertThat(fixture.edge.sessions()).isZero();
    }

    @Test
    void givesThePermitBackWhenMakingASessionFails() {
        CompletableFuture<EdgeResponse> response = offer("/whep/yard");
        fixture.control.permit("ann");
        fixture.media.open.remove().completeExceptionally(new IllegalStateException("ours"));
        assertThat(response.join().status()).isEqualTo(500);
        assertThat(response.join().text()).doesNotContain("ours");
        assertThat(fixture.control.ended).hasSize(1);
    }

    @Test
    void looksAtTypeAndSizeBeforeItAsksAnybody() {
        assertThat(fixture.answer("POST", "/whep/yard", "v=0", "Content-Type", "text/plain")
                        .status())
                .isEqualTo(415);
        EdgeResponse untyped = fixture.answer("POST", "/whep/yard", "v=0");
        assertThat(untyped.status()).isEqualTo(415);
        assertThat(untyped.header("Accept-Post")).contains("application/sdp");
        assertThat(fixture.answer("POST", "/whep/yard", "", "Content-Type", WhipFixture.SDP)
                        .status())
                .isEqualTo(400);
        String large = "a".repeat(WhipEdge.MAX_OFFER_BYTES + 1);
        assertThat(fixture.answer("POST", "/whep/yard", large, "Content-Type", WhipFixture.SDP)
                        .status())
                .isEqualTo(413);
        assertThat(fixture.control.asked).isEmpty();
        assertThat(fixture.counted)
                .containsEntry(Counter.WHIP_REQUESTS, 4)
                .containsEntry(Counter.WHIP_UNSUPPORTED, 2)
                .containsEntry(Counter.WHIP_MALFORMED, 1)
                .containsEntry(Counter.WHIP_TOO_LARGE, 1);
    }

    @Test
    void takesNoMoreSessionsThanItsLimitAndAgainWhenOneHasEnded() {
        String first = fixture.watch("a");
        FakeMedia.Session session = fixture.lastSession;
        fixture.watch("b");
        EdgeResponse refused = offer("/whep/yard").join();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isPresent();
        session.ended.complete(null);
        assertThat(fixture.edge.sessions()).isEqualTo(1);
        assertThat(fixture.answer("DELETE", first, "", "Authorization", "Bearer a")
                        .status())
                .isEqualTo(404);
        CompletableFuture<EdgeResponse> third = offer("/whep/yard");
        fixture.control.open.remove().complete(new Answer.Deny(DenyCode.FORBIDDEN));
        assertThat(third.join().status()).isEqualTo(403);
        offer("/whep/yard");
        assertThat(fixture.control.asked).hasSize(4);
    }

    @Test
    void leavesNothingBehindWhenTheClientHasGoneMeanwhile() {
        CompletableFuture<EdgeResponse> beforeThePermit = offer("/whep/yard");
        beforeThePermit.cancel(false);
        fixture.control.permit("ann");
        assertThat(fixture.media.offers).isEmpty();
        assertThat(fixture.control.ended).hasSize(1);

        CompletableFuture<EdgeResponse> beforeTheAnswer = offer("/whep/yard");
        fixture.control.permit("ann");
        beforeTheAnswer.cancel(false);
        FakeMedia.Session session = fixture.media.make();
        assertThat(session.closed).containsExactly("abandoned");
        assertThat(fixture.edge.sessions()).isZero();
        // It is the session that tells admission of its end.
        assertThat(fixture.control.ended).hasSize(1);
        fixture.watch("a");
        fixture.watch("b");
        assertThat(fixture.edge.sessions()).isEqualTo(2);
    }

    @Test
    void tellsPagesOfOtherOriginsWhatTheyMayDoWithoutAskingAnybody() {
        EdgeResponse endpoint = fixture.answer("OPTIONS", "/whip/nowhere", "");
        assertThat(endpoint.status()).isEqualTo(204);
        assertThat(endpoint.header("Accept-Post")).contains("application/sdp");
        assertThat(endpoint.header("Access-Control-Allow-Methods")).contains("POST, OPTIONS");
        assertThat(endpoint.header("Access-Control-Allow-Headers")).contains("Authorization, Content-Type, If-Match");
        EdgeResponse session = fixture.answer("OPTIONS", "/whep/~abc", "");
        assertThat(session.header("Access-Control-Allow-Methods")).contains("PATCH, DELETE, OPTIONS");
        assertThat(session.header("Accept-Patch")).contains("application/trickle-ice-sdpfrag");
        assertThat(fixture.control.asked).isEmpty();
    }

    @Test
    void keepsOtherMethodsForLater() {
        Map<String, String> allowed = Map.of("/whep/yard", "POST, OPTIONS", "/whip/~abc", "PATCH, DELETE, OPTIONS");
        for (String path : allowed.keySet()) {
            for (String method : List.of("GET", "HEAD", "PUT", "TRACE", "post")) {
                EdgeResponse response = fixture.answer(method, path, "");
                assertThat(response.status()).as("%s %s", method, path).isEqualTo(405);
                assertThat(response.header("Allow")).contains(allowed.get(path));
            }
        }
    }

    @Test
    void knowsNoOtherPaths() {
        for (String path : List.of(
                "/",
                "/whep",
                "/whip/",
                "/whep/..",
                "/whep/a%2",
                "/hls/yard",
                "/whep/a b",
                "/whip/~a/layer",
                "/whep/~a/b")) {
            assertThat(fixture.answer("POST", path, "v=0").status()).as(path).isEqualTo(404);
        }
    }
}
