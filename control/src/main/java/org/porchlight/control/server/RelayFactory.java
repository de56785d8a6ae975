package org.porchlight.control.server;

import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.metrics.RelayMetrics;
import org.porchlight.relay.server.Relay;

/** Makes the media plane of a node. */
@FunctionalInterface
public interface RelayFactory {
    /** A relay, not yet started, that asks this admission and counts here. */
    Relay create(Admission admission, RelayMetrics metrics);
}
