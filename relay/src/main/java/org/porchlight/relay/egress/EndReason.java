package org.porchlight.relay.egress;

import org.porchlight.relay.metrics.Counter;

/** Under which counter a session's end falls, by its reason. */
public final class EndReason {
    private EndReason() {}

    /** @param cut the reason is one of control's */
    public static Counter ofViewer(String reason, boolean cut) {
        if (reason.equals("lease_expired")) {
            return Counter.VIEWERS_LEASE_EXPIRED;
        }
        if (cut) {
            return Counter.VIEWERS_CUT;
        }
        return switch (reason) {
            case "teardown" -> Counter.VIEWERS_TEARDOWN;
            case "disconnected" -> Counter.VIEWERS_DISCONNECTED;
            case "timeout" -> Counter.VIEWERS_TIMEOUT;
            case "too_slow" -> Counter.VIEWERS_TOO_SLOW;
            case "permit_expired" -> Counter.VIEWERS_CUT;
            case "source_gone", "format_changed" -> Counter.VIEWERS_SOURCE_GONE;
            case "shutdown" -> Counter.VIEWERS_SHUTDOWN;
            default -> Counter.VIEWERS_ERROR;
        };
    }

    /** @param cut the reason is one of control's */
    public static Counter ofPublisher(String reason, boolean cut) {
        if (cut) {
            return Counter.PUBLISHERS_CUT;
        }
        return switch (reason) {
            case "teardown" -> Counter.PUBLISHERS_TEARDOWN;
            case "disconnected" -> Counter.PUBLISHERS_DISCONNECTED;
            case "timeout" -> Counter.PUBLISHERS_TIMEOUT;
            case "replaced" -> Counter.PUBLISHERS_REPLACED;
            case "flood" -> Counter.PUBLISHERS_FLOOD;
            case "permit_expired" -> Counter.PUBLISHERS_CUT;
            case "shutdown" -> Counter.PUBLISHERS_SHUTDOWN;
            default -> Counter.PUBLISHERS_ERROR;
        };
    }
}
