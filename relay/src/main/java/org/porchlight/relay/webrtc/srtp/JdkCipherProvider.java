package org.porchlight.relay.webrtc.srtp;

/** The JDK's own ciphers. */
final class JdkCipherProvider extends CipherProvider {
    static final JdkCipherProvider INSTANCE = new JdkCipherProvider();

    private JdkCipherProvider() {}

    @Override
    public String name() {
        return "JDK " + Runtime.version().feature();
    }

    @Override
    PacketCipher cipher(SrtpProfile profile, PacketKind kind, SessionKeys keys, boolean sealing) {
        return profile.isAead() ? new JdkGcmCipher(profile, kind, keys) : new JdkCounterCipher(profile, kind, keys);
    }
}
