package org.porchlight.relay.server;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that the media plane is told. Immutable; a change is a new one, given to {@link Relay#apply}.
 *
 * @param listeners where clients connect
 * @param limits how many may
 * @param media threads and memory; read at start only
 * @param webrtc how browsers' media comes and goes; read at start only
 * @param staleness how far viewers may fall behind
 * @param cameras at most 100,000, names differ; where patterns overlap, the first that matches counts, and a full name before any pattern
 */
public record RelayConfiguration(
        ListenerConfiguration listeners,
        LimitConfiguration limits,
        MediaConfiguration media,
        WebRtcConfiguration webrtc,
        StalenessConfiguration staleness,
        List<CameraConfiguration> cameras) {
    /** Most camera entries. */
    public static final int MAX_CAMERAS = 100_000;
    /** Most camera entries that are patterns: each unknown name is compared with all of them. */
    public static final int MAX_PATTERNS = 1_000;

    /** Defaults and no camera. */
    public static final RelayConfiguration EMPTY = new RelayConfiguration(
            ListenerConfiguration.DEFAULT,
            LimitConfiguration.DEFAULT,
            MediaConfiguration.DEFAULT,
            WebRtcConfiguration.DEFAULT,
            StalenessConfiguration.DEFAULT,
            List.of());

    public RelayConfiguration {
        cameras = List.copyOf(cameras);
        if (cameras.size() > MAX_CAMERAS) {
            throw new InvalidSetting("cameras", "more than " + MAX_CAMERAS + " cameras");
        }
        Set<CameraPattern> names = new HashSet<>();
        int patterns = 0;
        for (CameraConfiguration camera : cameras) {
            if (!names.add(camera.name())) {
                throw new InvalidSetting("cameras", "camera " + camera.name() + " is there twice");
            }
            if (!camera.name().isExact() && ++patterns > MAX_PATTERNS) {
                throw new InvalidSetting("cameras", "more than " + MAX_PATTERNS + " patterns");
            }
        }
    }

    /** An index of the cameras by name; build it once per configuration. */
    public CameraDirectory directory() {
        return new CameraDirectory(cameras);
    }

    /** The same with other cameras. */
    public RelayConfiguration withCameras(List<CameraConfiguration> others) {
        return new RelayConfiguration(listeners, limits, media, webrtc, staleness, others);
    }

    /** The entry for a name; slow, see {@link #directory}. */
    public Optional<CameraConfiguration> camera(String name) {
        return directory().find(name);
    }
}
