package org.porchlight.relay.admission;

import java.time.Instant;

/** What admission says to a request. */
public sealed interface Answer {

    /**
     * Yes, until revoked.
     *
     * @param session identifies this right to this camera in logs, cuts and receipts; unique, not secret
     * @param person stable reference of who watches or publishes, for cuts by person
     * @param programme programme under which it is allowed, for cuts by programme; empty: none
     * @param leased the session ends when admission has been silent for {@link Admission#LEASE_EXPIRY} (private cameras)
     * @param expiresAt the session ends then at the latest; {@link Instant#MAX}: no end
     * @param epoch policy epoch at which this was decided
     */
    record Permit(String session, String person, String programme, boolean leased, Instant expiresAt, long epoch)
            implements Answer {}

    /** No. */
    record Deny(DenyCode code) implements Answer {}
}
