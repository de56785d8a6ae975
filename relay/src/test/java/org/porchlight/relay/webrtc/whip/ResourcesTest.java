package org.porchlight.relay.webrtc.whip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.egress.TileChoice;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

class ResourcesTest {
    private static final String TOKEN = "Bearer abc";
    private static final String CANDIDATE = """
            a=ice-ufrag:EsAw
            a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
            m=audio 9 RTP/AVP 0
            a=mid:0
            a=candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host
            """;

    private final WhipFixture fixture = new WhipFixture(10);
    private String path = "";
    private String tag = "";

    @BeforeEach
    void watch() {
        path = fixture.watch("abc");
        tag = fixture.last.header("ETag").orElseThrow();
        fixture.control.asked.clear();
    }

    private EdgeResponse patch(String ifMatch, String body) {
        return fixture.answer(
                "PATCH", path, body, "Content-Type", WhipFixture.FRAGMENT, "If-Match", ifMatch, "Authorization", TOKEN);
    }

    @Test
    void takesCandidatesOfTheIceSessionThatIsOn() {
        EdgeResponse response = patch("\"old\", " + tag, CANDIDATE);
        assertThat(response.status()).isEqualTo(204);
        assertThat(response.header("ETag")).contains(tag);
        TrickleFragment fragment = fixture.lastSession.fragments.get(0);
        assertThat(fragment.candidates()).hasSize(1);
        assertThat(fragment.credentials().orElseThrow().ufrag()).isEqualTo("EsAw");
        assertThat(fixture.control.asked).isEmpty();
    }

