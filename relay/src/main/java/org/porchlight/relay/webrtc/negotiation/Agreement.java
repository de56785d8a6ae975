package org.porchlight.relay.webrtc.negotiation;

import java.util.List;

/**
 * The end of a negotiation.
 *
 * @param description text for the peer; empty where nothing is left to be sent
 * @param remote the peer's transport
 * @param dtlsServer whether we wait for the ClientHello
 * @param media what flows, in the order of the m-lines; never empty
 */
public record Agreement(String description, RemoteTransport remote, boolean dtlsServer, List<AgreedMedia> media) {
    public Agreement {
        media = List.copyOf(media);
    }
}
