package org.porchlight.relay.webrtc.ice;

import java.net.InetSocketAddress;

/**
 * The far end of a candidate pair as a relay sees it: how and to where it sends.
 *
 * @param transport UDP, or the TCP connection from that address
 * @param remote resolved address and port
 */
public record IcePath(IceTransport transport, InetSocketAddress remote) {

    /** Whether this is the path of a packet that came so, without making a path of it. */
    public boolean is(IceTransport otherTransport, InetSocketAddress otherRemote) {
        return transport == otherTransport && remote.equals(otherRemote);
    }
}
