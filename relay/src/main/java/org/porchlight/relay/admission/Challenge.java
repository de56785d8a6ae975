package org.porchlight.relay.admission;

/** One way to authenticate that admission accepts; shown to clients in this order. */
public sealed interface Challenge {
    String realm();

    record Basic(String realm) implements Challenge {}

    record Digest(String realm, DigestAlgorithm algorithm) implements Challenge {}

    record Bearer(String realm) implements Challenge {}
}
