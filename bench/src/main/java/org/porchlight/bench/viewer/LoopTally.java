package org.porchlight.bench.viewer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Figures of all viewers of one event loop. Owner: that loop; when the loop rests the reporter adds the loops up with {@link #add}.
 */
public final class LoopTally {
    private static final long LONGEST_NANOS = 600_000_000_000L;

    long packets;
    long bytes;
    long packetsExpected;
    long packetsLost;
    long packetsDuplicate;
    long frames;
    long framesExpected;
    long framesLost;
    long framesDamaged;
    long framesOfCatchUp;
    long framesWithoutStamp;
    long framesOfWrongCamera;
    long stalls;
    long stalledNanos;
    long incarnations;
    long malformed;

    public long joined;
    public long playing;
    public long connectFailures;
    public long refused;
    public long disconnected;
    public long vanished;
    public long slowDisconnected;

    /** From the camera's send call to the end of the frame at the viewer, for frames sent while the viewer watched. */
    public final Histogram latencyNanos = new Histogram(1_000, LONGEST_NANOS, 3);
    /** From PLAY to the end of the first keyframe. */
    public final Histogram firstKeyframeNanos = new Histogram(1_000, LONGEST_NANOS, 3);

    /** Adds another loop's figures to these. */
    public void add(LoopTally other) {
        packets += other.packets;
        bytes += other.bytes;
        packetsExpected += other.packetsExpected;
        packetsLost += other.packetsLost;
        packetsDuplicate += other.packetsDuplicate;
        frames += other.frames;
        framesExpected += other.framesExpected;
        framesLost += other.framesLost;
        framesDamaged += other.framesDamaged;
        framesOfCatchUp += other.framesOfCatchUp;
        framesWithoutStamp += other.framesWithoutStamp;
        framesOfWrongCamera += other.framesOfWrongCamera;
        stalls += other.stalls;
        stalledNanos += other.stalledNanos;
        incarnations += other.incarnations;
        malformed += other.malformed;
        joined += other.joined;
        playing += other.playing;
        connectFailures += other.connectFailures;
        refused += other.refused;
        disconnected += other.disconnected;
        vanished += other.vanished;
        slowDisconnected += other.slowDisconnected;
        latencyNanos.add(other.latencyNanos);
        firstKeyframeNanos.add(other.firstKeyframeNanos);
    }

    /**
     * Adds what viewers without good manners got: the traffic, and what no viewer may ever see. What they missed and how late they read
     * it says nothing of the server.
     */
    public void addOfBadManners(LoopTally other) {
        packets += other.packets;
        bytes += other.bytes;
        frames += other.frames;
        malformed += other.malformed;
        framesOfWrongCamera += other.framesOfWrongCamera;
        incarnations += other.incarnations;
    }

    public long packets() {
        return packets;
    }

    public long bytes() {
        return bytes;
    }

    public long frames() {
        return frames;
    }

    public long framesLost() {
        return framesLost;
    }

    public long packetsLost() {
        return packetsLost;
    }

    static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.min(LONGEST_NANOS, Math.max(0, nanos)));
    }

    /** Name and value of each figure, in order. */
    public Map<String, Object> snapshot() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("viewersJoined", joined);
        values.put("viewersPlayingAtEnd", playing);
        values.put("connectFailures", connectFailures);
        values.put("refused", refused);
        values.put("disconnected", disconnected);
        values.put("vanished", vanished);
        values.put("slowDisconnected", slowDisconnected);
        values.put("packets", packets);
        values.put("bytes", bytes);
        values.put("packetsExpected", packetsExpected);
        values.put("packetsLost", packetsLost);
        values.put("packetsDuplicate", packetsDuplicate);
        values.put("malformed", malformed);
        values.put("frames", frames);
        values.put("framesExpected", framesExpected);
        values.put("framesLost", framesLost);
        values.put("framesDamaged", framesDamaged);
        values.put("framesOfCatchUp", framesOfCatchUp);
        values.put("framesWithoutStamp", framesWithoutStamp);
        values.put("framesOfWrongCamera", framesOfWrongCamera);
        values.put("cameraRestartsSeen", incarnations);
        values.put("stalls", stalls);
        values.put("stalledSeconds", stalledNanos / 1e9);
        values.put("latencyMillis", percentiles(latencyNanos));
        values.put("firstKeyframeMillis", percentiles(firstKeyframeNanos));
        return values;
    }

    private static Map<String, Object> percentiles(Histogram histogram) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("count", histogram.getTotalCount());
        if (histogram.getTotalCount() > 0) {
            values.put("p50", histogram.getValueAtPercentile(50) / 1e6);
            values.put("p99", histogram.getValueAtPercentile(99) / 1e6);
            values.put("max", histogram.getMaxValue() / 1e6);
        }
        return values;
    }
}
