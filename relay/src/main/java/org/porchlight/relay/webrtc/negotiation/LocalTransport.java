package org.porchlight.relay.webrtc.negotiation;

import java.util.List;
import java.util.function.IntSupplier;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IceCredentials;

/**
 * Our side of a session's transport and names.
 *
 * @param credentials of our ICE agent
 * @param candidates where it can be reached, the one of the highest priority first
 * @param fingerprint of the certificate that our DTLS side will show
 * @param sessionId of the origin line, 0 or more
 * @param cname canonical name of what we send (RFC 3550 section 6.5.1), also the name of its stream: ICE characters only
 * @param ssrcs random numbers; zero and repeated ones are passed over
 */
public record LocalTransport(
        IceCredentials credentials,
        List<IceCandidate> candidates,
        Fingerprint fingerprint,
        long sessionId,
        String cname,
        IntSupplier ssrcs) {
    public LocalTransport {
        candidates = List.copyOf(candidates);
        if (sessionId < 0) {
            throw new IllegalArgumentException("session identifier " + sessionId + " is negative");
        }
    }
}
