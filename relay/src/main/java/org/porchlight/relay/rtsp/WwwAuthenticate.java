package org.porchlight.relay.rtsp;

import java.util.List;
import org.porchlight.relay.admission.Challenge;

/** {@code WWW-Authenticate} (RFC 2326 section 12.44, RFC 7235 section 4.1): what a server accepts. */
public final class WwwAuthenticate {
    private static final int MAX_CHALLENGES = 16;

    private WwwAuthenticate() {}

    /** All challenges of all values in order, at most 16. Never fails; elements that are none are left out. */
    public static List<AuthElement> parse(List<String> values) {
        return values.stream()
                .limit(MAX_CHALLENGES)
                .flatMap(value -> AuthGrammar.parse(value).stream())
                .limit(MAX_CHALLENGES)
                .toList();
    }

    /**
     * The value of one header for one challenge.
     *
     * @param nonce of Digest, passed over for other schemes
     * @param stale the credentials were right but for the age of their nonce
     */
    public static String render(Challenge challenge, String nonce, boolean stale) {
        String realm = "realm=" + AuthorizationHeader.quote(challenge.realm());
        if (challenge instanceof Challenge.Digest digest) {
            return "Digest " + realm + ", nonce=" + AuthorizationHeader.quote(nonce) + ", algorithm="
                    + digest.algorithm().token() + ", qop=\"auth\"" + (stale ? ", stale=true" : "");
        }
        return (challenge instanceof Challenge.Bearer ? "Bearer " : "Basic ") + realm;
    }
}
