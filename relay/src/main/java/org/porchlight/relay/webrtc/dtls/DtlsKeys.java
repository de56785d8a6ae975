package org.porchlight.relay.webrtc.dtls;

/**
 * What a finished handshake gave. Immutable; never printed.
 */
public final class DtlsKeys {
    private final SrtpProtection protection;
    private final DtlsRole role;
    private final byte[] material;

    /**
     * Keys of a finished handshake.
     *
     * @param material copied; as many bytes as {@link SrtpProtection#keyingMaterialLength} says
     */
    public DtlsKeys(SrtpProtection protection, DtlsRole role, byte[] material) {
        if (material.length != protection.keyingMaterialLength()) {
            throw new IllegalArgumentException(material.length + " bytes of keying material for " + protection);
        }
        this.protection = protection;
        this.role = role;
        this.material = material.clone();
    }

    /** The profile both sides agreed on. */
    public SrtpProtection protection() {
        return protection;
    }

    /** Which side we were: whose half protects what we send. */
    public DtlsRole role() {
        return role;
    }

    /** Client's key, server's key, client's salt, server's salt (RFC 5764 section 4.2). A copy. */
    public byte[] keyingMaterial() {
        return material.clone();
    }

    @Override
    public String toString() {
        return protection + " keys (hidden)";
    }
}
