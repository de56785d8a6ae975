package org.porchlight.relay.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What must be touched to get from one configuration to the next, and nothing else. Pure and immutable. */
public final class ConfigurationDiff {
    private final RelayConfiguration before;
    private final RelayConfiguration after;
    private final CameraDirectory directoryBefore;
    private final CameraDirectory directoryAfter;

    private ConfigurationDiff(RelayConfiguration before, RelayConfiguration after) {
        this.before = before;
        this.after = after;
        this.directoryBefore = before.directory();
        this.directoryAfter = after.directory();
    }

    /** Compares two configurations. */
    public static ConfigurationDiff between(RelayConfiguration before, RelayConfiguration after) {
        return new ConfigurationDiff(before, after);
    }

    /** Whether nothing at all changed. */
    public boolean isEmpty() {
        return before.equals(after);
    }

    /** RTSP addresses to begin to listen on. */
    public List<ListenAddress> rtspOpened() {
        return without(after.listeners().rtsp(), before.listeners().rtsp());
    }

    /** RTSP addresses to stop listening on; connections accepted there stay. */
    public List<ListenAddress> rtspClosed() {
        return without(before.listeners().rtsp(), after.listeners().rtsp());
    }

    /** RTSPS addresses to begin to listen on. */
    public List<ListenAddress> rtspsOpened() {
        return without(after.listeners().rtsps(), before.listeners().rtsps());
    }

    /** RTSPS addresses to stop listening on; connections accepted there stay. */
    public List<ListenAddress> rtspsClosed() {
        return without(before.listeners().rtsps(), after.listeners().rtsps());
    }

    /** Whether handshakes from now on show another certificate. */
    public boolean tlsChanged() {
        return !before.listeners().tls().equals(after.listeners().tls());
    }

    /** Whether limits at the door changed. */
    public boolean limitsChanged() {
        return !before.limits().equals(after.limits());
    }

    /** Whether the contract with viewers that fall behind changed. */
    public boolean stalenessChanged() {
        return !before.staleness().equals(after.staleness());
    }

    /** Whether something changed that counts only after a restart. */
    public boolean needsRestart() {
        return !before.media().equals(after.media()) || !before.webrtc().equals(after.webrtc());
    }

    /**
     * What becomes of a camera with this name, be it configured by name or by a pattern. For streams that exist, whatever made them exist.
     */
    public CameraChange changeOf(String name) {
        Optional<CameraConfiguration> old = directoryBefore.find(name);
        Optional<CameraConfiguration> now = directoryAfter.find(name);
        if (old.isPresent() && now.isPresent()) {
            return CameraChange.Changed.between(old.get(), now.get());
        }
        if (old.isPresent()) {
            return new CameraChange.Removed(old.get());
        }
        return now.<CameraChange>map(CameraChange.Added::new).orElseGet(CameraChange.Unchanged::new);
    }

    /** Entries, names and patterns alike, that were added, removed or changed, in the order of the new and then the old configuration. */
    public List<CameraPattern> touchedEntries() {
        Map<CameraPattern, CameraConfiguration> old = new HashMap<>();
        for (CameraConfiguration camera : before.cameras()) {
            old.put(camera.name(), camera);
        }
        Set<CameraPattern> touched = new LinkedHashSet<>();
        Set<CameraPattern> kept = new LinkedHashSet<>();
        for (CameraConfiguration camera : after.cameras()) {
            kept.add(camera.name());
            if (!camera.equals(old.get(camera.name()))) {
                touched.add(camera.name());
            }
        }
        for (CameraConfiguration camera : before.cameras()) {
            if (!kept.contains(camera.name())) {
                touched.add(camera.name());
            }
        }
        return new ArrayList<>(touched);
    }

    private static List<ListenAddress> without(List<ListenAddress> these, List<ListenAddress> those) {
        return these.stream().filter(address -> !those.contains(address)).toList();
    }
}
