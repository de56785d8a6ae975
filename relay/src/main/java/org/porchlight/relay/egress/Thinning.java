package org.porchlight.relay.egress;

/** How much of a stream a viewer gets. */
public enum Thinning {
    ALL,
    /** Without frames that nothing refers to. */
    REFERENCE_FRAMES,
    /** Keyframes and parameter sets alone, and the other tracks. */
    KEYFRAMES,
    /** No pictures at all: the other tracks and the reports, as the pictures come from elsewhere. */
    OTHER_TRACKS
}
