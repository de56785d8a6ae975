package org.porchlight.relay.server;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the configuration of a camera by the name that a client asks for. Immutable. */
public final class CameraDirectory {
    private final Map<String, CameraConfiguration> exact = new HashMap<>();
    private final List<CameraConfiguration> patterns;

    /** @param cameras in order of precedence among patterns */
    public CameraDirectory(List<CameraConfiguration> cameras) {
        for (CameraConfiguration camera : cameras) {
            if (camera.name().isExact()) {
                exact.put(camera.name().text(), camera);
            }
        }
        patterns = cameras.stream().filter(camera -> !camera.name().isExact()).toList();
    }

    /** The entry of that very name, else the first pattern that matches; empty: there is no such camera. */
    public Optional<CameraConfiguration> find(String name) {
        CameraConfiguration own = exact.get(name);
        if (own != null) {
            return Optional.of(own);
        }
        if (!CameraPattern.isName(name)) {
            return Optional.empty();
        }
        for (CameraConfiguration pattern : patterns) {
            if (pattern.name().matches(name)) {
                return Optional.of(pattern);
            }
        }
        return Optional.empty();
    }
}
