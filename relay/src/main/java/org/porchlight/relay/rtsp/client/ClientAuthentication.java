package org.porchlight.relay.rtsp.client;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.rtsp.AuthElement;
import org.porchlight.relay.rtsp.AuthorizationHeader;

/**
 * Proves to one camera who we are: Digest (RFC 7616 with MD5 and SHA-256, with qop or, as RFC 2069, without) or Basic (RFC 7617).
 * A nonce is used again, with a rising count, until the camera asks for a new one. Of several challenges the strongest that has not been refused is taken;
 * Basic only when no Digest is offered and none ever was, so that nobody on the way can talk us into sending the password.
 *
 * <p>The {@code -sess} variants and {@code auth-int} are left out: no camera needs them. Owner: the loop of the source.
 */
final class ClientAuthentication {
    /** Challenges answered in a row without a success before we give up. */
    private static final int MAX_ROUNDS = 5;

    private final @Nullable CameraCredentials credentials;
    private final Supplier<String> clientNonces;
    private final Set<CameraQuirk> quirks;
    private final Set<DigestAlgorithm> refused = EnumSet.noneOf(DigestAlgorithm.class);
    private @Nullable Challenge challenge;
    private boolean digestSeen;
    private int rounds;

    /** What became of a 401. */
    enum Verdict {
        /** Send the request again with {@link #authorization}. */
        RETRY("the camera asks for credentials"),
        /** The camera wants credentials and none are configured. */
        NO_CREDENTIALS("the camera asks for user and password"),
        /** The camera does not accept the configured credentials. */
        REFUSED("the camera refuses user and password"),
        /** The camera offers no way to authenticate that we know, or none that is safe. */
        NO_USABLE_CHALLENGE("the camera offers no authentication that can be used");

        private final String detail;

        Verdict(String detail) {
            this.detail = detail;
        }

        /** One line for people. */
        String detail() {
            return detail;
        }
    }

    /** What we answer to; {@code algorithm} null: Basic. */
    private static final class Challenge {
        final @Nullable DigestAlgorithm algorithm;
        final boolean algorithmNamed;
        final String realm;
        final String nonce;
        final @Nullable String opaque;
        final boolean qop;
        final boolean stale;
        int nonceCount;

        Challenge(AuthElement element, @Nullable DigestAlgorithm algorithm) {
            this.algorithm = algorithm;
            this.algorithmNamed = element.parameter("algorithm") != null;
            this.realm = element.parameterOr("realm", "");
            this.nonce = element.parameterOr("nonce", "");
            this.opaque = element.parameter("opaque");
            this.qop = !element.parameterOr("qop", "").isBlank();
            this.stale = element.parameterOr("stale", "").equalsIgnoreCase("true");
        }
    }

    /**
     * @param credentials null: none are configured, or the camera's host is not the one that they are for
     * @param clientNonces unpredictable texts of hexadecimal digits
     * @param quirks takes what was forgiven
     */
    ClientAuthentication(
            @Nullable CameraCredentials credentials, Supplier<String> clientNonces, Set<CameraQuirk> quirks) {
        this.credentials = credentials;
        this.clientNonces = clientNonces;
        this.quirks = quirks;
    }

    /** Value of {@code Authorization} for a request, or null while the camera has not asked. Each call uses up one nonce count. */
    @Nullable
    String authorization(String method, String uri) {
        Challenge current = challenge;
        if (current == null || credentials == null) {
            return null;
        }
        if (current.algorithm == null) {
            return AuthorizationHeader.renderBasic(credentials.user(), credentials.password());
        }
        current.nonceCount++;
        String count = current.qop ? String.format(Locale.ROOT, "%08x", current.nonceCount) : "";
        DigestProof unsigned = new DigestProof(
                current.algorithm,
                credentials.user(),
                current.realm,
                method,
                uri,
                current.nonce,
                current.qop ? "auth" : "",
                count,
                current.qop ? clientNonces.get() : "",
                "");
        return AuthorizationHeader.renderDigest(
                signed(unsigned, credentials.password()), current.opaque, current.algorithmNamed);
    }

