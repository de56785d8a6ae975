package org.porchlight.relay.webrtc.ice;

/**
 * What became of a STUN message that an agent was given. Where {@link #isAnswered}, the answer lies in the {@link StunWriter} and
 * belongs to where the message came from; every other message is met with silence: who does not know the password learns nothing and moves
 * nothing, and no answer is larger than what a check with a password could ask for.
 */
public enum CheckResult {
    /** A valid check; the path may carry this session. */
    VALID(true, true),
    /** A valid check that moved the selected path; the listener was told. */
    SELECTED(true, true),
    /** Signed, but lacks what a check must have: answered with 400. */
    BAD_REQUEST(true, false),
    /** Signed, but with attributes that must be understood and are not: answered with 420. */
    UNKNOWN_ATTRIBUTE(true, false),
    /** Signed, but the sender claims our role: answered with 487, so that it takes the other one. */
    ROLE_CONFLICT(true, false),
    /** A signed request seen before, from another address: somebody repeats what he has overheard. Not answered. */
    REPLAYED(false, false),
    /** The USERNAME does not begin with a user name fragment of ours. Not answered. */
    WRONG_USER(false, false),
    /** No MESSAGE-INTEGRITY, or not made with our password. Not answered. */
    UNAUTHENTICATED(false, false),
    /** A response or indication nobody waits for, or another method. */
    IGNORED(false, false),
    /** The agent has ended. */
    ENDED(false, false);

    private final boolean answered;
    private final boolean valid;

    CheckResult(boolean answered, boolean valid) {
        this.answered = answered;
        this.valid = valid;
    }

    /** Whether the writer holds an answer to be sent. */
    public boolean isAnswered() {
        return answered;
    }

    /** Whether the check was valid, so that its sender may be listened to. */
    public boolean isValid() {
        return valid;
    }
}
