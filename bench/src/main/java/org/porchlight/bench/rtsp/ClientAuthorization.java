package org.porchlight.bench.rtsp;

import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.rtsp.AuthElement;
import org.porchlight.relay.rtsp.AuthorizationHeader;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/** Answers challenges with Digest (RFC 7616) where the server offers it, else Basic. Owner: the loop of the connection. */
public final class ClientAuthorization {
    private final Login login;
    private final RandomGenerator random;
    private @Nullable AuthElement challenge;
    private int nonceCount;

    public ClientAuthorization(Login login, RandomGenerator random) {
        this.login = login;
        this.random = random;
    }

    /**
     * Takes the challenges of a 401.
     *
     * @return false when trying again is senseless: nothing we can answer, or our answer was refused and is not stale
     */
    public boolean onUnauthorized(RtspResponse response) {
        List<AuthElement> offers = WwwAuthenticate.parse(response.headers().all(RtspHeaders.WWW_AUTHENTICATE));
        AuthElement chosen = null;
        for (AuthElement offer : offers) {
            boolean digest = offer.isScheme("Digest") && algorithmOf(offer) != null;
            if (digest || (offer.isScheme("Basic") && chosen == null)) {
                chosen = offer;
                if (digest) {
                    break;
                }
            }
        }
        boolean again =
                chosen != null && (challenge == null || "true".equalsIgnoreCase(chosen.parameterOr("stale", "")));
        challenge = chosen;
        nonceCount = 0;
        return again;
    }

    /** The request with {@code Authorization}, once a challenge is known. */
    public RtspRequest authorize(RtspRequest request) {
        AuthElement known = challenge;
        if (known == null) {
            return request;
        }
        String value = known.isScheme("Basic")
                ? AuthorizationHeader.renderBasic(login.user(), login.password())
                : digest(known, request);
        return new RtspRequest(
                request.method(),
                request.uri(),
                request.headers().toBuilder()
                        .set(RtspHeaders.AUTHORIZATION, value)
                        .build(),
                request.body());
    }

    private String digest(AuthElement known, RtspRequest request) {
        DigestAlgorithm algorithm =
                algorithmOf(known) == DigestAlgorithm.SHA_256 ? DigestAlgorithm.SHA_256 : DigestAlgorithm.MD5;
        String realm = known.parameterOr("realm", "");
        String nonce = known.parameterOr("nonce", "");
        String qop = List.of(known.parameterOr("qop", "").split("\\s*,\\s*")).contains("auth") ? "auth" : "";
        String count = qop.isEmpty() ? "" : String.format("%08x", ++nonceCount);
        String clientNonce = qop.isEmpty() ? "" : HexFormat.of().toHexDigits(random.nextLong());
        String ha1 = DigestProof.ha1(algorithm, login.user(), realm, login.password());
        String ha2 = DigestProof.hash(algorithm, request.method() + ":" + request.uri());
        String middle = qop.isEmpty() ? nonce : nonce + ":" + count + ":" + clientNonce + ":" + qop;
        String response = DigestProof.hash(algorithm, ha1 + ":" + middle + ":" + ha2);
        DigestProof proof = new DigestProof(
                algorithm,
                login.user(),
                realm,
                request.method(),
                request.uri(),
                nonce,
                qop,
                count,
                clientNonce,
                response);
        return AuthorizationHeader.renderDigest(proof, known.parameter("opaque"), known.parameter("algorithm") != null);
    }

    private static @Nullable DigestAlgorithm algorithmOf(AuthElement offer) {
        String name = offer.parameterOr("algorithm", "MD5");
        for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
            if (algorithm.token().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }
}
