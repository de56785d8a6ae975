package org.porchlight.relay.webrtc.negotiation;

import java.util.List;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceCredentials;

/**
 * The one transport that the peer's description names for everything.
 *
 * @param credentials of its ICE agent
 * @param fingerprints of which its certificate must match one (RFC 8122 section 5); never empty
 * @param setup its role in DTLS
 * @param candidates those it has told so far
 * @param lite whether its agent is a lite one
 * @param trickles whether more candidates may follow
 */
public record RemoteTransport(
        IceCredentials credentials,
        List<Fingerprint> fingerprints,
        SetupRole setup,
        List<IceCandidate> candidates,
        boolean lite,
        boolean trickles) {
    public RemoteTransport {
        fingerprints = List.copyOf(fingerprints);
        candidates = List.copyOf(candidates);
    }
}
