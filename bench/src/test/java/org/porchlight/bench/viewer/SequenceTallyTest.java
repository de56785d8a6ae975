package org.porchlight.bench.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SequenceTallyTest {

    @Test
    void agreesWithASetOfNumbersUnderLossReorderingAndDuplicates() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int bits = seed % 2 == 0 ? 16 : 32;
            long mask = (1L << bits) - 1;
            long first = random.nextLong(mask + 1);
            List<Long> sent = new ArrayList<>();
            int total = 2_000;
            int lost = 0;
            int duplicate = 0;
            for (int i = 0; i < total; i++) {
                boolean edge = i == 0 || i == total - 1;
                if (!edge && random.nextInt(20) == 0) {
                    lost++;
                    continue;
                }
                sent.add((first + i) & mask);
                if (!edge && random.nextInt(50) == 0) {
                    sent.add((first + i) & mask);
                    duplicate++;
                }
            }
            for (int i = 1; i + 9 < sent.size(); i += 1 + random.nextInt(20)) {
                long moved = sent.remove(i);
                sent.add(i + random.nextInt(8), moved);
            }
            SequenceTally tally = new SequenceTally(bits);
            Set<Long> distinct = new HashSet<>();
            for (long number : sent) {
                tally.take(number);
                distinct.add(number);
            }
            assertThat(tally.expected()).as("seed %d", seed).isEqualTo(total);
            assertThat(tally.received()).isEqualTo(distinct.size());
            assertThat(tally.lost()).isEqualTo(lost);
            assertThat(tally.duplicate()).isEqualTo(duplicate);
        }
    }

    @Test
    void countsALongGap() {
        SequenceTally tally = new SequenceTally(16);
        tally.take(10);
        tally.take(1_011);
        assertThat(tally.lost()).isEqualTo(1_000);
        assertThat(tally.expected()).isEqualTo(1_002);
    }

    @Test
    void takesAJumpForANewSeries() {
        SequenceTally tally = new SequenceTally(16);
        tally.take(10);
        tally.take(30_000);
        tally.take(30_001);
        assertThat(tally.lost()).isZero();
        assertThat(tally.received()).isEqualTo(3);
    }

    @Test
    void forgetsWhatWasMissingBeforeAWindow() {
        SequenceTally tally = new SequenceTally(16);
        tally.take(1);
        tally.take(5);
        tally.beginWindow();
        tally.take(6);
        tally.take(8);
        assertThat(tally.expected()).isEqualTo(3);
        assertThat(tally.lost()).isEqualTo(1);
    }
}
