package org.porchlight.relay.webrtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SendWindowTest {

    @Test
    void remembersTheTagOfEveryRecentIndex() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long highest = random.nextInt(1 << 16);
            SendWindow window = new SendWindow(1, (int) highest);
            Map<Long, Integer> tags = new HashMap<>();
            assertThat(window.record(highest, 7)).isTrue();
            tags.put(highest, 7);
            for (int i = 0; i < 5_000; i++) {
                long index = Math.max(0, highest + step(random));
                assertThat(window.indexOf((int) index & 0xffff)).isEqualTo(index);
                if (window.isTooOld(index)) {
                    assertThat(index).isLessThanOrEqualTo(highest - SendWindow.SIZE);
                    continue;
                }
                // Few values, so that repeats are often the same and often not.
                int tag = 1 + random.nextInt(3);
                Integer before = tags.putIfAbsent(index, tag);
                assertThat(window.record(index, tag))
                        .as("seed %s, index %s", seed, index)
                        .isEqualTo(before == null || before == tag);
                highest = Math.max(highest, index);
            }
        }
    }

    private static int step(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(3 * SendWindow.SIZE);
            case 1, 2, 3 -> -random.nextInt(SendWindow.SIZE + 10);
            default -> 1 + random.nextInt(2);
        };
    }
}
