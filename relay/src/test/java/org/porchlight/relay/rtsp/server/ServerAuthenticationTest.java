package org.porchlight.relay.rtsp.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.rtsp.AuthorizationHeader;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.server.ServerAuthentication.Shown;

class ServerAuthenticationTest {
    private static final InetAddress HERE = new InetSocketAddress("192.0.2.1", 1).getAddress();
    private static final InetAddress ELSEWHERE = new InetSocketAddress("2001:db8::1", 1).getAddress();
    private static final long NOW = Long.MAX_VALUE - 5;
    private static final long FIVE_MINUTES = Duration.ofMinutes(5).toNanos();

    private final ServerNonces nonces = new ServerNonces(new byte[16], Duration.ofMinutes(5));
    private final List<Challenge> challenges = new ArrayList<>(List.of(
            new Challenge.Digest("relay", DigestAlgorithm.SHA_256),
            new Challenge.Digest("relay", DigestAlgorithm.MD5),
            new Challenge.Basic("relay")));
    private final ServerAuthentication authentication = new ServerAuthentication(nonces, () -> challenges);
    private final ResourcePath camera = requireNonNull(ResourcePath.parse("rtsp://relay/yard"));

    @Test
    void challengesInTheOrderOfAdmission() {
        List<String> values = authentication.challengeValues(HERE, true, NOW);
        assertThat(values).hasSize(3);
        assertThat(values.get(0)).contains("algorithm=SHA-256").endsWith("stale=true");
        assertThat(values.get(1)).contains("algorithm=MD5").contains("qop=\"auth\"");
        assertThat(values.get(2)).isEqualTo("Basic realm=\"relay\"");
    }

    @Test
    void asksPlayersForATokenOnlyWhereNothingElseHelps() {
        Challenge bearer = new Challenge.Bearer("relay");
        assertThat(new ServerAuthentication(nonces, () -> List.of(bearer, new Challenge.Basic("relay")))
                        .challengeValues(HERE, false, NOW))
                .containsExactly("Basic realm=\"relay\"");
        assertThat(new ServerAuthentication(nonces, () -> List.of(bearer)).challengeValues(HERE, false, NOW))
                .containsExactly("Bearer realm=\"relay\"");
    }

    @Test
    void handsADigestOnToBeJudged() {
        String nonce = nonces.issue(HERE, NOW);
        Shown shown = examine(digest(nonce, "rtsp://relay/yard", "relay", DigestAlgorithm.SHA_256, "auth"), HERE, NOW);
        DigestProof proof = proofOf(shown);
        assertThat(proof.method()).isEqualTo("DESCRIBE");
        assertThat(proof.matches(DigestProof.ha1(DigestAlgorithm.SHA_256, "ann", "relay", "secret")))
                .isTrue();
        assertThat(proof.matches(DigestProof.ha1(DigestAlgorithm.SHA_256, "ann", "relay", "guess")))
                .isFalse();
    }

