package org.porchlight.relay.webrtc.ice;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The relay's side of ICE for one session: a lite agent (RFC 8445 section 2.5), always in the controlled role, with one component for
 * everything. It answers checks and never sends any; where media go is for the peer to say, by nominating.
 *
 * <p><b>Selected path.</b> The latest valid check with USE-CANDIDATE names it, also when it comes from a new address: so a phone that
 * leaves its Wi-Fi is followed without a new session. Until there is one, the path of the highest priority carries the handshake.
 *
 * <p><b>Replay.</b> STUN requests carry no counter, so one that is overheard could be sent again from the address of a victim and
 * turn the media on him until the peer's next check. A transaction identifier among the last {@value #REMEMBERED} therefore opens no path
 * and moves no selection.
 *
 * <p><b>Consent freshness</b> (RFC 7675). A lite agent cannot ask for consent; the peer's checks, which come every few seconds as long as it
 * lives, are the life sign. A path without one for 30 s is given up; without any path the agent ends. That is also how a session ends whose
 * peer never came.
 *
 * <p><b>Restart</b> (RFC 8445 section 9). Old and new credentials are valid side by side until the peer nominates under the new ones.
 *
 * <p>Owner: the event loop of its session. The listener is called within {@link #receive}, {@link #restart}, {@link #onPathClosed} and
 * {@link #onDeadline}.
 */
public final class IceLiteAgent {
    /** Consent expires this long after the last valid check of a path (RFC 7675 section 5.1). */
    public static final long CONSENT_EXPIRY_NANOS = 30_000_000_000L;

    private static final int REMEMBERED = 64;

    /** Told of changes; calls come on the owner's loop. */
    public interface Listener {
        /** Media and handshake go here from now on. */
        void onSelected(IcePath path);

        /** These credentials of ours are no longer valid: their user name fragment may be forgotten by the demultiplexer. */
        void onRetired(String localUfrag);

        /**
         * No path is left; nothing may be sent any more.
         *
         * @param connected whether there ever was a valid check
         */
        void onExpired(boolean connected);
    }

    private final Listener listener;
    private final ValidPaths paths = new ValidPaths();
    private final long[] transactions = new long[REMEMBERED];
    private int nextTransaction;
    private LocalGeneration current;
    private @Nullable LocalGeneration previous;
    private IceCredentials remote;
    private ValidPaths.@Nullable Entry selected;
    private long lastLifeSignNanos;
    private boolean connected;
    private boolean ended;

    /**
     * An agent that waits for its peer.
     *
     * @param local ours, as the session description tells the peer
     * @param remote the peer's
     */
    public IceLiteAgent(IceCredentials local, IceCredentials remote, long nowNanos, Listener listener) {
        current = new LocalGeneration(local);
        this.remote = remote;
        this.listener = listener;
        lastLifeSignNanos = nowNanos;
    }

    /**
     * Takes a STUN message that the demultiplexer has given to this session.
     *
     * @param message just parsed, borrowed
     * @param source where it came from, resolved
     * @param writer gets the answer, if there is one; cleared otherwise
     */
    public CheckResult receive(
            StunMessage message, IceTransport transport, InetSocketAddress source, long nowNanos, StunWriter writer) {
        writer.clear();
        if (ended) {
            return CheckResult.ENDED;
        }
        if (!message.isBinding() || message.messageClass() != StunMessage.MessageClass.REQUEST) {
            return CheckResult.IGNORED;
        }
        LocalGeneration generation = generationOf(message);
        if (generation == null) {
            return CheckResult.WRONG_USER;
        }
        if (!message.isSignedWith(generation.key())) {
            return CheckResult.UNAUTHENTICATED;
        }
        StunError error = CheckRules.violation(message);
        if (error == null && message.isControlled()) {
            error = StunError.ROLE_CONFLICT;
        }
        if (error != null) {
            writer.error(message, error, generation.key());
            return CheckRules.resultOf(error);
        }
        return valid(message, generation, transport, source, nowNanos, writer);
    }

    private CheckResult valid(
            StunMessage message,
            LocalGeneration generation,
            IceTransport transport,
            InetSocketAddress source,
            long nowNanos,
            StunWriter writer) {
        ValidPaths.Entry entry = paths.find(transport, source);
        boolean repeated = remember(message.transactionLow());
        if (repeated && (entry == null || (message.isNominating() && entry != selected))) {
            return CheckResult.REPLAYED;
        }
        if (entry == null) {
            entry = paths.add(new IcePath(transport, source), message.priority(), nowNanos, selected);
        }
        entry.priority = message.priority();
        entry.lastCheckNanos = nowNanos;
        lastLifeSignNanos = nowNanos;
        connected = true;
        writer.success(message, source, generation.key());
        if (!message.isNominating()) {
            return CheckResult.VALID;
        }
        if (generation == current) {
            retirePrevious();
        }
        return select(entry) ? CheckResult.SELECTED : CheckResult.VALID;
    }

    private @Nullable LocalGeneration generationOf(StunMessage message) {
        if (message.isFor(current.ufrag())) {
            return current;
        }
        LocalGeneration old = previous;
        return old != null && message.isFor(old.ufrag()) ? old : null;
    }

    /** Whether the transaction is among the last ones; it is from now on. */
    private boolean remember(long transaction) {
        for (long known : transactions) {
            if (known == transaction) {
                return true;
            }
        }
        transactions[nextTransaction] = transaction;
        nextTransaction = (nextTransaction + 1) % REMEMBERED;
        return false;
    }

    private boolean select(ValidPaths.Entry entry) {
        if (entry == selected) {
            return false;
        }
        selected = entry;
        listener.onSelected(entry.path);
        return true;
    }

    private void retirePrevious() {
        LocalGeneration old = previous;
        if (old != null) {
            previous = null;
            listener.onRetired(old.ufrag());
        }
    }

    /**
     * ICE restart: the peer has sent new credentials and gets new ones of ours. Media go on over the selected path. A restart before the
     * last one has come to a nomination replaces that one; the credentials under which media flow stay valid.
     */
    public void restart(IceCredentials newLocal, IceCredentials newRemote) {
        LocalGeneration replaced = current;
        if (previous == null) {
            previous = replaced;
        } else {
            listener.onRetired(replaced.ufrag());
        }
        current = new LocalGeneration(newLocal);
        remote = newRemote;
    }

    /** A TCP connection has closed: its path carries nothing any more. */
    public void onPathClosed(IceTransport transport, InetSocketAddress source) {
        ValidPaths.Entry entry = paths.find(transport, source);
        if (entry == null) {
            return;
        }
        paths.remove(entry);
        if (entry == selected) {
            // With no other path the peer may come back by a new one until its consent runs out.
            selected = null;
            selectBest();
        }
    }

    private void selectBest() {
        ValidPaths.Entry best = paths.best();
        if (best != null) {
            select(best);
        }
    }

    /** When {@link #onDeadline} wants to be called; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        if (ended) {
            return Long.MAX_VALUE;
        }
        ValidPaths.Entry now = selected;
        return (now == null ? lastLifeSignNanos : now.lastCheckNanos) + CONSENT_EXPIRY_NANOS;
    }

    /** Gives up paths whose consent has run out. Harmless when called early. */
    public void onDeadline(long nowNanos) {
        if (ended || nextDeadlineNanos() - nowNanos > 0) {
            return;
        }
        paths.removeOlderThan(CONSENT_EXPIRY_NANOS, nowNanos);
        ValidPaths.Entry now = selected;
        if (now != null && !paths.contains(now)) {
            selected = null;
            selectBest();
        }
        if (selected == null && nowNanos - lastLifeSignNanos >= CONSENT_EXPIRY_NANOS) {
            ended = true;
            paths.clear();
            listener.onExpired(connected);
        }
    }

    /** Where to send: the selected path, else the valid one of the highest priority; null: nowhere. */
    public @Nullable IcePath sendPath() {
        ValidPaths.Entry entry = selected != null ? selected : paths.best();
        return entry == null ? null : entry.path;
    }

    /** The path the peer has nominated; null: none yet. */
    public @Nullable IcePath selectedPath() {
        ValidPaths.Entry entry = selected;
        return entry == null ? null : entry.path;
    }

    /** Whether a valid check has come from there and the path was not given up, so that other packets from there may be looked at. */
    public boolean isValidPath(IceTransport transport, InetSocketAddress source) {
        return paths.find(transport, source) != null;
    }

    /** Time of the last valid check on any path; of the construction when there was none. */
    public long lastLifeSignNanos() {
        return lastLifeSignNanos;
    }

    /** Whether consent has run out. */
    public boolean isEnded() {
        return ended;
    }

    /** Ours, after a restart the new ones. */
    public IceCredentials localCredentials() {
        return current.credentials();
    }

    /** The peer's, after a restart the new ones. */
    public IceCredentials remoteCredentials() {
        return remote;
    }
}
