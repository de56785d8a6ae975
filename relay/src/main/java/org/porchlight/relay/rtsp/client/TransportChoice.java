package org.porchlight.relay.rtsp.client;

/** How media may come from a camera, as configured. */
public enum TransportChoice {
    /** Interleaved in the RTSP connection (RFC 2326 section 10.12), nothing else. */
    TCP,
    /** Unicast UDP, nothing else. */
    UDP,
    /** TCP; UDP when the camera refuses TCP (461), unless the connection is TLS: datagrams would travel in clear. */
    AUTO,
    /** UDP; TCP when the camera refuses UDP or nothing comes. */
    AUTO_UDP_FIRST,
    /** Interleaved, the RTSP connection itself inside two HTTP connections. */
    HTTP_TUNNEL
}
