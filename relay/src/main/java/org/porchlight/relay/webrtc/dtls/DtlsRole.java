package org.porchlight.relay.webrtc.dtls;

/** Which side of the handshake we are. */
public enum DtlsRole {
    /** {@code a=setup:passive}: waits for the ClientHello. The relay towards viewers and publishers. */
    SERVER,
    /** {@code a=setup:active}: speaks first. Load generators and tests. */
    CLIENT
}
