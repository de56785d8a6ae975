package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {

    @Test
    void behavesLikeASetOfAllIndicesThatForgetsTheOldOnes() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long first = random.nextInt(1 << 16);
            ReplayWindow window = new ReplayWindow(1, first);
            Set<Long> accepted = new HashSet<>(Set.of(first));
            long highest = first;
            for (int i = 0; i < 5_000; i++) {
                long index = Math.max(0, highest + step(random));
                assertThat(window.isTooOld(index)).isEqualTo(index <= highest - ReplayWindow.SIZE);
                if (!window.isTooOld(index)) {
                    assertThat(window.hasSeen(index))
                            .as("seed %s, index %s", seed, index)
                            .isEqualTo(accepted.contains(index));
                    if (!accepted.contains(index)) {
                        window.accept(index);
                        accepted.add(index);
                        highest = Math.max(highest, index);
                    }
                }
                assertThat(window.highest()).isEqualTo(highest);
            }
        }
    }

    /** Mostly the next, at times late, seldom a jump around or beyond the window. */
    private static int step(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(3 * ReplayWindow.SIZE);
            case 1, 2, 3 -> -random.nextInt(ReplayWindow.SIZE + 10);
            case 4 -> ReplayWindow.SIZE - 1 + random.nextInt(3);
            default -> 1 + random.nextInt(3);
        };
    }

    @Test
    void estimatesTheIndexAsTheRfcsAppendixDoes() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            long highest = (long) random.nextInt(4) << 16 | random.nextInt(1 << 16);
            int sequenceNumber = random.nextInt(1 << 16);
            assertThat(SrtpReceiver.estimateIndex(highest, sequenceNumber))
                    .as("highest %s, sequence number %s", highest, sequenceNumber)
                    .isEqualTo(appendixA(highest, sequenceNumber));
        }
    }

    /** RFC 3711 appendix A with numbers that do not overflow. */
    private static long appendixA(long highest, int sequenceNumber) {
        BigInteger roc = BigInteger.valueOf(highest / 65_536);
        int last = (int) (highest % 65_536);
        BigInteger guess = roc;
        if (last < 32_768) {
            if (sequenceNumber - last > 32_768) {
                guess = roc.subtract(BigInteger.ONE);
            }
        } else if (last - 32_768 > sequenceNumber) {
            guess = roc.add(BigInteger.ONE);
        }
        return guess.multiply(BigInteger.valueOf(65_536))
                .add(BigInteger.valueOf(sequenceNumber))
                .longValueExact();
    }
}
