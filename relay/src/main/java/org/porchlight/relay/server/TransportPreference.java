package org.porchlight.relay.server;

/** How media of a pulled camera travels to us. */
public enum TransportPreference {
    /** Interleaved in the RTSP connection; UDP only if the camera refuses. */
    TCP,
    /** Datagrams; TCP when none arrive. */
    UDP,
    /** What works, TCP first. */
    AUTO,
    /** Interleaved, tunnelled in HTTP requests. */
    HTTP
}
