package org.porchlight.relay.codec;

import java.util.EnumMap;
import java.util.Map;

/** How often each {@link CodecDeviation} was seen on one track. Owner: the loop of the track's source. */
final class DeviationCounts {
    private static final CodecDeviation[] ALL = CodecDeviation.values();

    private final EnumMap<CodecDeviation, long[]> cells = new EnumMap<>(CodecDeviation.class);

    DeviationCounts() {
        for (CodecDeviation deviation : ALL) {
            cells.put(deviation, new long[1]);
        }
    }

    void count(CodecDeviation deviation) {
        cell(deviation)[0]++;
    }

    boolean isSeen(CodecDeviation deviation) {
        return cell(deviation)[0] > 0;
    }

    Map<CodecDeviation, Long> snapshot() {
        Map<CodecDeviation, Long> seen = new EnumMap<>(CodecDeviation.class);
        for (CodecDeviation deviation : ALL) {
            if (isSeen(deviation)) {
                seen.put(deviation, cell(deviation)[0]);
            }
        }
        return seen;
    }

    private long[] cell(CodecDeviation deviation) {
        long[] cell = cells.get(deviation);
        if (cell == null) {
            throw new IllegalStateException("no cell for " + deviation);
        }
        return cell;
    }
}
