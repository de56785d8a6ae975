package org.porchlight.relay.server;

/** How media of a pulled camera travels to us. */
public enum TransportPreference {
    /** Interleaved in the RTSP connection; UDP when the camera refuses that, never from an {@code rtsps} camera. */
    AUTO,
    /** Datagrams; interleaved when the camera refuses them or none arrive. */
    AUTO_UDP,
    /** Interleaved in the RTSP connection, and nothing else. */
    TCP,
    /** Datagrams, and nothing else. */
    UDP,
    /** Interleaved, tunnelled in HTTP requests, and nothing else. */
    HTTP
}
