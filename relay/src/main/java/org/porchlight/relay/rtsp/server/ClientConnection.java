package org.porchlight.relay.rtsp.server;

import java.net.InetSocketAddress;

/**
 * How a client has come to us.
 *
 * @param remote resolved address and port
 * @param encrypted by TLS
 * @param tunnelled RTSP over HTTP
 */
public record ClientConnection(InetSocketAddress remote, boolean encrypted, boolean tunnelled) {}
