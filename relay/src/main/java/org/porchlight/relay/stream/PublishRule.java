package org.porchlight.relay.stream;

/** Whether a camera may be published to us, and who stays when a second publisher comes. */
public enum PublishRule {
    /** Nobody publishes under this name. */
    OFF,
    /** The second is refused while the first is alive. */
    REFUSE,
    /** The second takes over, viewers stay. */
    REPLACE
}
