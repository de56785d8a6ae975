package org.porchlight.relay.webrtc.ice;

/**
 * A candidate pair that an {@link IceClientAgent} checks: one socket of ours, one address of the peer. Owner: its agent.
 *
 * <p>A check is sent again with the same transaction at growing intervals (RFC 8489 section 6.2.1); checks of consent each have a new
 * one and are never repeated (RFC 7675 section 5.1), so a few of the last ones are remembered.
 */
final class CheckedPair {
    /** Where the pair stands (RFC 8445 section 6.1.2.6). */
    enum State {
        WAITING,
        IN_PROGRESS,
        SUCCEEDED,
        FAILED
    }

    private static final int OUTSTANDING = 8;
    private static final int MAX_SENDS = 7;
    private static final long FIRST_TIMEOUT_NANOS = 500_000_000L;

    final IcePath path;
    final long priority;
    State state = State.WAITING;
    /** The peer nominated this pair before our own check had succeeded. */
    boolean nominatedByPeer;
    /** When the next check, repeated or new, is due. */
    long nextSendNanos;

    long lastResponseNanos;

    private final long[] transactions = new long[OUTSTANDING];
    private int transactionCount;
    private boolean nominating;
    private int sends;

    CheckedPair(IcePath path, long priority, long nowNanos) {
        this.path = path;
        this.priority = priority;
        nextSendNanos = nowNanos;
    }

    /** Begins a new check. */
    void begin(long transaction, boolean nominates) {
        transactions[transactionCount++ % OUTSTANDING] = transaction;
        nominating = nominates;
        sends = 0;
    }

    /** Forgets all checks that are under way. */
    void forgetChecks() {
        transactionCount = 0;
        sends = 0;
    }

    boolean isUnderWay() {
        return transactionCount > 0 && sends > 0;
    }

    /** The transaction to send, or to send again. */
    long transaction() {
        return transactions[(transactionCount - 1) % OUTSTANDING];
    }

    boolean isNominating() {
        return nominating;
    }

    boolean isMine(long transaction) {
        for (int i = 0; i < Math.min(transactionCount, OUTSTANDING); i++) {
            if (transactions[i] == transaction) {
                return true;
            }
        }
        return false;
    }

    /** Counts a sending and sets the time of the next; after too many of them the pair fails. */
    void onSent(long nowNanos) {
        nextSendNanos = nowNanos + (FIRST_TIMEOUT_NANOS << sends);
        sends++;
    }

    /** Whether every repetition has been sent and the last has had its time. */
    boolean isExhausted() {
        return sends >= MAX_SENDS;
    }
}
