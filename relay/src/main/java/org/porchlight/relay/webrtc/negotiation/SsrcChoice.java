package org.porchlight.relay.webrtc.negotiation;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntSupplier;

/** Draws the SSRCs of one description: never 0, never the same twice (RFC 3550 section 8.1). */
final class SsrcChoice {
    private final IntSupplier random;
    private final Set<Integer> taken = new HashSet<>();

    SsrcChoice(IntSupplier random) {
        this.random = random;
        taken.add(0);
    }

    int next() {
        int ssrc = random.getAsInt();
        while (!taken.add(ssrc)) {
            // Stepping on ends even where the supplier repeats itself.
            ssrc++;
        }
        return ssrc;
    }
}
