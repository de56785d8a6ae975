package org.porchlight.relay.server;

/** When a pulled camera is connected. */
public enum Activation {
    /** When the first viewer comes, until at most 10 s after the last has left. */
    ON_DEMAND,
    /** Always. */
    ALWAYS
}
