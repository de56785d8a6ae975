package org.porchlight.relay.webrtc.ice;

/** What carries a candidate: UDP (RFC 8445) or TCP (RFC 6544). */
public enum IceTransport {
    UDP,
    TCP
}
