package org.porchlight.relay.server;

import java.time.Duration;

/**
 * How far a viewer may fall behind live before it is dropped to the next keyframe, and how long it may stay unable to follow before it is
 * disconnected.
 *
 * @param maxAge age of the oldest unsent packet, 50 ms to 30 s
 * @param maxBytes unsent bytes, 64 KiB to 256 MiB
 * @param disconnectAfter without one packet taken by the viewer, 1 s to 10 min, not below {@code maxAge}
 */
public record StalenessConfiguration(Duration maxAge, long maxBytes, Duration disconnectAfter) {
    /** 500 ms, 4 MiB, 15 s. */
    public static final StalenessConfiguration DEFAULT =
            new StalenessConfiguration(Duration.ofMillis(500), 4L << 20, Duration.ofSeconds(15));

    public StalenessConfiguration {
        requireDuration("maxAge", maxAge, Duration.ofMillis(50), Duration.ofSeconds(30));
        InvalidSetting.requireRange("maxBytes", maxBytes, 64L << 10, 256L << 20);
        requireDuration("disconnectAfter", disconnectAfter, Duration.ofSeconds(1), Duration.ofMinutes(10));
        if (disconnectAfter.compareTo(maxAge) < 0) {
            throw new InvalidSetting("disconnectAfter", "must not be shorter than the maximum age, " + show(maxAge));
        }
    }

    private static void requireDuration(String component, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new InvalidSetting(component, show(value) + " is out of range: " + show(min) + " to " + show(max));
        }
    }

    private static String show(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
