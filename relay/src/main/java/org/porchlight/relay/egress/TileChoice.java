package org.porchlight.relay.egress;

/** Which rendition a viewer wants on its tile. */
public enum TileChoice {
    /** The main stream, as long as its path carries it; else the sub stream. */
    AUTO,
    MAIN,
    /** The sub stream; where a camera has none, the main stream. */
    SUB,
    /** Nothing for now. */
    PAUSED
}