    @Test
    void takesTheMethodFromTheRequestAndNotFromTheProof() {
        String nonce = nonces.issue(HERE, NOW);
        String value = digest(nonce, "rtsp://relay/yard", "relay", DigestAlgorithm.MD5, "");
        RtspRequest other = new RtspRequest("SETUP", "rtsp://relay/yard", RtspHeaders.of("Authorization", value));
        DigestProof proof = proofOf(authentication.examine(other, camera, HERE, NOW));
        assertThat(proof.matches(DigestProof.ha1(DigestAlgorithm.MD5, "ann", "relay", "secret")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rtsp://relay/yard",
                "rtsp://relay:8554/yard/",
                "/yard",
                "rtsp://10.0.0.1/yard/trackID=0",
                "rtsp://relay/yard?x=1",
                "rtsp://ann:x@relay/yard"
            })
    void takesTheUriOfADigestInAnySpelling(String uri) {
        String nonce = nonces.issue(HERE, NOW);
        assertThat(examine(digest(nonce, uri, "relay", DigestAlgorithm.MD5, "auth"), HERE, NOW))
                .isInstanceOf(Shown.Usable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rtsp://relay/other", "/yard/sub", "", "*", "rtsp://relay/"})
    void refusesADigestMadeForSomethingElse(String uri) {
        String nonce = nonces.issue(HERE, NOW);
        assertThat(examine(digest(nonce, uri, "relay", DigestAlgorithm.MD5, "auth"), HERE, NOW))
                .isInstanceOf(Shown.Unusable.class);
    }

    @Test
    void tellsAnOldNonceFromAForeignOne() {
        String nonce = nonces.issue(HERE, NOW);
        String value = digest(nonce, "/yard", "relay", DigestAlgorithm.MD5, "auth");
        assertThat(examine(value, HERE, NOW + FIVE_MINUTES)).isInstanceOf(Shown.Usable.class);
        assertThat(examine(value, HERE, NOW + FIVE_MINUTES + 1)).isInstanceOf(Shown.Stale.class);
        assertThat(examine(value, ELSEWHERE, NOW)).isInstanceOf(Shown.Unusable.class);
        ServerNonces others = new ServerNonces(
                "another secret of ours".getBytes(java.nio.charset.StandardCharsets.US_ASCII), Duration.ofMinutes(5));
        assertThat(others.check(nonce, HERE, NOW)).isEqualTo(ServerNonces.Verdict.FOREIGN);
        for (int i = 0; i < nonce.length(); i++) {
            char flipped = nonce.charAt(i) == '0' ? '1' : '0';
            String forged = nonce.substring(0, i) + flipped + nonce.substring(i + 1);
            assertThat(nonces.check(forged, HERE, NOW)).isEqualTo(ServerNonces.Verdict.FOREIGN);
        }
        assertThat(nonces.check("", HERE, NOW)).isEqualTo(ServerNonces.Verdict.FOREIGN);
        assertThat(nonces.check("z".repeat(nonce.length()), HERE, NOW)).isEqualTo(ServerNonces.Verdict.FOREIGN);
        assertThatThrownBy(() -> new ServerNonces(new byte[15], Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesWhatWasNotOffered() {
        String nonce = nonces.issue(HERE, NOW);
        assertThat(examine(digest(nonce, "/yard", "other realm", DigestAlgorithm.MD5, "auth"), HERE, NOW))
                .isInstanceOf(Shown.Unusable.class);
        assertThat(examine(digest(nonce, "/yard", "relay", DigestAlgorithm.MD5, "auth-int"), HERE, NOW))
                .isInstanceOf(Shown.Unusable.class);
        String unknown =
                digest(nonce, "/yard", "relay", DigestAlgorithm.MD5, "auth").replace("MD5", "SHA-512-256");
        assertThat(examine(unknown, HERE, NOW)).isInstanceOf(Shown.Unusable.class);
        challenges.removeIf(challenge -> !(challenge instanceof Challenge.Digest));
        assertThat(examine(AuthorizationHeader.renderBasic("ann", "secret"), HERE, NOW))
                .isInstanceOf(Shown.Unusable.class);
        challenges.remove(1);
        assertThat(examine(digest(nonce, "/yard", "relay", DigestAlgorithm.MD5, "auth"), HERE, NOW))
                .isInstanceOf(Shown.Unusable.class);
    }

    @Test
    void countsAMissingAlgorithmAsMd5() {
        String nonce = nonces.issue(HERE, NOW);
        String value = digest(nonce, "/yard", "relay", DigestAlgorithm.MD5, "").replace(", algorithm=MD5", "");
        assertThat(proofOf(examine(value, HERE, NOW)).algorithm()).isEqualTo(DigestAlgorithm.MD5);
    }

    private Shown examine(String value, InetAddress remote, long now) {
        RtspRequest request = new RtspRequest("DESCRIBE", "rtsp://relay/yard", RtspHeaders.of("Authorization", value));
        return authentication.examine(request, camera, remote, now);
    }

    private static DigestProof proofOf(Shown shown) {
        assertThat(shown).isInstanceOf(Shown.Usable.class);
        Credentials credentials = ((Shown.Usable) shown).credentials();
        assertThat(credentials).isInstanceOf(Credentials.Digest.class);
        return ((Credentials.Digest) credentials).proof();
    }

    private static String digest(String nonce, String uri, String realm, DigestAlgorithm algorithm, String qop) {
        String ha1 = DigestProof.ha1(algorithm, "ann", realm, "secret");
        String ha2 = DigestProof.hash(algorithm, "DESCRIBE:" + uri);
        String middle = qop.isEmpty() ? nonce : nonce + ":00000001:cn:" + qop;
        String response = DigestProof.hash(algorithm, ha1 + ":" + middle + ":" + ha2);
        return AuthorizationHeader.renderDigest(
                new DigestProof(algorithm, "ann", realm, "DESCRIBE", uri, nonce, qop, "00000001", "cn", response),
                null,
                true);
    }
}
