package org.porchlight.relay.webrtc.ice;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of ICE: a small full agent (RFC 8445) that offers, so begins in the controlling role. It checks the peer's candidates one
 * every 50 ms, nominates the best one that answers, keeps consent fresh (RFC 7675), answers checks of a full peer, and settles a conflict of
 * roles. For load generators and tests; with one socket for each transport, so that a pair is an address of the peer.
 *
 * <p>Not built, as neither a relay nor a WHEP server needs it from us: gathering of reflexive and relayed candidates, freezing by
 * foundation, restart.
 *
 * <p>Use: {@link #addCandidate}, then {@link #poll} until it gives null, again at {@link #nextDeadlineNanos} and after each
 * {@link #receive}. Owner: one event loop.
 */
public final class IceClientAgent {
    /** Candidates beyond this number are left out. */
    public static final int MAX_PAIRS = 16;

    private static final long PACE_NANOS = 50_000_000L;
    private static final long PATIENCE_FOR_BETTER_NANOS = 200_000_000L;
    private static final long CONSENT_INTERVAL_NANOS = 2_500_000_000L;
    private static final long PEER_REFLEXIVE_PRIORITY = IceCandidate.priority(110, 0xFFFF, 1);

    /** Told of changes; calls come on the owner's loop within {@link #receive} and {@link #poll}. */
    public interface Listener {
        /** The handshake and media go here from now on. */
        void onSelected(IcePath path);

        /**
         * Nobody answers; nothing may be sent any more.
         *
         * @param connected whether a path had been selected
         */
        void onExpired(boolean connected);
    }

    private final IceCredentials local;
    private final String username;
    private final IntegrityKey localKey;
    private final IntegrityKey remoteKey;
    private final RandomGenerator random;
    private final Listener listener;
    private final long tieBreaker;
    private final int transactionHigh;
    private final long startNanos;
    private final List<CheckedPair> pairs = new ArrayList<>();
    private boolean controlling = true;
    private boolean ended;
    private boolean answered;
    private long nextPaceNanos;
    private long firstSuccessNanos;
    private @Nullable CheckedPair nominated;
    private @Nullable CheckedPair selected;

    /**
     * An agent without candidates.
     *
     * @param random of cryptographic strength: transactions must not be guessed
     */
    public IceClientAgent(
            IceCredentials local, IceCredentials remote, RandomGenerator random, long nowNanos, Listener listener) {
        this.local = local;
        username = remote.ufrag() + ":" + local.ufrag();
        localKey = IntegrityKey.of(local.password());
        remoteKey = IntegrityKey.of(remote.password());
        this.random = random;
        this.listener = listener;
        tieBreaker = random.nextLong();
        transactionHigh = random.nextInt();
        startNanos = nowNanos;
        nextPaceNanos = nowNanos;
    }

    /**
     * A candidate of the peer. Known ones and those beyond {@link #MAX_PAIRS} are passed over.
     *
     * @param address resolved
     * @param priority as its candidate line says
     */
    public void addCandidate(IceTransport transport, InetSocketAddress address, long priority, long nowNanos) {
        if (find(transport, address) == null && pairs.size() < MAX_PAIRS) {
            pairs.add(new CheckedPair(new IcePath(transport, address), priority, nowNanos));
        }
    }

    private @Nullable CheckedPair find(IceTransport transport, InetSocketAddress address) {
        for (CheckedPair pair : pairs) {
            if (pair.path.is(transport, address)) {
                return pair;
            }
        }
        return null;
    }

    /**
     * Takes a STUN message.
     *
     * @param message just parsed, borrowed
     * @param source where it came from
     * @param writer gets the answer to a request; cleared otherwise
     */
    public CheckResult receive(
            StunMessage message, IceTransport transport, InetSocketAddress source, long nowNanos, StunWriter writer) {
        writer.clear();
        if (ended) {
            return CheckResult.ENDED;
        }
        if (!message.isBinding()) {
            return CheckResult.IGNORED;
        }
        return switch (message.messageClass()) {
            case REQUEST -> onRequest(message, transport, source, nowNanos, writer);
            case SUCCESS, ERROR -> onResponse(message, transport, source, nowNanos);
            case INDICATION -> CheckResult.IGNORED;
        };
    }

    private CheckResult onResponse(
            StunMessage message, IceTransport transport, InetSocketAddress source, long nowNanos) {
        CheckedPair pair = find(transport, source);
        if (pair == null || message.transactionHigh() != transactionHigh || !pair.isMine(message.transactionLow())) {
            return CheckResult.IGNORED;
        }
        if (!message.isSignedWith(remoteKey)) {
            return CheckResult.UNAUTHENTICATED;
        }
        if (message.messageClass() == StunMessage.MessageClass.ERROR) {
            onError(message, pair, nowNanos);
            return CheckResult.IGNORED;
        }
        return onSuccess(pair, nowNanos);
    }

    private void onError(StunMessage message, CheckedPair pair, long nowNanos) {
        if (message.errorCode() == StunError.ROLE_CONFLICT.code()) {
            // RFC 8445 section 7.2.5.1: take the other role and ask again.
            controlling = !controlling;
            nominated = null;
            pair.forgetChecks();
            pair.nextSendNanos = nowNanos;
        } else if (pair != selected) {
            pair.state = CheckedPair.State.FAILED;
        }
    }

    private CheckResult onSuccess(CheckedPair pair, long nowNanos) {
        boolean first = pair.state != CheckedPair.State.SUCCEEDED;
        pair.state = CheckedPair.State.SUCCEEDED;
        pair.lastResponseNanos = nowNanos;
        if (first && !answered) {
            answered = true;
            firstSuccessNanos = nowNanos;
        }
        boolean nominationConfirmed = controlling && pair == nominated && pair.isNominating();
        if (pair != selected && (nominationConfirmed || (!controlling && pair.nominatedByPeer))) {
            select(pair, nowNanos);
            return CheckResult.SELECTED;
        }
        if (pair != selected) {
            pair.forgetChecks();
        }
        return CheckResult.VALID;
    }

    private void select(CheckedPair pair, long nowNanos) {
        selected = pair;
        pair.nextSendNanos = nowNanos + consentInterval();
        listener.onSelected(pair.path);
    }

    /** 2.5 s as browsers do, who so survive more loss than with the 5 s of RFC 7675 section 5.1; times a random factor from 0.8 to 1.2. */
    private long consentInterval() {
        return CONSENT_INTERVAL_NANOS * (800 + random.nextInt(401)) / 1_000;
    }

    private CheckResult onRequest(
            StunMessage message, IceTransport transport, InetSocketAddress source, long nowNanos, StunWriter writer) {
        if (!message.isFor(local.ufrag())) {
            return CheckResult.WRONG_USER;
        }
        if (!message.isSignedWith(localKey)) {
            return CheckResult.UNAUTHENTICATED;
        }
        StunError error = CheckRules.violation(message);
        if (error == null && !settleRoles(message)) {
            error = StunError.ROLE_CONFLICT;
        }
        if (error != null) {
            writer.error(message, error, localKey);
            return CheckRules.resultOf(error);
        }
        writer.success(message, source, localKey);
        CheckedPair pair = find(transport, source);
        if (pair == null && pairs.size() < MAX_PAIRS) {
            pair = new CheckedPair(new IcePath(transport, source), message.priority(), nowNanos);
            pairs.add(pair);
        }
        return pair == null ? CheckResult.VALID : onPeersCheck(message, pair, nowNanos);
    }

    private CheckResult onPeersCheck(StunMessage message, CheckedPair pair, long nowNanos) {
        if (pair.state == CheckedPair.State.FAILED) {
            // A triggered check (RFC 8445 section 7.3.1.4).
            pair.state = CheckedPair.State.WAITING;
            pair.forgetChecks();
            pair.nextSendNanos = nowNanos;
        }
        if (controlling || !message.isNominating()) {
            return CheckResult.VALID;
        }
        pair.nominatedByPeer = true;
        if (pair.state == CheckedPair.State.SUCCEEDED && pair != selected) {
            select(pair, nowNanos);
            return CheckResult.SELECTED;
        }
        return CheckResult.VALID;
    }

    /** RFC 8445 section 7.3.1.1: of two with the same role the one with the smaller tie-breaker changes; false: the peer has to. */
    private boolean settleRoles(StunMessage message) {
        if (message.isControlling() != controlling) {
            return true;
        }
        boolean oursIsLarger = Long.compareUnsigned(tieBreaker, message.tieBreaker()) >= 0;
        if (oursIsLarger == controlling) {
            return false;
        }
        controlling = !controlling;
        nominated = null;
        return true;
    }

    /**
     * The next check to be sent.
     *
     * @param writer gets the check
     * @return where to send it; null: nothing until {@link #nextDeadlineNanos}
     */
    public @Nullable IcePath poll(long nowNanos, StunWriter writer) {
        writer.clear();
        if (ended || expire(nowNanos)) {
            return null;
        }
        CheckedPair established = selected;
        if (established != null) {
            return established.nextSendNanos - nowNanos <= 0 ? consentCheck(established, nowNanos, writer) : null;
        }
        if (nextPaceNanos - nowNanos > 0) {
            return null;
        }
        nominate(nowNanos);
        CheckedPair due = due(nowNanos);
        return due == null ? null : check(due, nowNanos, writer);
    }

    private boolean expire(long nowNanos) {
        CheckedPair established = selected;
        long since = established == null ? startNanos : established.lastResponseNanos;
        if (nowNanos - since < IceLiteAgent.CONSENT_EXPIRY_NANOS) {
            return false;
        }
        ended = true;
        listener.onExpired(established != null);
        return true;
    }

    private IcePath consentCheck(CheckedPair pair, long nowNanos, StunWriter writer) {
        pair.begin(random.nextLong(), controlling);
        write(pair, writer);
        pair.nextSendNanos = nowNanos + consentInterval();
        return pair.path;
    }

    /** Chooses the pair to nominate: the best that has answered, once better ones have had their chance. */
    private void nominate(long nowNanos) {
        CheckedPair best = bestToNominate();
        if (best != null && nominationNanos(best) - nowNanos <= 0) {
            nominated = best;
            best.forgetChecks();
            best.nextSendNanos = nowNanos;
        }
    }

    private @Nullable CheckedPair bestToNominate() {
        CheckedPair best = null;
        for (CheckedPair pair : pairs) {
            if (pair.state == CheckedPair.State.SUCCEEDED && (best == null || pair.priority > best.priority)) {
                best = pair;
            }
        }
        return controlling && nominated == null ? best : null;
    }

    /** When to nominate the best pair that has answered. */
    private long nominationNanos(CheckedPair best) {
        for (CheckedPair pair : pairs) {
            boolean open = pair.state == CheckedPair.State.WAITING || pair.state == CheckedPair.State.IN_PROGRESS;
            if (open && pair.priority > best.priority) {
                return later(firstSuccessNanos + PATIENCE_FOR_BETTER_NANOS, nextPaceNanos);
            }
        }
        return nextPaceNanos;
    }

    private static long later(long a, long b) {
        return a - b < 0 ? b : a;
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    /** The pair whose check is due: the nominated one, else repetitions and new checks by priority. */
    private @Nullable CheckedPair due(long nowNanos) {
        CheckedPair due = null;
        for (CheckedPair pair : pairs) {
            if (!wantsCheck(pair) || pair.nextSendNanos - nowNanos > 0) {
                continue;
            }
            if (pair.isExhausted()) {
                fail(pair);
            } else if (due == null || pair == nominated || (due != nominated && pair.priority > due.priority)) {
                due = pair;
            }
        }
        return due;
    }

    private boolean wantsCheck(CheckedPair pair) {
        return switch (pair.state) {
            case WAITING, IN_PROGRESS -> true;
            case SUCCEEDED -> pair == nominated;
            case FAILED -> false;
        };
    }

    private void fail(CheckedPair pair) {
        pair.state = CheckedPair.State.FAILED;
        if (pair == nominated) {
            nominated = null;
        }
    }

    private IcePath check(CheckedPair pair, long nowNanos, StunWriter writer) {
        if (!pair.isUnderWay()) {
            pair.begin(random.nextLong(), controlling && pair == nominated);
        }
        if (pair.state == CheckedPair.State.WAITING) {
            pair.state = CheckedPair.State.IN_PROGRESS;
        }
        write(pair, writer);
        pair.onSent(nowNanos);
        nextPaceNanos = nowNanos + PACE_NANOS;
        return pair.path;
    }

    private void write(CheckedPair pair, StunWriter writer) {
        writer.request(
                new StunWriter.TransactionId(transactionHigh, pair.transaction()),
                username,
                new StunWriter.Check(controlling, tieBreaker, PEER_REFLEXIVE_PRIORITY, pair.isNominating()),
                remoteKey);
    }

    /** Our own address has changed: the selected pair is checked at once, so that the peer learns of it. */
    public void onLocalAddressChanged(long nowNanos) {
        CheckedPair established = selected;
        if (established != null) {
            established.nextSendNanos = nowNanos;
        }
    }

    /** When {@link #poll} wants to be called; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        if (ended) {
            return Long.MAX_VALUE;
        }
        CheckedPair established = selected;
        if (established != null) {
            return earlier(
                    established.lastResponseNanos + IceLiteAgent.CONSENT_EXPIRY_NANOS, established.nextSendNanos);
        }
        long deadline = startNanos + IceLiteAgent.CONSENT_EXPIRY_NANOS;
        for (CheckedPair pair : pairs) {
            if (wantsCheck(pair)) {
                deadline = earlier(deadline, later(pair.nextSendNanos, nextPaceNanos));
            }
        }
        CheckedPair best = bestToNominate();
        return best == null ? deadline : earlier(deadline, nominationNanos(best));
    }

    /** The path in use; null: none yet. */
    public @Nullable IcePath selectedPath() {
        CheckedPair established = selected;
        return established == null ? null : established.path;
    }

    /** Whether a valid answer or check has come from there. */
    public boolean isValidPath(IceTransport transport, InetSocketAddress source) {
        CheckedPair pair = find(transport, source);
        return pair != null && pair.state == CheckedPair.State.SUCCEEDED;
    }

    /** Whether we nominate; false after a conflict that the peer has won. */
    public boolean isControlling() {
        return controlling;
    }

    /** Whether consent has run out or nobody ever answered. */
    public boolean isEnded() {
        return ended;
    }
}
