package org.porchlight.relay.egress;

import java.time.Duration;

/**
 * How far a viewer may fall behind, and what then.
 *
 * @param maxAge media older than this is not sent any more
 * @param maxBytes media that waits for one viewer at most
 * @param burstAge how long a joining viewer may take for the cached GOP
 * @param maxFrozen a viewer that takes nothing for this long is cut off
 * @param window drops within this time count together; without one for as long, a viewer climbs one rung back
 * @param dropsPerRung so many drops in a window lead one rung down
 */
public record StalenessContract(
        Duration maxAge, int maxBytes, Duration burstAge, Duration maxFrozen, Duration window, int dropsPerRung) {

    public static final StalenessContract DEFAULT = new StalenessContract(
            Duration.ofMillis(500), 4 << 20, Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(10), 3);
}
