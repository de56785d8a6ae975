package org.porchlight.relay.admission;

/** Why admission said no, as far as the relay needs to know to answer with the right status. */
public enum DenyCode {
    /** No or wrong credentials: show some. Answered with 401 and the challenges of {@link Admission#challenges}. */
    AUTHENTICATION_REQUIRED,
    /** Known and not allowed; 403. */
    FORBIDDEN,
    /** May not know whether the camera exists; 404. */
    NOT_FOUND,
    /** A limit of viewers or sessions is reached; 453 for RTSP, 429 for HTTP. */
    QUOTA,
    /** Admission cannot decide right now; fail closed with 503. */
    UNAVAILABLE
}
