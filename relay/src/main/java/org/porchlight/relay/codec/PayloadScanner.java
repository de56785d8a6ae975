package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the payload headers of one track's packets, in sequence order. Stateful. Owner: the loop of the track's source.
 * It never changes a byte and allocates nothing in the steady state.
 */
public interface PayloadScanner {
    /**
     * Looks at one packet.
     *
     * @param buf borrowed; holds the payload at {@code [offset, offset + length)}, padding already taken off
     * @param offset absolute index
     * @param length 0 or more
     * @param marker the RTP marker bit
     * @param rtpTimestamp the camera's, 32 bits
     * @param afterLoss true when packets are missing between the one before and this one
     * @return bits of {@link PacketFlags}
     */
    int scan(ByteBuf buf, int offset, int length, boolean marker, int rtpTimestamp, boolean afterLoss);

    /** The format with the parameter sets known by now (from the session description or in band) in its fmtp. */
    TrackFormat format();

    /** Forgets fragment and frame state, for example after a source restart; parameter sets stay. */
    void reset();

    /** Size, profile and level of the picture as its parameter sets or keyframes tell; null: not known yet, or no picture. */
    default @Nullable PictureFormat pictureFormat() {
        return null;
    }

    /** Whether pictures were seen that are shown in another order than sent: players that cannot wait for them stutter. */
    default boolean bidirectionalFramesSeen() {
        return false;
    }

    /** How often each deviation from the payload format was seen and tolerated; a copy, without those never seen. */
    default Map<CodecDeviation, Long> tolerances() {
        return Map.of();
    }
}
