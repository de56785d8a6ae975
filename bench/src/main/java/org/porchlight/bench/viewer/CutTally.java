package org.porchlight.bench.viewer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What viewers saw of a cut: how long after it was asked for the last packet came, and when their connections ended. Owner: the thread that
 * reports, which adds the loops' viewers one after the other.
 */
public final class CutTally {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private final long askedEpochNanos;
    private final Histogram lastPacket = new Histogram(1_000, LONGEST_NANOS, 3);
    private final Histogram ended = new Histogram(1_000, LONGEST_NANOS, 3);
    private long stillConnected;

    /** @param askedEpochNanos when the cut was asked for, before the first byte of the request */
    public CutTally(long askedEpochNanos) {
        this.askedEpochNanos = askedEpochNanos;
    }

    /**
     * Adds one viewer.
     *
     * @param lastPacketEpochNanos when its last packet came
     * @param endedEpochNanos when its connection ended; 0: it has not
     */
    public void add(long lastPacketEpochNanos, long endedEpochNanos) {
        lastPacket.recordValue(within(lastPacketEpochNanos - askedEpochNanos));
        if (endedEpochNanos == 0) {
            stillConnected++;
        } else {
            ended.recordValue(within(endedEpochNanos - askedEpochNanos));
        }
    }

    private static long within(long nanos) {
        return Math.max(0, Math.min(LONGEST_NANOS, nanos));
    }

    /** Name and value of each figure, in order. */
    public Map<String, Object> snapshot() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("cutViewers", lastPacket.getTotalCount());
        values.put("cutViewersStillConnected", stillConnected);
        values.put("cutLastPacketMillisP50", millis(lastPacket, 50));
        values.put("cutLastPacketMillisP99", millis(lastPacket, 99));
        values.put("cutLastPacketMillisMax", millis(lastPacket, 100));
        values.put("cutEndedMillisP50", millis(ended, 50));
        values.put("cutEndedMillisP99", millis(ended, 99));
        return values;
    }

    private static double millis(Histogram histogram, double percentile) {
        return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(percentile) / 1e6;
    }
}
