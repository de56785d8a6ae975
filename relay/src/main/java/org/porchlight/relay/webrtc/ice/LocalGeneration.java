package org.porchlight.relay.webrtc.ice;

/** Our credentials of one generation: before and after an ICE restart two of them are valid at once. */
final class LocalGeneration {
    private final IceCredentials credentials;
    private final IntegrityKey key;

    LocalGeneration(IceCredentials credentials) {
        this.credentials = credentials;
        key = IntegrityKey.of(credentials.password());
    }

    IceCredentials credentials() {
        return credentials;
    }

    String ufrag() {
        return credentials.ufrag();
    }

    IntegrityKey key() {
        return key;
    }
}
