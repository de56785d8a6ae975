package org.porchlight.relay.admission;

/**
 * "No longer": ends every session it names. The relay flushes, it does not drain: what is unsent is discarded, also in the kernel.
 *
 * @param id names this cut in its receipt
 * @param subject the session, camera, person or programme, by {@code scope}
 * @param epoch for {@link Scope#EPOCH}: sessions of the camera {@code subject} decided before this epoch end; otherwise the epoch of
 *     the decision that caused the cut
 * @param reason stable code for logs and viewers, for example {@code CONSENT_WITHDRAWN}
 */
public record Cut(String id, Scope scope, String subject, long epoch, String reason) {

    /** What a cut names. */
    public enum Scope {
        SESSION,
        CAMERA,
        PERSON,
        PROGRAMME,
        EPOCH
    }
}
