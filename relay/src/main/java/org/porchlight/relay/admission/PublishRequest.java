package org.porchlight.relay.admission;

import java.net.InetSocketAddress;

/** May this client publish under that camera's name? Parameters as in {@link ViewRequest}. */
public record PublishRequest(
        String camera,
        Rendition rendition,
        Credentials credentials,
        InetSocketAddress remote,
        String protocol,
        boolean encrypted,
        String userAgent) {}
