package org.porchlight.relay.rtsp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;

class HeaderFieldsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "RTP/AVP;unicast;client_port=4588-4589 ! RTP/AVP;unicast;client_port=4588-4589",
                "RTP/AVP/UDP; unicast ; client_port = 4588 ! RTP/AVP;unicast;client_port=4588-4589",
                "rtp/avp/tcp;interleaved=2-3 ! RTP/AVP/TCP;unicast;interleaved=2-3",
                "RTP/AVP/TCP;interleaved=4;unicast ! RTP/AVP/TCP;unicast;interleaved=4-5",
                "RTP/AVP;multicast;ttl=127;mode=\"PLAY\" ! RTP/AVP;multicast",
                "RTP/AVP/TCP;unicast;mode=record ! RTP/AVP/TCP;unicast;mode=record",
                "RTP/AVP/TCP;unicast;mode=\"RECEIVE\" ! RTP/AVP/TCP;unicast;mode=record",
                "RTP/AVP;unicast;mode=PLAY,RTP/AVP/TCP;interleaved=0-1 ! RTP/AVP;unicast,RTP/AVP/TCP;unicast;interleaved=0-1",
                "RTP/AVP;unicast;mode=\"PLAY,RECORD\";client_port=1-2 ! RTP/AVP;unicast;client_port=1-2",
                "RTP/SAVP;unicast;client_port=1-2 ! RTP/SAVP;unicast;client_port=1-2",
                "RTP/AVP;ssrc=deadbeef;server_port=5000-5001;source=10.0.0.1 ! RTP/AVP;unicast;source=10.0.0.1;server_port=5000-5001;ssrc=DEADBEEF",
                "RTP/AVP;ssrc=0x1F;server_port=x;client_port=;;interleaved=300-301 ! RTP/AVP;unicast;ssrc=0000001F",
                "RTP/AVP;client_port=70000-70001 ! RTP/AVP;unicast",
                "RTP/AVP;client_port=6000-junk ! RTP/AVP;unicast;client_port=6000-6001",
                "RTP/AVP;ssrc=123456789 ! RTP/AVP;unicast",
                "nonsense ! ''",
                "/ ! ''"
            })
    void readsTransportsAsCamerasAndPlayersWriteThem(String text, String rendered) {
        assertThat(TransportHeader.parse(text).render()).isEqualTo(rendered);
    }

    @Test
    void boundsTheNumberOfTransports() {
        assertThat(TransportHeader.parse("RTP/AVP,".repeat(1000)).specs()).hasSize(16);
        assertThat(TransportHeader.parse(List.of("RTP/AVP", "RTP/AVP/TCP")).specs())
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "12345678 ! 12345678 ! -1",
                "12345678;timeout=60 ! 12345678 ! 60",
                " ab ; x=1; Timeout = 30 sec ! ab ! 30",
                "ab;timeout= ! ab ! -1",
                "ab;timeout ! ab ! -1"
            })
    void readsSessions(String text, String id, int timeout) {
        assertThat(SessionHeader.parse(text)).isEqualTo(new SessionHeader(id, timeout));
    }

    @Test
    void findsNoSessionInAnEmptyValue() {
        assertThat(SessionHeader.parse("")).isNull();
        assertThat(SessionHeader.parse(" ;timeout=60")).isNull();
    }

    @Test
    void readsRtpInfoWithUrlsOfAnyKind() {
        assertThat(RtpInfo.parse(
                                "url=rtsp://h/a,b;c=url=1/trackID=0;seq=17;rtptime=4294967295, url=trackID=1;rtptime=5;seq=70000")
                        .entries())
                .containsExactly(
                        new RtpInfo.Entry("rtsp://h/a,b;c=url=1/trackID=0", 17, 4294967295L),
                        new RtpInfo.Entry("trackID=1", -1, 5));
        RtpInfo info = new RtpInfo(List.of(new RtpInfo.Entry("a", 1, 2), new RtpInfo.Entry("b", -1, -1)));
        assertThat(info.render()).isEqualTo("url=a;seq=1;rtptime=2,url=b");
        assertThat(RtpInfo.parse(info.render())).isEqualTo(info);
        assertThat(RtpInfo.parse("seq=1").entries()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "npt=now-,npt=now-",
        "npt=0.000-,npt=0.000-",
        "NPT = 0 - 10,npt=0-10",
        "clock=20260101T000000Z-,clock=20260101T000000Z-",
        "npt=0-;time=19970123T143720Z,npt=0-",
        "smpte-25=10:07:00-,smpte-25=10:07:00-"
    })
    void readsRanges(String text, String rendered) {
        RangeHeader range = requireNonNull(RangeHeader.parse(text));
        assertThat(range.render()).isEqualTo(rendered);
    }

    @ParameterizedTest
    @CsvSource({"npt", "npt=5", "bytes=0-5", "npt=a-b", "=-", "''"})
    void refusesWhatIsNoRange(String text) {
        assertThat(RangeHeader.parse(text)).isNull();
    }

    @Test
    void readsSeveralChallengesInOneOrManyHeaders() {
        List<AuthElement> challenges = WwwAuthenticate.parse(List.of(
                "Digest realm=\"a, \\\"b\\\"\", nonce=\"x=\",algorithm=MD5 , stale=FALSE, Basic realm=\"c\"",
                "DIGEST realm=plain,qop=\"auth,auth-int\", algorithm=SHA-256"));
        assertThat(challenges).hasSize(3);
        assertThat(challenges.get(0).parameters())
                .isEqualTo(Map.of("realm", "a, \"b\"", "nonce", "x=", "algorithm", "MD5", "stale", "FALSE"));
        assertThat(challenges.get(1)).isEqualTo(new AuthElement("Basic", "", Map.of("realm", "c")));
        assertThat(challenges.get(2).isScheme("digest")).isTrue();
        assertThat(challenges.get(2).parameter("qop")).isEqualTo("auth,auth-int");
    }

    @Test
    void readsChallengesWithMissingCommasAndQuotes() {
        assertThat(WwwAuthenticate.parse(List.of("Digest realm=\"a\" nonce=\"b\" opaque=\"never closed")))
                .containsExactly(
                        new AuthElement("Digest", "", Map.of("realm", "a", "nonce", "b", "opaque", "never closed")));
        assertThat(WwwAuthenticate.parse(List.of("Negotiate, Basic realm=x"))).hasSize(2);
        assertThat(WwwAuthenticate.parse(List.of("Digest nonce=x, realm=, opaque=\"\"")))
                .containsExactly(new AuthElement("Digest", "", Map.of("nonce", "x", "realm", "", "opaque", "")));
    }

    @Test
    void readsCredentials() {
        AuthElement basic =
                requireNonNull(AuthorizationHeader.parse(AuthorizationHeader.renderBasic("käthe", "p:@#=\"ß")));
        assertThat(AuthorizationHeader.basicOf(basic))
                .isEqualTo(new AuthorizationHeader.UserPassword("käthe", "p:@#=\"ß"));
        assertThat(AuthorizationHeader.parse("Bearer abc.def-_~+/=="))
                .isEqualTo(new AuthElement("Bearer", "abc.def-_~+/==", Map.of()));
        assertThat(AuthorizationHeader.parse("")).isNull();
        assertThat(AuthorizationHeader.parse(" , ")).isNull();
        assertThat(AuthorizationHeader.basicOf(new AuthElement("Basic", "%%%", Map.of())))
                .isNull();
        assertThat(AuthorizationHeader.basicOf(new AuthElement("Basic", "YWJj", Map.of())))
                .isNull();
    }

    @Test
    void rendersDigestThatItReadsAgain() {
        DigestProof proof = new DigestProof(
                DigestAlgorithm.SHA_256,
                "a\"b\\",
                "r",
                "PLAY",
                "rtsp://h/x,y",
                "n==",
                "auth",
                "00000001",
                "cn",
                "0123");
        AuthElement read =
                requireNonNull(AuthorizationHeader.parse(AuthorizationHeader.renderDigest(proof, "op", true)));
        assertThat(read.parameters())
                .isEqualTo(Map.of(
                        "username",
                        "a\"b\\",
                        "realm",
                        "r",
                        "nonce",
                        "n==",
                        "uri",
                        "rtsp://h/x,y",
                        "algorithm",
                        "SHA-256",
                        "qop",
                        "auth",
                        "nc",
                        "00000001",
                        "cnonce",
                        "cn",
                        "response",
                        "0123",
                        "opaque",
                        "op"));
    }

    @Test
    void rendersChallenges() {
        assertThat(WwwAuthenticate.render(new Challenge.Basic("r"), "", false)).isEqualTo("Basic realm=\"r\"");
        assertThat(WwwAuthenticate.render(new Challenge.Bearer("r"), "", false)).isEqualTo("Bearer realm=\"r\"");
        assertThat(WwwAuthenticate.render(new Challenge.Digest("r", DigestAlgorithm.MD5), "n", true))
                .isEqualTo("Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\", stale=true");
    }

    @Test
    void neverFailsOnRandomHeaderValues() {
        String alphabet = "abAB019=\",;:-/ \t\\$urlnptseqRTP/AVPinterleavedmode";
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String value = text.toString();
            assertThat(TransportHeader.parse(value).specs().size()).isLessThanOrEqualTo(16);
            assertThat(WwwAuthenticate.parse(List.of(value)).size()).isLessThanOrEqualTo(16);
            RtpInfo.parse(value).render();
            SessionHeader session = SessionHeader.parse(value);
            assertThat(session == null || !session.id().isEmpty()).isTrue();
            RangeHeader range = RangeHeader.parse(value);
            assertThat(range == null || RangeHeader.parse(range.render()) != null)
                    .isTrue();
        }
    }

    @Test
    void letsNoLineBreakIntoAMessage() {
        RtspHeaders.Builder builder = RtspHeaders.builder();
        for (String bad : List.of("a\r\nb", "a\nb", "\0", "\u007f")) {
            assertThatThrownBy(() -> builder.add("X", bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> builder.add("X: y", "z")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.add("", "z")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comparesNamesWithoutCaseAndKeepsOrder() {
        RtspHeaders headers = RtspHeaders.of("cseq", "1", "WWW-Authenticate", "a", "www-authenticate", "b");
        assertThat(headers.first("CSeq")).isEqualTo("1");
        assertThat(headers.all("Www-Authenticate")).containsExactly("a", "b");
        assertThat(headers.toBuilder().set("WWW-Authenticate", "c").build().all("www-authenticate"))
                .containsExactly("c");
        assertThat(headers.toString()).doesNotContain("1");
    }

    @Test
    void readsSequenceNumbers() {
        assertThat(cseq("7")).isEqualTo(7);
        assertThat(cseq(" 2147483647 ")).isEqualTo(Integer.MAX_VALUE);
        assertThat(List.of(cseq("2147483648"), cseq("-1"), cseq("x"), cseq(""))).containsOnly(-1);
    }

    private static int cseq(String value) {
        return new RtspRequest("OPTIONS", "*", RtspHeaders.of("CSeq", value)).cseq();
    }
}
