package org.porchlight.relay.server;

import java.util.Optional;

/**
 * One camera, or a pattern of names under which cameras may be published.
 *
 * @param name its name; a pattern only for published cameras
 * @param visibility whether everybody may watch
 * @param main where to pull the full picture from; empty: the camera is published
 * @param sub where to pull the small picture from; empty: there is none
 * @param activation when a pulled camera is connected
 * @param publish whether and how it is published
 * @param maxBitsPerSecond a source that sends more is cut off, 64 kb/s to 10 Gb/s
 */
public record CameraConfiguration(
        CameraPattern name,
        Visibility visibility,
        Optional<SourceConfiguration> main,
        Optional<SourceConfiguration> sub,
        Activation activation,
        PublishPolicy publish,
        long maxBitsPerSecond) {
    /** 100 Mb/s. */
    public static final long DEFAULT_MAX_BITS_PER_SECOND = 100_000_000;

    public CameraConfiguration {
        if (main.isEmpty() && publish == PublishPolicy.OFF) {
            throw new InvalidSetting(
                    "main", "nothing says where the video comes from: set main with a url, or publish");
        }
        if (main.isPresent() && publish != PublishPolicy.OFF) {
            throw new InvalidSetting("publish", "a camera is pulled or published, not both: take away main or publish");
        }
        if (sub.isPresent() && main.isEmpty()) {
            throw new InvalidSetting("sub", "has a meaning only beside main");
        }
        if (main.isPresent() && !name.isExact()) {
            throw new InvalidSetting("main", "a pattern of names cannot be pulled; name each camera, or use publish");
        }
        if (main.isEmpty() && activation == Activation.ALWAYS) {
            throw new InvalidSetting("activation", "has a meaning for pulled cameras only");
        }
        InvalidSetting.requireRange("maxBitsPerSecond", maxBitsPerSecond, 64_000, 10_000_000_000L);
    }
}
