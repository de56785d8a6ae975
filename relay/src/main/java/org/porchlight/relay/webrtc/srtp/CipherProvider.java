package org.porchlight.relay.webrtc.srtp;

import java.util.Optional;

/** Where AES comes from. Immutable, for all threads; each {@link SrtpSender} and {@link SrtpReceiver} takes ciphers of its own from it. */
public abstract sealed class CipherProvider permits JdkCipherProvider, LibcryptoCipherProvider {

    CipherProvider() {}

    /** The JDK's ciphers: always there, about 1 KB of heap per packet with GCM. */
    public static CipherProvider jdk() {
        return JdkCipherProvider.INSTANCE;
    }

    /** The system's libcrypto, where the JDK is 22 or later and the library is there: no heap per packet. */
    public static Optional<CipherProvider> libcrypto() {
        return LibcryptoCipherProvider.find();
    }

    /** For logs: what it is, with its version. */
    public abstract String name();

    /**
     * A cipher with this key, which it copies.
     *
     * @param sealing true: for {@link PacketCipher#seal}, false: for {@link PacketCipher#open}
     */
    abstract PacketCipher cipher(SrtpProfile profile, PacketKind kind, SessionKeys keys, boolean sealing);

    /** A cipher with the keys derived from a master key. */
    final PacketCipher cipher(MasterKey master, PacketKind kind, boolean sealing) {
        SessionKeys keys = SessionKeys.derive(master, kind);
        try {
            return cipher(master.profile(), kind, keys, sealing);
        } finally {
            keys.destroy();
        }
    }
}
