package org.porchlight.bench.camera;

import org.jspecify.annotations.Nullable;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.rtsp.AuthElement;
import org.porchlight.relay.rtsp.AuthorizationHeader;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/**
 * Asks for a name and password as cameras do. Immutable.
 *
 * @param scheme what it offers
 * @param login who may pass
 * @param nonce of Digest, the same for the life of the fleet: cameras do so, and a load generator needs no protection from replay
 */
public record CameraGate(Scheme scheme, Login login, String nonce) {
    private static final String REALM = "synthetic camera";

    /** What a camera offers in its challenge. */
    public enum Scheme {
        BASIC,
        DIGEST,
        DIGEST_SHA256
    }

    public boolean passes(RtspRequest request) {
        String value = request.headers().first(RtspHeaders.AUTHORIZATION);
        AuthElement shown = value == null ? null : AuthorizationHeader.parse(value);
        if (shown == null) {
            return false;
        }
        if (scheme == Scheme.BASIC) {
            AuthorizationHeader.UserPassword pair = shown.isScheme("Basic") ? AuthorizationHeader.basicOf(shown) : null;
            return pair != null
                    && pair.user().equals(login.user())
                    && pair.password().equals(login.password());
        }
        return shown.isScheme("Digest") && isRightDigest(shown, request);
    }

    private boolean isRightDigest(AuthElement shown, RtspRequest request) {
        DigestAlgorithm algorithm = algorithm();
        DigestProof proof = new DigestProof(
                algorithm,
                shown.parameterOr("username", ""),
                REALM,
                request.method(),
                shown.parameterOr("uri", ""),
                nonce,
                shown.parameterOr("qop", ""),
                shown.parameterOr("nc", ""),
                shown.parameterOr("cnonce", ""),
                shown.parameterOr("response", ""));
        return proof.user().equals(login.user())
                && nonce.equals(shown.parameter("nonce"))
                && proof.matches(DigestProof.ha1(algorithm, login.user(), REALM, login.password()));
    }

    private DigestAlgorithm algorithm() {
        return scheme == Scheme.DIGEST_SHA256 ? DigestAlgorithm.SHA_256 : DigestAlgorithm.MD5;
    }

    /** The value of {@code WWW-Authenticate}. */
    public String challenge() {
        Challenge challenge =
                scheme == Scheme.BASIC ? new Challenge.Basic(REALM) : new Challenge.Digest(REALM, algorithm());
        return WwwAuthenticate.render(challenge, nonce, false);
    }

    /** Null where no login is wanted. */
    public static @Nullable CameraGate of(Scheme scheme, @Nullable Login login, String nonce) {
        return login == null ? null : new CameraGate(scheme, login, nonce);
    }
}
