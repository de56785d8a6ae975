package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SrtpKeysTest {

    @ParameterizedTest
    @EnumSource
    void cutsKeyingMaterialIntoBothKeysThenBothSalts(SrtpProfile profile) {
        int key = profile.keyLength();
        int salt = profile.saltLength();
        byte[] material = new byte[profile.keyingMaterialLength()];
        java.util.Arrays.fill(material, 0, key, (byte) 1);
        java.util.Arrays.fill(material, key, 2 * key, (byte) 2);
        java.util.Arrays.fill(material, 2 * key, 2 * key + salt, (byte) 3);
        java.util.Arrays.fill(material, 2 * key + salt, 2 * (key + salt), (byte) 4);

        SrtpKeys keys = SrtpKeys.ofKeyingMaterial(profile, material);

        assertThat(keys.clientWrite().keyView()).hasSize(key).containsOnly(1);
        assertThat(keys.serverWrite().keyView()).hasSize(key).containsOnly(2);
        assertThat(keys.clientWrite().saltView()).hasSize(salt).containsOnly(3);
        assertThat(keys.serverWrite().saltView()).hasSize(salt).containsOnly(4);
        keys.destroy();
        assertThat(keys.serverWrite().keyView()).containsOnly(0);
    }

    @Test
    void refusesMaterialOfAnotherLength() {
        assertThatThrownBy(() -> SrtpKeys.ofKeyingMaterial(SrtpProfile.AEAD_AES_128_GCM, new byte[60]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("56");
    }

    @Test
    void neverPrintsAKey() {
        assertThat(Fixtures.key(SrtpProfile.AEAD_AES_128_GCM)).hasToString("master key of AEAD_AES_128_GCM");
    }

    @Test
    void prefersGcmToCounterModeWhateverThePeersOrder() {
        assertThat(SrtpProfile.preferredOf(0x0001, 0x0008, 0x0007)).isEqualTo(SrtpProfile.AEAD_AES_128_GCM);
        assertThat(SrtpProfile.preferredOf(0x0002, 0x0001, 0x0008)).isEqualTo(SrtpProfile.AEAD_AES_256_GCM);
        assertThat(SrtpProfile.preferredOf(0x0005, 0x0001)).isEqualTo(SrtpProfile.AES128_CM_HMAC_SHA1_80);
        assertThat(SrtpProfile.preferredOf(0x0002, 0xffff)).isNull();
    }
}
