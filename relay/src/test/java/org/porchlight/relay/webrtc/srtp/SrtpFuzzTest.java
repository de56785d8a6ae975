package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of strangers: a fuzz target whose recorded inputs a normal build replays, and random alterations in every build. */
class SrtpFuzzTest {

    @FuzzTest
    void refusesAnyBytesOfAStranger(byte[] data) {
        for (SrtpProfile profile : SrtpProfile.values()) {
            try (SrtpReceiver receiver = new SrtpReceiver(Fixtures.key(profile), CipherProvider.jdk())) {
                assertThat(Fixtures.unprotect(receiver, data)).isInstanceOf(SrtpFailure.class);
                assertThat(Fixtures.unprotectRtcp(receiver, data)).isInstanceOf(SrtpFailure.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.porchlight.relay.webrtc.srtp.Fixtures#providersAndProfiles")
    void refusesRandomlyAlteredPacketsAndKeepsOpeningTrueOnes(CipherProvider provider, SrtpProfile profile) {
        SplittableRandom random = new SplittableRandom(7);
        MasterKey key = Fixtures.key(profile);
        try (SrtpSender sender = new SrtpSender(key, provider);
                SrtpReceiver receiver = new SrtpReceiver(key, provider)) {
            for (int number = 0; number < 1_000; number++) {
                byte[] plain = Fixtures.rtp(Fixtures.SSRC, number, Fixtures.random(random, random.nextInt(100)));
                byte[] packet = Fixtures.protect(sender, plain);
                byte[] altered = altered(random, packet);
                ByteBuf buf = Fixtures.directCopyOf(altered, 0);
                assertThat(receiver.unprotectRtp(buf, 0, altered.length)).isNegative();
                buf = Fixtures.directCopyOf(altered, 0);
                assertThat(receiver.unprotectRtcp(buf, 0, altered.length)).isNegative();
                assertThat(Fixtures.unprotect(receiver, packet)).isEqualTo(plain);
            }
        }
    }

    /** Some bytes changed, or the end cut off, or bytes appended; never the same. */
    private static byte[] altered(SplittableRandom random, byte[] packet) {
        byte[] copy = java.util.Arrays.copyOf(
                packet, random.nextInt(3) == 0 ? random.nextInt(packet.length + 20) : packet.length);
        for (int i = random.nextInt(4); i > 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt();
        }
        return java.util.Arrays.equals(copy, packet) ? new byte[] {1} : copy;
    }
}
