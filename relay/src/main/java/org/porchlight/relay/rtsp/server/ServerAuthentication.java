package org.porchlight.relay.rtsp.server;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.rtsp.AuthElement;
import org.porchlight.relay.rtsp.AuthorizationHeader;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/**
 * Reads what clients show (RFC 7235, RFC 7616, RFC 7617, RFC 6750) and writes what they are asked for. Whether a password or response is
 * right only admission knows; here it is made sure that a Digest was made for this method, this camera and a nonce of ours. Thread-safe.
 */
public final class ServerAuthentication {
    private final ServerNonces nonces;
    private final Supplier<List<Challenge>> challenges;

    /** @param challenges asked for each time, so that it may change */
    public ServerAuthentication(ServerNonces nonces, Supplier<List<Challenge>> challenges) {
        this.nonces = nonces;
        this.challenges = challenges;
    }

    /** What a request shows. */
    sealed interface Shown {
        /** To be judged by admission. */
        record Usable(Credentials credentials) implements Shown {}

        /** A Digest that would be of use with a newer nonce. */
        record Stale() implements Shown {}

        /** Nothing that could ever be right here. */
        record Unusable() implements Shown {}
    }

    Shown examine(RtspRequest request, ResourcePath resource, InetAddress remote, long nowNanos) {
        String value = request.headers().first(RtspHeaders.AUTHORIZATION);
        if (value == null) {
            return new Shown.Usable(new Credentials.Anonymous());
        }
        AuthElement element = AuthorizationHeader.parse(value);
        if (element == null) {
            return new Shown.Unusable();
        }
        return switch (element.scheme().toLowerCase(Locale.ROOT)) {
            case "basic" -> basic(element);
            case "bearer" ->
                element.token().isEmpty()
                        ? new Shown.Unusable()
                        : new Shown.Usable(new Credentials.Bearer(element.token()));
            case "digest" -> digest(element, request.method(), resource, remote, nowNanos);
            default -> new Shown.Unusable();
        };
    }

    /**
     * The values of {@code WWW-Authenticate}, one header each, in the order of admission; empty: there is no way in. Tokens are taken, but
     * only asked for where nothing else helps: players that do not know the scheme trip over it.
     */
    List<String> challengeValues(InetAddress remote, boolean stale, long nowNanos) {
        List<Challenge> all = challenges.get();
        boolean tokensOnly = all.stream().allMatch(Challenge.Bearer.class::isInstance);
        return all.stream()
                .filter(challenge -> tokensOnly || !(challenge instanceof Challenge.Bearer))
                .map(challenge -> WwwAuthenticate.render(challenge, nonces.issue(remote, nowNanos), stale))
                .toList();
    }

    private Shown basic(AuthElement element) {
        AuthorizationHeader.UserPassword pair = AuthorizationHeader.basicOf(element);
        boolean offered = challenges.get().stream().anyMatch(Challenge.Basic.class::isInstance);
        return pair == null || !offered
                ? new Shown.Unusable()
                : new Shown.Usable(new Credentials.Basic(pair.user(), pair.password()));
    }

    private Shown digest(AuthElement element, String method, ResourcePath resource, InetAddress remote, long nowNanos) {
        String nonce = element.parameterOr("nonce", "");
        ServerNonces.Verdict verdict = nonces.check(nonce, remote, nowNanos);
        DigestAlgorithm algorithm = algorithm(element);
        if (algorithm == null || verdict == ServerNonces.Verdict.FOREIGN || !isMeant(element, algorithm, resource)) {
            return new Shown.Unusable();
        }
        if (verdict == ServerNonces.Verdict.STALE) {
            return new Shown.Stale();
        }
        return new Shown.Usable(new Credentials.Digest(new DigestProof(
                algorithm,
                element.parameterOr("username", ""),
                element.parameterOr("realm", ""),
                method,
                element.parameterOr("uri", ""),
                nonce,
                element.parameterOr("qop", ""),
                element.parameterOr("nc", ""),
                element.parameterOr("cnonce", ""),
                element.parameterOr("response", ""))));
    }

    /** MD5 where nothing is told (RFC 7616 section 3.3). */
    private static @Nullable DigestAlgorithm algorithm(AuthElement element) {
        String name = element.parameterOr("algorithm", DigestAlgorithm.MD5.token());
        for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
            if (algorithm.token().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }

    private boolean isMeant(AuthElement element, DigestAlgorithm algorithm, ResourcePath resource) {
        String qop = element.parameterOr("qop", "");
        boolean complete = !element.parameterOr("username", "").isEmpty()
                && !element.parameterOr("response", "").isEmpty()
                && (qop.isEmpty()
                        || (qop.equals("auth")
                                && element.parameter("nc") != null
                                && element.parameter("cnonce") != null));
        Challenge offered = new Challenge.Digest(element.parameterOr("realm", ""), algorithm);
        return complete && challenges.get().contains(offered) && fits(element.parameterOr("uri", ""), resource);
    }

    /**
     * The URI of a Digest is the request's in whatever spelling: absolute or path only, another host name for us, with or without track,
     * query and slash at the end. What counts is that it names the same stream.
     */
    private static boolean fits(String uri, ResourcePath resource) {
        ResourcePath named = ResourcePath.parse(uri);
        return named != null && named.isSameStream(resource);
    }
}
