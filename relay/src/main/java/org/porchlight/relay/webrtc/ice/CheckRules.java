package org.porchlight.relay.webrtc.ice;

import org.jspecify.annotations.Nullable;

/** What every signed connectivity check must satisfy, for either kind of agent. */
final class CheckRules {
    private CheckRules() {}

    /** The error to answer with; null: none (RFC 8489 section 6.3.1, RFC 8445 sections 7.1 and 7.3). */
    static @Nullable StunError violation(StunMessage check) {
        if (check.unknownCount() > 0) {
            return StunError.UNKNOWN_ATTRIBUTE;
        }
        boolean oneRole = check.isControlling() ^ check.isControlled();
        return check.hasPriority() && oneRole ? null : StunError.BAD_REQUEST;
    }

    static CheckResult resultOf(StunError error) {
        return switch (error) {
            case BAD_REQUEST -> CheckResult.BAD_REQUEST;
            case UNKNOWN_ATTRIBUTE -> CheckResult.UNKNOWN_ATTRIBUTE;
            case ROLE_CONFLICT -> CheckResult.ROLE_CONFLICT;
        };
    }
}
