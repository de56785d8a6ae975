package org.porchlight.relay.rtsp.client;

/**
 * Why a connection to a camera ended or never came to be.
 *
 * @param kind for counters and decisions
 * @param detail for people, one line without secrets
 */
public record SourceFailure(Kind kind, String detail) {

    /** What went wrong. */
    public enum Kind {
        /** No name, no route, connection refused or not answered. */
        UNREACHABLE,
        /** The TLS handshake failed or the certificate is not the right one. */
        TLS,
        /** Credentials are missing or wrong. */
        CREDENTIALS,
        /** The camera answered a request with an error. */
        REFUSED,
        /** The camera does not keep to the protocol in a way that cannot be forgiven. */
        PROTOCOL,
        /** No answer, or no media, in time. */
        TIMEOUT,
        /** The camera closed the connection. */
        CLOSED,
        /** The camera sent more than its configured limit. */
        FLOOD
    }
}
