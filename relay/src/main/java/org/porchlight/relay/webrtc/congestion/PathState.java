package org.porchlight.relay.webrtc.congestion;

/** What packets' delays say about the queue on their path. */
enum PathState {
    /** The queue drains. */
    UNDERUSED,
    /** It stays as it is. */
    NORMAL,
    /** It grows: more is sent than the path carries. */
    OVERUSED
}
