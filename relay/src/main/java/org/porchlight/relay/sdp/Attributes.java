package org.porchlight.relay.sdp;

import java.util.List;
import java.util.Optional;

/** Look-ups in attribute lists. */
final class Attributes {
    private Attributes() {}

    static Optional<String> first(List<Attribute> attributes, String name) {
        for (Attribute attribute : attributes) {
            if (attribute.isNamed(name)) {
                return Optional.of(attribute.value());
            }
        }
        return Optional.empty();
    }
}
