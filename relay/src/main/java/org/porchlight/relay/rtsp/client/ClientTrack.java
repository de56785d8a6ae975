package org.porchlight.relay.rtsp.client;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtsp.NumberPair;

/**
 * One track as it was set up.
 *
 * @param format what it carries
 * @param controlUrl its URL for SETUP
 * @param transport how it comes
 * @param serverPorts the camera's UDP ports for RTP and RTCP; null when it told none or the transport is TCP
 * @param ssrc of its packets, as the camera announced it; null: it did not
 * @param keyframeFeedback messages by which a keyframe may be asked for, as announced
 */
public record ClientTrack(
        TrackFormat format,
        String controlUrl,
        Transport transport,
        @Nullable NumberPair serverPorts,
        @Nullable Integer ssrc,
        Set<KeyframeFeedback> keyframeFeedback) {

    public ClientTrack {
        keyframeFeedback = Set.copyOf(keyframeFeedback);
    }

    /** How packets of a track come. */
    public enum Transport {
        INTERLEAVED,
        UDP
    }
}
