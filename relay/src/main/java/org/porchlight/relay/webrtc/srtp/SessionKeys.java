package org.porchlight.relay.webrtc.srtp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The session keys of one direction and packet kind, derived from a master key with AES in counter mode (RFC 3711 section 4.3, RFC 7714
 * section 11); the key derivation rate is zero. A class and no record, so that nothing prints a key.
 */
final class SessionKeys {
    private static final int BLOCK = 16;
    /** Byte of the 14-byte salt that the label falls on: it stands above a 48-bit index. */
    private static final int LABEL_AT = 7;

    private final byte[] encryptionKey;
    private final byte[] authenticationKey;
    private final byte[] salt;

    SessionKeys(byte[] encryptionKey, byte[] authenticationKey, byte[] salt) {
        this.encryptionKey = encryptionKey;
        this.authenticationKey = authenticationKey;
        this.salt = salt;
    }

    static SessionKeys derive(MasterKey master, PacketKind kind) {
        SrtpProfile profile = master.profile();
        return new SessionKeys(
                derive(master, kind.encryptionLabel(), profile.keyLength()),
                derive(master, kind.authenticationLabel(), profile.authKeyLength()),
                derive(master, kind.saltLabel(), profile.saltLength()));
    }

    private static byte[] derive(MasterKey master, int label, int length) {
        byte[] counter = Arrays.copyOf(master.saltView(), BLOCK);
        counter[LABEL_AT] ^= (byte) label;
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(master.keyView(), "AES"), new IvParameterSpec(counter));
            return cipher.doFinal(new byte[length]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES in counter mode", e);
        }
    }

    byte[] encryptionKeyView() {
        return encryptionKey;
    }

    /** Empty with an AEAD. */
    byte[] authenticationKeyView() {
        return authenticationKey;
    }

    byte[] saltView() {
        return salt;
    }

    /** Overwrites the keys, once ciphers have taken them. */
    void destroy() {
        Arrays.fill(encryptionKey, (byte) 0);
        Arrays.fill(authenticationKey, (byte) 0);
        Arrays.fill(salt, (byte) 0);
    }
}
