package org.porchlight.relay.rtsp.client;

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
 */
public record ClientTrack(
        TrackFormat format,
        String controlUrl,
        Transport transport,
        @Nullable NumberPair serverPorts) {

    /** How packets of a track come. */
    public enum Transport {
        INTERLEAVED,
        UDP
    }
}
