package org.porchlight.control.configuration;

import java.util.List;
import org.porchlight.control.access.AccessConfiguration;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.LimitConfiguration;
import org.porchlight.relay.server.ListenerConfiguration;
import org.porchlight.relay.server.MediaConfiguration;
import org.porchlight.relay.server.RelayConfiguration;
import org.porchlight.relay.server.StalenessConfiguration;
import org.porchlight.relay.server.WebRtcConfiguration;

/**
 * All that a node is told: the whole of its configuration file, with secrets resolved. Components have the names of the file's keys.
 */
public record NodeConfiguration(
        ListenerConfiguration listeners,
        HttpConfiguration http,
        LimitConfiguration limits,
        MediaConfiguration media,
        WebRtcConfiguration webrtc,
        StalenessConfiguration staleness,
        ManagementConfiguration management,
        AccessConfiguration access,
        List<CameraConfiguration> cameras) {
    public NodeConfiguration {
        cameras = List.copyOf(cameras);
    }

    /** The part that the media plane is told. */
    public RelayConfiguration relay() {
        return new RelayConfiguration(listeners, limits, media, webrtc, staleness, cameras);
    }
}
