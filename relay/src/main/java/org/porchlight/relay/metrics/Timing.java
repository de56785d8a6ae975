package org.porchlight.relay.metrics;

import java.time.Duration;
import java.util.List;

/** Every duration that the relay measures, declared once with the bounds of its histogram. Not for use per packet. */
public enum Timing {
    FIRST_KEYFRAME(
            "first_keyframe",
            "From a viewer's PLAY to the last packet of its first keyframe handed to the kernel",
            List.of(1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)),
    DESCRIBE_WAIT(
            "describe_wait",
            "What a viewer waited for the description of a camera that had to be opened first",
            List.of(1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)),
    SOURCE_CONNECT(
            "source_connect",
            "From the first attempt to connect to a camera to its first packet",
            List.of(10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)),
    ADMISSION(
            "admission",
            "What admission took to answer",
            List.of(1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2500, 5000)),
    CUT("cut", "From a cut being told to its last session closed", List.of(1, 2, 5, 10, 20, 50, 100, 250, 500, 1000)),
    LOOP_STALL(
            "loop_stall",
            "How late event loops were when they were later than the stall threshold",
            List.of(50, 100, 250, 500, 1000, 2500, 5000, 10_000));

    private final String meterName;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // made by Stream.toList, which nobody can change
    private final List<Duration> bounds;

    Timing(String name, String description, List<Integer> boundsMillis) {
        this.meterName = "porchlight_" + name;
        this.description = description;
        this.bounds = boundsMillis.stream().map(Duration::ofMillis).toList();
    }

    /** Name of the meter without its unit; shown with {@code _seconds}. */
    public String meterName() {
        return meterName;
    }

    /** From when to when, in one line. */
    public String description() {
        return description;
    }

    /** Upper bounds of the histogram's buckets, rising. */
    public List<Duration> bounds() {
        return bounds;
    }
}
