package org.porchlight.relay.webrtc.session;

import java.util.List;
import org.porchlight.relay.webrtc.dtls.DtlsIdentity;
import org.porchlight.relay.webrtc.dtls.DtlsRole;
import org.porchlight.relay.webrtc.dtls.DtlsSetup;
import org.porchlight.relay.webrtc.dtls.Fingerprint;
import org.porchlight.relay.webrtc.ice.IceCredentials;

/**
 * What offer and answer have agreed on, as far as transport is concerned.
 *
 * @param local our credentials, as the answer tells them
 * @param remote the peer's
 * @param identity our certificate, whose fingerprint the answer carries
 * @param peerFingerprints of the offer, 1 to 8
 */
public record SessionPlan(
        IceCredentials local, IceCredentials remote, DtlsIdentity identity, List<Fingerprint> peerFingerprints) {
    public SessionPlan {
        peerFingerprints = List.copyOf(peerFingerprints);
    }

    /** For the handshake, in which we are always the passive side. */
    public DtlsSetup dtls() {
        return new DtlsSetup(DtlsRole.SERVER, identity, peerFingerprints);
    }
}
