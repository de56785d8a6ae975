package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtsp.AuthElement;
import org.porchlight.relay.rtsp.AuthorizationHeader;
import org.porchlight.relay.rtsp.WwwAuthenticate;
import org.porchlight.relay.rtsp.client.ClientAuthentication.Verdict;

class ClientAuthenticationTest {
    private final Set<CameraQuirk> quirks = EnumSet.noneOf(CameraQuirk.class);

    private ClientAuthentication authentication(String user, String password, String clientNonce) {
        return new ClientAuthentication(new CameraCredentials(user, password), () -> clientNonce, quirks);
    }

    private static List<AuthElement> offer(String... values) {
        return WwwAuthenticate.parse(List.of(values));
    }

    private static String parameter(ClientAuthentication by, String method, String uri, String name) {
        String header = by.authorization(method, uri);
        assertThat(header).isNotNull();
        AuthElement element = AuthorizationHeader.parse(header == null ? "" : header);
        return element == null ? "" : element.parameterOr(name, "");
    }

    @Test
    void answersTheExampleOfRfc2617() {
        ClientAuthentication mufasa = authentication("Mufasa", "Circle Of Life", "0a4f113b");
        Verdict verdict = mufasa.onUnauthorized(
                offer("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\","
                        + " nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""),
                false);
        assertThat(verdict).isEqualTo(Verdict.RETRY);
        String header = mufasa.authorization("GET", "/dir/index.html");
        assertThat(header)
                .contains("response=\"6629fae49393a05397450978507c4ef1\"")
                .contains("nc=00000001")
                .contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"")
                .doesNotContain("algorithm");
    }

    @Test
    void answersTheExampleOfRfc2069AsCorrected() {
        ClientAuthentication mufasa = authentication("Mufasa", "CircleOfLife", "unused");
        mufasa.onUnauthorized(
                offer("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""), false);
        assertThat(mufasa.authorization("GET", "/dir/index.html"))
                .contains("response=\"1949323746fe6a43ef61f9606e7febea\"")
                .doesNotContain("cnonce");
    }

    @Test
    void answersTheExamplesOfRfc7616() {
        String parameters = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\","
                + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        String sha256 = "Digest algorithm=SHA-256, " + parameters;
        String md5 = "Digest algorithm=MD5, " + parameters;
        String clientNonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

        ClientAuthentication strong = authentication("Mufasa", "Circle of Life", clientNonce);
        strong.onUnauthorized(offer(md5, sha256), false);
        assertThat(parameter(strong, "GET", "/dir/index.html", "response"))
                .isEqualTo("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");

        ClientAuthentication old = authentication("Mufasa", "Circle of Life", clientNonce);
        old.onUnauthorized(offer(md5), false);
        assertThat(parameter(old, "GET", "/dir/index.html", "response")).isEqualTo("8ca523f5e9506fed4657c9700eebdbec");
    }

    @Test
    void triesTheNextAlgorithmWhenOneIsRefusedThenGivesUp() {
        ClientAuthentication user = authentication("u", "p", "c");
        String sha256 = "Digest realm=\"r\", nonce=\"1\", algorithm=SHA-256";
        String md5 = "Digest realm=\"r\", nonce=\"2\", algorithm=MD5";
        assertThat(user.onUnauthorized(offer(sha256, md5), false)).isEqualTo(Verdict.RETRY);
        assertThat(parameter(user, "OPTIONS", "*", "algorithm")).isEqualTo("SHA-256");
        assertThat(user.onUnauthorized(offer(sha256, md5), false)).isEqualTo(Verdict.RETRY);
        assertThat(parameter(user, "OPTIONS", "*", "algorithm")).isEqualTo("MD5");
        assertThat(user.onUnauthorized(offer(sha256, md5), false)).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void givesUpOnACameraThatCallsEveryNonceStale() {
        ClientAuthentication user = authentication("u", "p", "c");
        Verdict verdict = Verdict.RETRY;
        int rounds = 0;
        while (verdict == Verdict.RETRY) {
            verdict = user.onUnauthorized(offer("Digest realm=\"r\", nonce=\"" + rounds + "\", stale=true"), false);
            user.authorization("OPTIONS", "*");
            assertThat(++rounds).isLessThan(10);
        }
        assertThat(verdict).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void passesOverWhatItCannotAnswer() {
        ClientAuthentication user = authentication("u", "p", "c");
        assertThat(user.onUnauthorized(offer("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256"), false))
                .isEqualTo(Verdict.NO_USABLE_CHALLENGE);
        assertThat(user.onUnauthorized(offer("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""), false))
                .isEqualTo(Verdict.NO_USABLE_CHALLENGE);
        assertThat(user.onUnauthorized(offer("Negotiate"), false)).isEqualTo(Verdict.NO_USABLE_CHALLENGE);
        assertThat(user.onUnauthorized(List.of(), false)).isEqualTo(Verdict.NO_USABLE_CHALLENGE);
        assertThat(user.authorization("OPTIONS", "*")).isNull();
    }

    @Test
    void tellsOfBasicOnlyWhereItCanBeRead() {
        authentication("u", "p", "c").onUnauthorized(offer("Basic realm=\"r\""), true);
        assertThat(quirks).isEmpty();
        authentication("u", "p", "c").onUnauthorized(offer("Basic realm=\"r\""), false);
        assertThat(quirks).containsExactly(CameraQuirk.BASIC_IN_CLEAR);
    }
}
