package org.porchlight.relay.rtsp.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How fast and how many at once one host may be asked for sessions, so that a thousand cameras behind one recorder or switch that come
 * back together are taken up one after the other. Per host: a token bucket of connects and a limit of handshakes (from connecting to the
 * answer of PLAY) in flight; a global limit of handshakes over all hosts. Whoever gets no slot waits in line, first come, first served
 * for each host.
 *
 * <p>Not thread-safe: owner is whoever serialises it (one loop, or a lock in the adapter). Hosts are forgotten when they are idle with a full bucket;
 * waiting lines hold at most one entry for each source, so memory is bounded by the number of sources.
 */
public final class ConnectBudget {
    private final Limits limits;
    private final Map<String, Host> hosts = new LinkedHashMap<>();

    private int handshakes;
    private long grants;

    /**
     * The limits.
     *
     * @param connectsPerSecond per host, above 0
     * @param burst connects that may come at once after a quiet time, at least 1
     * @param handshakesPerHost in flight, at least 1
     * @param handshakesInAll in flight, at least {@code handshakesPerHost}
     */
    public record Limits(double connectsPerSecond, int burst, int handshakesPerHost, int handshakesInAll) {
        public static final Limits DEFAULT = new Limits(10, 10, 4, 64);

        public Limits {
            if (!(connectsPerSecond > 0) || burst < 1 || handshakesPerHost < 1 || handshakesInAll < handshakesPerHost) {
                throw new IllegalArgumentException("every limit must let something pass");
            }
        }
    }

    /** A right to connect, asked for by one source. */
    public static final class Slot {
        private final String host;
        private final Runnable granted;
        private State state = State.WAITING;

        private Slot(String host, Runnable granted) {
            this.host = host;
            this.granted = granted;
        }

        /** Not granted yet and not given up. */
        public boolean isWaiting() {
            return state == State.WAITING;
        }

        private enum State {
            WAITING,
            GRANTED,
            DONE
        }
    }

    private static final class Host {
        final Deque<Slot> waiting = new ArrayDeque<>();
        double tokens;
        long refilledNanos;
        int handshakes;
        /** Number of the grant that it got last; the host that was served longest ago comes first. */
        long lastGrant;
    }

    public ConnectBudget(Limits limits) {
        this.limits = limits;
    }

    /**
     * Asks for a slot.
     *
     * @param host name or address, compared without regard to case by the caller
     * @param granted called once when the slot is there, perhaps before this method returns, else from {@link #onDeadline} or
     *     {@link #release}
     */
    public Slot acquire(String host, long nowNanos, Runnable granted) {
        Slot slot = new Slot(host, granted);
        Host state = hosts.get(host);
        if (state == null) {
            state = new Host();
            state.tokens = limits.burst();
            state.refilledNanos = nowNanos;
            hosts.put(host, state);
        }
        state.waiting.addLast(slot);
        serve(nowNanos);
        return slot;
    }

    /** The handshake is over, well or not, or the source no longer wants to connect. May be repeated. */
    public void release(Slot slot, long nowNanos) {
        Host host = hosts.get(slot.host);
        if (host != null && slot.state == Slot.State.WAITING) {
            host.waiting.remove(slot);
        } else if (host != null && slot.state == Slot.State.GRANTED) {
            host.handshakes--;
            handshakes--;
        }
        slot.state = Slot.State.DONE;
        serve(nowNanos);
    }

    /** Time has come for those who wait for a token. */
    public void onDeadline(long nowNanos) {
        serve(nowNanos);
    }

    /** When {@link #onDeadline} is to be called next, or {@link Long#MAX_VALUE} when nobody waits for a token. */
    public long nextDeadlineNanos(long nowNanos) {
        if (handshakes >= limits.handshakesInAll()) {
            return Long.MAX_VALUE;
        }
        double soonest = Double.POSITIVE_INFINITY;
        for (Host host : hosts.values()) {
            if (!host.waiting.isEmpty() && host.handshakes < limits.handshakesPerHost()) {
                double missing = 1 - tokensAt(host, nowNanos);
                soonest = Math.min(soonest, Math.max(0, missing) / limits.connectsPerSecond());
            }
        }
        return Double.isInfinite(soonest) ? Long.MAX_VALUE : nowNanos + (long) Math.ceil(soonest * 1e9) + 1;
    }

    /** Sources that wait for a slot. */
    public int waiting() {
        return hosts.values().stream().mapToInt(host -> host.waiting.size()).sum();
    }

    /** Handshakes in flight. */
    public int handshakes() {
        return handshakes;
    }

    /** Hosts remembered. */
    int hosts() {
        return hosts.size();
    }

    private void serve(long nowNanos) {
        Slot next = nextGrant(nowNanos);
        while (next != null) {
            next.granted.run();
            next = nextGrant(nowNanos);
        }
        hosts.values()
                .removeIf(host ->
                        host.waiting.isEmpty() && host.handshakes == 0 && tokensAt(host, nowNanos) >= limits.burst());
    }

    /** Takes one slot out of its line; hosts take turns when the global limit is what is short. */
    private @Nullable Slot nextGrant(long nowNanos) {
        if (handshakes >= limits.handshakesInAll()) {
            return null;
        }
        Host next = null;
        for (Host host : hosts.values()) {
            boolean mayGo = !host.waiting.isEmpty()
                    && host.handshakes < limits.handshakesPerHost()
                    && tokensAt(host, nowNanos) >= 1;
            if (mayGo && (next == null || host.lastGrant < next.lastGrant)) {
                next = host;
            }
        }
        return next == null ? null : grant(next, nowNanos);
    }

    private Slot grant(Host host, long nowNanos) {
        host.tokens = tokensAt(host, nowNanos) - 1;
        host.refilledNanos = nowNanos;
        host.handshakes++;
        host.lastGrant = ++grants;
        handshakes++;
        Slot slot = host.waiting.removeFirst();
        slot.state = Slot.State.GRANTED;
        return slot;
    }

    private double tokensAt(Host host, long nowNanos) {
        double gained = (nowNanos - host.refilledNanos) * 1e-9 * limits.connectsPerSecond();
        return Math.min(limits.burst(), host.tokens + gained);
    }
}
