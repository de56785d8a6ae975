package org.porchlight.relay.admission;

/** What a client showed to prove who it is. Never logged; {@code toString} of the implementations hides secrets. */
public sealed interface Credentials {

    /** Nothing was shown. */
    record Anonymous() implements Credentials {}

    /** HTTP Basic (RFC 7617). */
    record Basic(String user, String password) implements Credentials {
        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    /** A bearer token (RFC 6750). */
    record Bearer(String token) implements Credentials {
        @Override
        public String toString() {
            return "Bearer[]";
        }
    }

    /**
     * HTTP Digest (RFC 7616). The relay has checked that the nonce is its own and fresh and that the URI fits the request;
     * whether the response is right only he can say who knows the user's HA1.
     */
    record Digest(DigestProof proof) implements Credentials {}
}
