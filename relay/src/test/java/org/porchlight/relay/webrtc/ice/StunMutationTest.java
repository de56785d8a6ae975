package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Good checks with random damage, half of them with a checksum and a signature that fit the damage. */
class StunMutationTest {
    @Test
    void damagedChecksMoveNothingUnlessTheyAreSigned() {
        Random random = new Random(8_445);
        Map<CheckResult, Integer> results = new EnumMap<>(CheckResult.class);
        int unreadable = 0;
        for (int round = 0; round < 6_000; round++) {
            byte[] bytes = damaged(StunVectors.REQUEST, random);
            if (round % 2 == 0) {
                bytes = resigned(bytes);
            }
            CheckResult result = StunFuzz.check(bytes);
            if (result == null) {
                unreadable++;
            } else {
                results.merge(result, 1, Integer::sum);
            }
        }
        assertThat(unreadable).isGreaterThan(1_000);
        // the vector claims the controlled role, which is ours
        assertThat(results.keySet())
                .contains(
                        CheckResult.ROLE_CONFLICT,
                        CheckResult.BAD_REQUEST,
                        CheckResult.UNKNOWN_ATTRIBUTE,
                        CheckResult.WRONG_USER,
                        CheckResult.UNAUTHENTICATED,
                        CheckResult.IGNORED);
    }

    private static byte[] damaged(byte[] good, Random random) {
        byte[] bytes = good.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            switch (random.nextInt(3)) {
                case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                default -> {
                    int cut = 4 * (5 + random.nextInt(bytes.length / 4 - 4));
                    bytes = Arrays.copyOf(bytes, Math.min(cut, bytes.length));
                    bytes[3] = (byte) (bytes.length - 20);
                }
            }
        }
        return bytes;
    }

    /** The same without its last 32 bytes, signed and sealed again. */
    private static byte[] resigned(byte[] bytes) {
        int end = Math.max(20, bytes.length - 32);
        byte[] signed = Arrays.copyOf(bytes, end + 24);
        signed[3] = (byte) (end + 24 - 20);
        IntegrityKey.of(StunVectors.PASSWORD).sign(signed, end);
        System.arraycopy(signed, end, signed, end + 4, 20);
        signed[end] = 0;
        signed[end + 1] = 8;
        signed[end + 2] = 0;
        signed[end + 3] = 20;
        return signed;
    }
}