    @Test
    void restartsIceUnderANewTag() {
        IceCredentials ours = new IceCredentials("ours", "abcdefghijklmnopqrstuv");
        fixture.lastSession.update = CompletableFuture.completedFuture(
                new MediaSession.IceUpdate.Restarted(new TrickleFragment(Optional.of(ours), "0", List.of(), true)));
        EdgeResponse response = patch("*", CANDIDATE);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).contains(WhipFixture.FRAGMENT);
        assertThat(response.text()).contains("a=ice-ufrag:ours\r\n", "a=end-of-candidates\r\n");
        String newTag = response.header("ETag").orElseThrow();
        assertThat(newTag).isNotEqualTo(tag);
        assertThat(patch(tag, CANDIDATE).status()).isEqualTo(412);
        assertThat(patch(newTag, CANDIDATE).status()).isEqualTo(200);
    }

    @Test
    void refusesFragmentsOfNoOrOfAnotherIceSession() {
        assertThat(fixture.answer(
                                "PATCH", path, CANDIDATE, "Content-Type", WhipFixture.FRAGMENT, "Authorization", TOKEN)
                        .status())
                .isEqualTo(428);
        assertThat(patch("\"old\"", CANDIDATE).status()).isEqualTo(412);
        assertThat(patch("W/" + tag, CANDIDATE).status()).isEqualTo(412);
        assertThat(fixture.lastSession.fragments).isEmpty();
    }

    @Test
    void refusesWhatIsNoFragment() {
        assertThat(patch(tag, "hello").status()).isEqualTo(400);
        assertThat(patch(tag, "a".repeat(17 << 10)).status()).isEqualTo(413);
        EdgeResponse json =
                fixture.answer("PATCH", path, "{}", "Content-Type", "application/json", "Authorization", TOKEN);
        assertThat(json.status()).isEqualTo(415);
        assertThat(json.header("Accept-Patch")).contains(WhipFixture.FRAGMENT);
        fixture.lastSession.update =
                CompletableFuture.completedFuture(new MediaSession.IceUpdate.Refused("ICE cannot restart now."));
        assertThat(patch("*", CANDIDATE).status()).isEqualTo(422);
        fixture.lastSession.update = CompletableFuture.failedFuture(new IllegalStateException("ended"));
        assertThat(patch("*", CANDIDATE).status()).isEqualTo(404);
    }

    @Test
    void endsOnceAndIsUnknownAfterwards() {
        EdgeResponse response = fixture.answer("DELETE", path, "", "Authorization", TOKEN);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Access-Control-Allow-Origin")).contains("*");
        assertThat(fixture.lastSession.closed).containsExactly("teardown");
        assertThat(fixture.edge.sessions()).isZero();
        assertThat(fixture.answer("DELETE", path, "", "Authorization", TOKEN).status())
                .isEqualTo(404);
        assertThat(patch(tag, CANDIDATE).status()).isEqualTo(404);
    }

    @Test
    void isNotFoundUnderTheOtherProtocol() {
        String whip = path.replace("/whep/", "/whip/");
        assertThat(fixture.answer("DELETE", whip, "", "Authorization", TOKEN).status())
                .isEqualTo(404);
        assertThat(fixture.lastSession.closed).isEmpty();
    }

    @Test
    void letsNobodyElseTouchASession() {
        for (String[] headers : new String[][] {{}, {"Authorization", "Bearer other"}}) {
            CompletableFuture<EdgeResponse> response = fixture.send("DELETE", path, "", headers);
            fixture.control.open.remove().complete(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
            assertThat(response.join().status()).isEqualTo(401);
        }
        CompletableFuture<EdgeResponse> another = fixture.send("DELETE", path, "", "Authorization", "Bearer of-bob");
        fixture.control.permit("bob");
        assertThat(another.join().status()).isEqualTo(403);
        CompletableFuture<EdgeResponse> anonymous = fixture.send("DELETE", path, "");
        fixture.control.permit("ann");
        assertThat(anonymous.join().status()).isEqualTo(403);
        assertThat(fixture.control.ended)
                .hasSize(2)
                .allMatch(report -> report.reason().equals("unused"));
        assertThat(fixture.lastSession.closed).isEmpty();
    }

    @Test
    void knowsThePersonByARenewedToken() {
        CompletableFuture<EdgeResponse> response = fixture.send("DELETE", path, "", "Authorization", "Bearer renewed");
        assertThat(fixture.control.asked).containsExactly("view yard MAIN bearer renewed webrtc encrypted ");
        fixture.control.permit("ann");
        assertThat(response.join().status()).isEqualTo(200);
        assertThat(fixture.lastSession.closed).containsExactly("teardown");
        assertThat(fixture.control.ended).hasSize(1);
    }

    @Test
    void aPausedTileWantsNothingWhateverItsRendition() {
        assertThat(new LayerChoice(LayerChoice.Wanted.SUB, 1, 1, false).tile()).isEqualTo(TileChoice.SUB);
        assertThat(new LayerChoice(LayerChoice.Wanted.MAIN, 1, 1, false).tile()).isEqualTo(TileChoice.MAIN);
        assertThat(new LayerChoice(LayerChoice.Wanted.AUTO, 1, 1, false).tile()).isEqualTo(TileChoice.AUTO);
        assertThat(new LayerChoice(LayerChoice.Wanted.MAIN, 1, 1, true).tile()).isEqualTo(TileChoice.PAUSED);
    }

    @Test
    void takesAWishForALayer() {
        EdgeResponse response = fixture.answer(
                "POST", path + "/layer", "sub", "Content-Type", "application/json", "Authorization", TOKEN);
        assertThat(response.status()).isEqualTo(204);
        assertThat(fixture.lastSession.choices)
                .containsExactly(new LayerChoice(LayerChoice.Wanted.SUB, 320, 180, false));
        assertThat(fixture.answer(
                                "POST",
                                path + "/layer",
                                "?",
                                "Content-Type",
                                "application/json",
                                "Authorization",
                                TOKEN)
                        .status())
                .isEqualTo(400);
        assertThat(fixture.answer("POST", path + "/layer", "sub", "Authorization", TOKEN)
                        .status())
                .isEqualTo(415);
        fixture.lastSession.chooses = false;
        assertThat(fixture.answer(
                                "POST",
                                path + "/layer",
                                "sub",
                                "Content-Type",
                                "application/json",
                                "Authorization",
                                TOKEN)
                        .status())
                .isEqualTo(422);
    }
}
