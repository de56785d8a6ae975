package org.porchlight.relay.server;

/** Whether a camera may be published to us, and what happens when a second publisher comes while the first is alive. */
public enum PublishPolicy {
    /** Nobody publishes under this name. */
    OFF,
    /** The second is refused. */
    REFUSE,
    /** The second takes over, viewers stay. */
    REPLACE
}
