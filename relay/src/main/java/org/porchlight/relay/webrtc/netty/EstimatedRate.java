package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.egress.SendRate;
import org.porchlight.relay.webrtc.congestion.SendEstimator;

/**
 * What a viewer's path carries by its own feedback, transport-wide or REMB. Owner: the viewer's loop.
 *
 * @param estimator of this viewer alone
 */
public record EstimatedRate(SendEstimator estimator) implements SendRate {
    /** Below this no picture is worth sending. */
    private static final long LEAST = 100_000;
    /** No viewer is sent more than one camera. */
    private static final long MOST = 100_000_000;

    /** One that knows nothing yet. */
    public static EstimatedRate beginning(long nowNanos) {
        return new EstimatedRate(new SendEstimator(LEAST, MOST, nowNanos));
    }

    @Override
    public void onPacketSent(int transportSequenceNumber, int bytes, long nowNanos) {
        estimator.onPacketSent(transportSequenceNumber, bytes, nowNanos);
    }

    @Override
    public void onTransportFeedback(ByteBuf buf, int offset, int length, long nowNanos) {
        estimator.onTransportFeedback(buf, offset, length, nowNanos);
    }

    @Override
    public void onRemb(long bitsPerSecond, long nowNanos) {
        estimator.onRemb(bitsPerSecond, nowNanos);
    }

    @Override
    public long bitsPerSecond(long nowNanos) {
        return estimator.bitsPerSecond(nowNanos);
    }
}
