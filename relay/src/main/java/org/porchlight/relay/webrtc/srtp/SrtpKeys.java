package org.porchlight.relay.webrtc.srtp;

import java.util.Arrays;

/** The master keys of both directions of a DTLS-SRTP session. Owner: the session; destroyed when sender and receiver are keyed. */
public final class SrtpKeys {
    /** Label of the exporter that DTLS is asked for (RFC 5764 section 4.2). */
    public static final String EXPORTER_LABEL = "EXTRACTOR-dtls_srtp";

    private final MasterKey clientWrite;
    private final MasterKey serverWrite;

    private SrtpKeys(MasterKey clientWrite, MasterKey serverWrite) {
        this.clientWrite = clientWrite;
        this.serverWrite = serverWrite;
    }

    /**
     * Cuts exported keying material: client key, server key, client salt, server salt (RFC 5764 section 4.2).
     *
     * @param material {@link SrtpProfile#keyingMaterialLength} bytes; copied, the caller clears its own
     * @throws IllegalArgumentException when the length is another
     */
    public static SrtpKeys ofKeyingMaterial(SrtpProfile profile, byte[] material) {
        if (material.length != profile.keyingMaterialLength()) {
            throw new IllegalArgumentException(profile + " takes " + profile.keyingMaterialLength()
                    + " bytes of keying material, not " + material.length);
        }
        int key = profile.keyLength();
        int salt = profile.saltLength();
        return new SrtpKeys(cut(profile, material, 0, 2 * key), cut(profile, material, key, 2 * key + salt));
    }

    private static MasterKey cut(SrtpProfile profile, byte[] material, int keyAt, int saltAt) {
        byte[] key = Arrays.copyOfRange(material, keyAt, keyAt + profile.keyLength());
        byte[] salt = Arrays.copyOfRange(material, saltAt, saltAt + profile.saltLength());
        MasterKey master = new MasterKey(profile, key, salt);
        Arrays.fill(key, (byte) 0);
        return master;
    }

    /** What the DTLS client sends with. */
    public MasterKey clientWrite() {
        return clientWrite;
    }

    /** What the DTLS server sends with. */
    public MasterKey serverWrite() {
        return serverWrite;
    }

    /** Overwrites both keys. */
    public void destroy() {
        clientWrite.destroy();
        serverWrite.destroy();
    }
}
