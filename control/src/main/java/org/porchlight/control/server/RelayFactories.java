package org.porchlight.control.server;

import java.util.Optional;
import org.porchlight.relay.server.MediaRelay;

/** Which media plane the program runs: the one place that names its class. */
final class RelayFactories {
    private RelayFactories() {}

    /** The media plane of this build. */
    static Optional<RelayFactory> installed() {
        return Optional.of(MediaRelay::new);
    }
}
