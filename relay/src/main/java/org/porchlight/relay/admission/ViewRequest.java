package org.porchlight.relay.admission;

import java.net.InetSocketAddress;

/**
 * May this client watch that camera?
 *
 * @param protocol {@code rtsp} or {@code webrtc}
 * @param encrypted the client's way to us is encrypted (TLS, DTLS)
 */
public record ViewRequest(
        String camera,
        Rendition rendition,
        Credentials credentials,
        InetSocketAddress remote,
        String protocol,
        boolean encrypted,
        String userAgent) {}
