package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.porchlight.relay.webrtc.srtp.Fixtures.bytes;
import static org.porchlight.relay.webrtc.srtp.Fixtures.hex;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The test vectors of RFC 3711 appendix B and RFC 7714 sections 16 and 17, with every provider. */
class VectorsTest {
    private static final byte[] GCM_SALT = bytes("517569642070726f2071756f");
    private static final byte[] GCM_128_KEY = bytes("000102030405060708090a0b0c0d0e0f");
    private static final byte[] GCM_256_KEY = bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final String GALLIA = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976"
            + "69736120 696e2070 61727465 73207472 6573";
    private static final long GALLIA_INDEX = 0xf17b;
    private static final String SENDER_REPORT =
            "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
                    + "deadbeef deadbeef deadbeef deadbeef deadbeef";
    private static final int SENDER_REPORT_INDEX = 0x5d4;

    @Test
    void rfc3711AppendixB3DerivesTheSessionKeys() {
        MasterKey master = new MasterKey(
                SrtpProfile.AES128_CM_HMAC_SHA1_80,
                bytes("e1f97a0d3e018be0d64fa32c06de4139"),
                bytes("0ec675ad498afeebb6960b3aabe6"));

        SessionKeys keys = SessionKeys.derive(master, PacketKind.RTP);

        assertThat(keys.encryptionKeyView()).isEqualTo(bytes("c61e7a93744f39ee10734afe3ff7a087"));
        assertThat(keys.saltView()).isEqualTo(bytes("30cbbc08863d8c85d49db34a9ae1"));
        // Appendix B.3 lists 94 bytes of this key; HMAC-SHA1 takes the first 20.
        assertThat(keys.authenticationKeyView()).isEqualTo(bytes("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providers")
    void rfc3711AppendixB2GivesTheKeystream(CipherProvider provider) {
        SessionKeys keys = new SessionKeys(
                bytes("2b7e151628aed2a6abf7158809cf4f3c"), new byte[20], bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfd"));
        ByteBuf packet = Fixtures.direct(12 + 48 + 10).setByte(0, 0x80);

        try (PacketCipher cipher = provider.cipher(SrtpProfile.AES128_CM_HMAC_SHA1_80, PacketKind.RTP, keys, true)) {
            cipher.seal(0, 0, packet, 0, 12, 48, Unpooled.EMPTY_BUFFER, 0, 0);
        }

        assertThat(hex(packet, 12, 48))
                .isEqualTo("e03ead0935c95e80e166b16dd92b4eb4"
                        + "d23513162b02d0f72a43a2fe4a5f97ab"
                        + "41e95b3bb0a2e8dd477901e4fca894c0");
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providers")
    void rfc7714Section16ProtectsAndOpensRtpWithAes128(CipherProvider provider) {
        rtpVector(
                provider,
                SrtpProfile.AEAD_AES_128_GCM,
                GCM_128_KEY,
                "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
                        + "899d7f27beb16a9152cf765ee4390cce");
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providers")
    void rfc7714Section16ProtectsAndOpensRtpWithAes256(CipherProvider provider) {
        rtpVector(
                provider,
                SrtpProfile.AEAD_AES_256_GCM,
                GCM_256_KEY,
                "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
                        + "7aa3db36dfffd6b0f9bb7878d7a76c13");
    }

    private static void rtpVector(CipherProvider provider, SrtpProfile profile, byte[] key, String expected) {
        byte[] plain = bytes(GALLIA);
        ByteBuf packet = Fixtures.directCopyOf(plain, 16);
        int ssrc = packet.getInt(8);

        SessionKeys keys = new SessionKeys(key, new byte[0], GCM_SALT);
        try (PacketCipher cipher = provider.cipher(profile, PacketKind.RTP, keys, true)) {
            cipher.seal(ssrc, GALLIA_INDEX, packet, 0, 12, plain.length - 12, Unpooled.EMPTY_BUFFER, 0, 0);
        }
        assertThat(hex(packet, 0, plain.length + 16)).isEqualTo(expected);

        try (PacketCipher cipher = provider.cipher(profile, PacketKind.RTP, keys, false)) {
            assertThat(cipher.open(ssrc, GALLIA_INDEX, packet, 0, 12, plain.length + 16))
                    .isTrue();
        }
        assertThat(hex(packet, 0, plain.length)).isEqualTo(GALLIA.replace(" ", ""));
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providers")
    void rfc7714Section17ProtectsAndOpensRtcp(CipherProvider provider) {
        byte[] plain = bytes(SENDER_REPORT);
        ByteBuf packet = Fixtures.directCopyOf(plain, 20);
        int ssrc = packet.getInt(4);

        SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
        SessionKeys keys = new SessionKeys(GCM_128_KEY, new byte[0], GCM_SALT);
        try (PacketCipher cipher = provider.cipher(profile, PacketKind.RTCP, keys, true)) {
            cipher.seal(ssrc, SENDER_REPORT_INDEX, packet, 0, 8, plain.length - 8, Unpooled.EMPTY_BUFFER, 0, 0);
        }
        assertThat(hex(packet, 0, plain.length + 20))
                .isEqualTo("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46"
                        + "86303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4");

        try (PacketCipher cipher = provider.cipher(profile, PacketKind.RTCP, keys, false)) {
            assertThat(cipher.open(ssrc, SENDER_REPORT_INDEX, packet, 0, 8, plain.length + 20))
                    .isTrue();
        }
        assertThat(hex(packet, 0, plain.length)).isEqualTo(SENDER_REPORT.replace(" ", ""));
    }
}
