package org.porchlight.relay.admission;

/** Which stream of a camera: the full picture or the small one. */
public enum Rendition {
    MAIN,
    SUB
}
