package org.porchlight.control.access;

/** A way to authenticate that clients are offered. */
public enum ChallengeKind {
    /** HTTP Digest with SHA-256 (RFC 7616). */
    DIGEST_SHA256,
    /** HTTP Digest with MD5, which most players speak (RFC 2617). */
    DIGEST_MD5,
    /** HTTP Basic (RFC 7617). */
    BASIC
}
