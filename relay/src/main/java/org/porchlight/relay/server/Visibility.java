package org.porchlight.relay.server;

/** Who may watch a camera in principle. */
public enum Visibility {
    /** Those whom admission permits, while it keeps renewing its permits. */
    PRIVATE,
    /** Everybody who reaches the relay. */
    PUBLIC
}
