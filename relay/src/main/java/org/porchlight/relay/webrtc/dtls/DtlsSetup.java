package org.porchlight.relay.webrtc.dtls;

import java.util.List;

/**
 * What one connection needs to know.
 *
 * @param role which side we are
 * @param identity our certificate, the one whose fingerprint our session description carries
 * @param peerFingerprints those of the peer's session description, of which one must match (RFC 8122 section 5); never empty
 */
public record DtlsSetup(DtlsRole role, DtlsIdentity identity, List<Fingerprint> peerFingerprints) {
    private static final int MAX_FINGERPRINTS = 8;

    public DtlsSetup {
        if (peerFingerprints.isEmpty() || peerFingerprints.size() > MAX_FINGERPRINTS) {
            throw new IllegalArgumentException(peerFingerprints.size() + " fingerprints of the peer");
        }
        peerFingerprints = List.copyOf(peerFingerprints);
    }
}