    private static DigestProof signed(DigestProof proof, String password) {
        DigestAlgorithm algorithm = proof.algorithm();
        String ha1 = DigestProof.ha1(algorithm, proof.user(), proof.realm(), password);
        String ha2 = DigestProof.hash(algorithm, proof.method() + ":" + proof.uri());
        String middle = proof.qop().isEmpty()
                ? proof.nonce()
                : proof.nonce() + ":" + proof.nonceCount() + ":" + proof.clientNonce() + ":" + proof.qop();
        return new DigestProof(
                algorithm,
                proof.user(),
                proof.realm(),
                proof.method(),
                proof.uri(),
                proof.nonce(),
                proof.qop(),
                proof.nonceCount(),
                proof.clientNonce(),
                DigestProof.hash(algorithm, ha1 + ":" + middle + ":" + ha2));
    }

    /** A request was answered with anything but 401. */
    void onAccepted() {
        rounds = 0;
        refused.clear();
    }

    /**
     * A request was answered with 401.
     *
     * @param offered the camera's challenges
     * @param encrypted the connection is TLS
     */
    Verdict onUnauthorized(List<AuthElement> offered, boolean encrypted) {
        if (credentials == null) {
            return Verdict.NO_CREDENTIALS;
        }
        if (++rounds > MAX_ROUNDS) {
            return Verdict.REFUSED;
        }
        Challenge before = challenge;
        if (before != null && before.algorithm == null) {
            challenge = null;
            return Verdict.REFUSED;
        }
        if (before != null) {
            judgeRefusal(before, offered);
        }
        Challenge next = strongest(offered, encrypted);
        challenge = next;
        if (next == null) {
            return refused.isEmpty() ? Verdict.NO_USABLE_CHALLENGE : Verdict.REFUSED;
        }
        return Verdict.RETRY;
    }

    /** Was it the nonce that the camera did not like, or our answer? */
    private void judgeRefusal(Challenge before, List<AuthElement> offered) {
        DigestAlgorithm algorithm = before.algorithm;
        Challenge same = null;
        for (AuthElement element : offered) {
            if (element.isScheme("Digest") && algorithmOf(element) == algorithm) {
                same = new Challenge(element, algorithm);
                break;
            }
        }
        if (same == null || same.stale || algorithm == null) {
            return;
        }
        if (!same.realm.equals(before.realm)) {
            quirks.add(CameraQuirk.AUTHENTICATION_REALM_CHANGES);
        } else if (before.nonceCount > 1) {
            quirks.add(CameraQuirk.NONCE_NOT_REUSED);
        } else {
            refused.add(algorithm);
        }
    }

    private @Nullable Challenge strongest(List<AuthElement> offered, boolean encrypted) {
        Challenge best = null;
        boolean basic = false;
        for (AuthElement element : offered) {
            basic |= element.isScheme("Basic");
            if (!element.isScheme("Digest")) {
                continue;
            }
            digestSeen = true;
            DigestAlgorithm algorithm = algorithmOf(element);
            boolean usable = algorithm != null && offersAuth(element) && element.parameter("nonce") != null;
            if (usable && !refused.contains(algorithm) && (best == null || algorithm == DigestAlgorithm.SHA_256)) {
                best = best != null && best.algorithm == algorithm ? best : new Challenge(element, algorithm);
            }
        }
        if (best != null || !basic || digestSeen) {
            return best;
        }
        if (!encrypted) {
            quirks.add(CameraQuirk.BASIC_IN_CLEAR);
        }
        return new Challenge(new AuthElement("Basic", "", Map.of()), null);
    }

    private static @Nullable DigestAlgorithm algorithmOf(AuthElement element) {
        String name = element.parameterOr("algorithm", "MD5").strip();
        if (name.isEmpty() || name.equalsIgnoreCase("MD5")) {
            return DigestAlgorithm.MD5;
        }
        return name.equalsIgnoreCase("SHA-256") || name.equalsIgnoreCase("SHA256") ? DigestAlgorithm.SHA_256 : null;
    }

    private static boolean offersAuth(AuthElement element) {
        String qop = element.parameter("qop");
        if (qop == null || qop.isBlank()) {
            return true;
        }
        for (String option : qop.split("[, ]+")) {
            if (option.equalsIgnoreCase("auth")) {
                return true;
            }
        }
        return false;
    }
}
