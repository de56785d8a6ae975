package org.porchlight.relay.stream;

import java.util.EnumMap;
import java.util.Map;
import org.porchlight.relay.codec.CodecDeviation;

/**
 * What a stream's sources have sent so far, at most a second old: for operators, not for decisions. Immutable.
 *
 * @param bytes of RTP packets
 * @param lostPackets sequence numbers that never came
 * @param deviations what the hub put right
 * @param codecDeviations what the payload scanners tolerated
 */
public record SourceFigures(
        long bytes,
        long lostPackets,
        Map<IngestDeviation, Long> deviations,
        Map<CodecDeviation, Long> codecDeviations) {
    /** Nothing yet. */
    public static final SourceFigures NONE = new SourceFigures(0, 0, Map.of(), Map.of());

    public SourceFigures {
        deviations = Map.copyOf(deviations);
        codecDeviations = Map.copyOf(codecDeviations);
    }

    /** Those of an earlier source and of a later one together. */
    SourceFigures plus(SourceFigures later) {
        Map<IngestDeviation, Long> sum = new EnumMap<>(IngestDeviation.class);
        sum.putAll(deviations);
        later.deviations.forEach((deviation, count) -> sum.merge(deviation, count, Long::sum));
        Map<CodecDeviation, Long> codecSum = new EnumMap<>(CodecDeviation.class);
        codecSum.putAll(codecDeviations);
        later.codecDeviations.forEach((deviation, count) -> codecSum.merge(deviation, count, Long::sum));
        return new SourceFigures(bytes + later.bytes, lostPackets + later.lostPackets, sum, codecSum);
    }
}
