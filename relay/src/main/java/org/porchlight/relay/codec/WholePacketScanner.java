package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;

/**
 * Scanner for formats of which each packet stands by itself (Opus, G.711, G.722, linear PCM), and for everything unknown, of which nothing
 * better can be said. Owner: the loop of the track's source.
 */
final class WholePacketScanner implements PayloadScanner {
    private static final int WHOLE = PacketFlags.FRAME_START | PacketFlags.FRAME_END | PacketFlags.KEYFRAME;

    private final TrackFormat format;
    private final DeviationCounts deviations = new DeviationCounts();

    WholePacketScanner(TrackFormat format) {
        this.format = format;
    }

    @Override
    public int scan(ByteBuf buf, int offset, int length, boolean marker, int rtpTimestamp, boolean afterLoss) {
        if (length == 0) {
            deviations.count(CodecDeviation.EMPTY_PAYLOAD);
            return WHOLE | PacketFlags.MALFORMED;
        }
        return WHOLE;
    }

    @Override
    public TrackFormat format() {
        return format;
    }

    @Override
    public void reset() {}

    @Override
    public Map<CodecDeviation, Long> tolerances() {
        return deviations.snapshot();
    }
}
