package org.porchlight.relay.webrtc.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chromium's offers with lines lost, doubled, swapped, and characters changed; seeded. */
class NegotiationMutationTest {
    private static final String ODD = "\0\t :;=/,~\"%é中-1099999999999999999999";

    @Test
    void damagedOffersAreAnsweredOrRefused() {
        Random random = new Random(9_143);
        List<String> good = List.of(Offers.viewer(), Offers.gathered(), Offers.publisher(), Offers.simulcast());
        int taken = 0;
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            String text = damaged(good.get(random.nextInt(good.size())), random);
            if (NegotiationFuzz.check(text) > 0) {
                taken++;
            } else {
                refused++;
            }
        }
        assertThat(taken).isGreaterThan(300);
        assertThat(refused).isGreaterThan(300);
    }

    private static String damaged(String text, Random random) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        int changes = 1 + random.nextInt(12);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(lines.size());
            switch (random.nextInt(5)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(random.nextInt(lines.size()), lines.get(at));
                case 2 -> Collections.swap(lines, at, random.nextInt(lines.size()));
                case 3 -> lines.set(at, changed(lines.get(at), random));
                default ->
                    lines.set(
                            at,
                            lines.get(at)
                                    .substring(0, random.nextInt(lines.get(at).length() + 1)));
            }
        }
        return String.join(random.nextInt(8) == 0 ? "\n" : "\r\n", lines);
    }

    private static String changed(String line, Random random) {
        StringBuilder text = new StringBuilder(line);
        int at = random.nextInt(line.length() + 1);
        char odd = ODD.charAt(random.nextInt(ODD.length()));
        if (at < line.length() && random.nextBoolean()) {
            text.setCharAt(at, odd);
        } else {
            text.insert(at, odd);
        }
        return text.toString();
    }
}
