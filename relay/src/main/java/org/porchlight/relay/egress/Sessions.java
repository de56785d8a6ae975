package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.metrics.RelayMetrics;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;

/**
 * Every open session by its id, camera, person and programme, and what ends them from outside: cuts, leases that ran out, permits that
 * expired. Thread-safe.
 *
 * <p>A cut may come between a permit and the opening of its session. So cuts are remembered for {@link #MEMORY}, and a permit that was asked for
 * before one that names it does not open. Nor does a permit that was asked for before a cut that is already forgotten: nobody knows any
 * more whether it named it.
 */
public final class Sessions implements Admission.Signals {
    /** How long cuts are remembered; longer than any client takes from its permit to PLAY. */
    static final Duration MEMORY = Duration.ofSeconds(60);

    private static final int MAX_REMEMBERED = 10_000;

    /** What is known of one open session. */
    public record Entry(
            Answer.Permit permit,
            String camera,
            Rendition rendition,
            boolean publisher,
            Session session,
            long openedNanos) {}

    private record Remembered(Cut cut, long nanos, long order) {}

    private final Admission admission;
    private final StreamHub hub;
    private final LongSupplier nanoTime;
    private final StreamSettings.WallClock wallClock;
    private final Map<String, Entry> byId = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> byCamera = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> byPerson = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> byProgramme = new ConcurrentHashMap<>();
    private final Map<String, Remembered> recent = new ConcurrentHashMap<>();
    private final Set<String> ending = ConcurrentHashMap.newKeySet();
    private final AtomicLong order = new AtomicLong();
    private final AtomicLong forgottenOrder = new AtomicLong();
    private final AtomicLong cutSessions = new AtomicLong();
    private final @Nullable RelayMetrics metrics;
    private final EventExecutor home;
    private final LoopCounters homeCounters;
    private volatile long lastRenewalNanos;

    /** Without timings, cuts counted on the loop of any stream. */
    public Sessions(Admission admission, StreamHub hub) {
        this(admission, hub, null);
    }

    /** @param metrics for {@link Timing#CUT} */
    public Sessions(Admission admission, StreamHub hub, @Nullable RelayMetrics metrics) {
        this.metrics = metrics;
        this.home = hub.homeLoop();
        this.homeCounters = hub.settings().counters().apply(home);
        this.admission = admission;
        this.hub = hub;
        this.nanoTime = hub.settings().nanoTime();
        this.wallClock = hub.settings().epochNanos();
        this.lastRenewalNanos = nanoTime.getAsLong();
    }

    /** A mark in time to take before admission is asked; cuts after it count against the permit, see {@link #open}. */
    public long mark() {
        return order.get();
    }

    /**
     * Enters a session. Call before its first packet.
     *
     * @param mark from {@link #mark()} before admission was asked
     * @return false when a cut that names it came after the mark, the permit has run out, or its lease, or a session with its id is
     *     open: do not begin
     */
    public boolean open(Entry entry, long mark) {
        Answer.Permit permit = entry.permit();
        if (!stands(permit, entry.camera(), mark)) {
            return false;
        }
        if (byId.putIfAbsent(permit.session(), entry) != null) {
            return false;
        }
        index(byCamera, entry.camera(), permit.session());
        index(byPerson, permit.person(), permit.session());
        if (!permit.programme().isEmpty()) {
            index(byProgramme, permit.programme(), permit.session());
        }
        if (isCutSince(permit, entry.camera(), mark)) {
            remove(permit.session());
            return false;
        }
        return true;
    }

    /** Whether a permit that was asked for at {@code mark} and is not open yet could still be opened. */
    public boolean stands(Answer.Permit permit, String camera, long mark) {
        return !isCutSince(permit, camera, mark) && !hasExpired(permit) && !(permit.leased() && isLeaseOver());
    }

    private boolean isCutSince(Answer.Permit permit, String camera, long mark) {
        return isNamed(Cut.Scope.SESSION, permit.session(), mark, permit)
                || isNamed(Cut.Scope.CAMERA, camera, mark, permit)
                || isNamed(Cut.Scope.PERSON, permit.person(), mark, permit)
                || isNamed(Cut.Scope.PROGRAMME, permit.programme(), mark, permit)
                || isNamed(Cut.Scope.EPOCH, camera, mark, permit)
                // Asked last: what was forgotten while the lines above looked for it shows here.
                || mark < forgottenOrder.get();
    }

    private boolean isNamed(Cut.Scope scope, String subject, long mark, Answer.Permit permit) {
        Remembered remembered = recent.get(keyOf(scope, subject));
        if (remembered == null) {
            return false;
        }
        return scope == Cut.Scope.EPOCH ? permit.epoch() < remembered.cut().epoch() : remembered.order() > mark;
    }

    private static void index(Map<String, Set<String>> index, String key, String session) {
        index.compute(key, (k, known) -> {
            Set<String> sessions = known == null ? ConcurrentHashMap.newKeySet() : known;
            sessions.add(session);
            return sessions;
        });
    }

    private static void unindex(Map<String, Set<String>> index, String key, String session) {
        index.computeIfPresent(key, (k, sessions) -> {
            sessions.remove(session);
            return sessions.isEmpty() ? null : sessions;
        });
    }

    /** A session has ended; tells admission. May be repeated. */
    public void closed(SessionReport report) {
        if (remove(report.session())) {
            admission.onSessionEnded(report);
        }
    }

    private boolean remove(String session) {
        Entry entry = byId.remove(session);
        if (entry == null) {
            return false;
        }
        ending.remove(session);
        unindex(byCamera, entry.camera(), session);
        unindex(byPerson, entry.permit().person(), session);
        if (!entry.permit().programme().isEmpty()) {
            unindex(byProgramme, entry.permit().programme(), session);
        }
        return true;
    }

    /** All open sessions, a live view. */
    public Collection<Entry> entries() {
        return byId.values();
    }

    /** Sessions ended by cuts so far. */
    public long cutSessions() {
        return cutSessions.get();
    }

    @Override
    public void renewLease() {
        lastRenewalNanos = nanoTime.getAsLong();
    }

    @Override
    public void cut(Cut cut) {
        long receivedNanos = nanoTime.getAsLong();
        remember(cut, receivedNanos);
        List<Entry> named = named(cut);
        cutSessions.addAndGet(named.size());
        Receipt receipt = new Receipt(cut, receivedNanos, named.size());
        for (Entry entry : named) {
            cut(entry, receipt);
        }
        purge(cut, receipt);
        receipt.finishIfDone();
        try {
            home.execute(() -> count(cut, named.size()));
        } catch (RejectedExecutionException e) {
            // The relay is shutting down, and nobody reads its counters any more.
        }
    }

    private static void cut(Entry entry, Receipt receipt) {
        try {
            entry.session().executor().execute(() -> {
                long last = Long.MIN_VALUE;
                try {
                    last = entry.session().cut(receipt.cut.reason());
                } finally {
                    receipt.add(last);
                }
            });
        } catch (RejectedExecutionException e) {
            // Its loop has ended, and its connections with it.
            receipt.add(Long.MIN_VALUE);
        }
    }

    private void count(Cut cut, int sessions) {
        homeCounters.increment(
                switch (cut.scope()) {
                    case SESSION -> Counter.CUTS_SESSION;
                    case CAMERA -> Counter.CUTS_CAMERA;
                    case PERSON -> Counter.CUTS_PERSON;
                    case PROGRAMME -> Counter.CUTS_PROGRAMME;
                    case EPOCH -> Counter.CUTS_EPOCH;
                });
        homeCounters.add(Counter.CUT_SESSIONS, sessions);
    }

    private void remember(Cut cut, long nowNanos) {
        Remembered latest = new Remembered(cut, nowNanos, order.incrementAndGet());
        recent.merge(keyOf(cut.scope(), cut.subject()), latest, Sessions::stricter);
        if (recent.size() > MAX_REMEMBERED) {
            forget(nowNanos, MEMORY.toNanos() / 4);
        }
        if (recent.size() > MAX_REMEMBERED) {
            forgetAll();
        }
    }

    /** The later one; of two epochs the higher one. */
    private static Remembered stricter(Remembered before, Remembered now) {
        Remembered later = now.order() > before.order() ? now : before;
        Remembered higher = now.cut().epoch() > before.cut().epoch() ? now : before;
        return now.cut().scope() == Cut.Scope.EPOCH
                ? new Remembered(higher.cut(), later.nanos(), later.order())
                : later;
    }

    private static String keyOf(Cut.Scope scope, String subject) {
        return scope + " " + subject;
    }

    private void forget(long nowNanos, long olderThanNanos) {
        for (Map.Entry<String, Remembered> known : recent.entrySet()) {
            if (nowNanos - known.getValue().nanos() > olderThanNanos) {
                forget(known);
            }
        }
    }

    private void forgetAll() {
        for (Map.Entry<String, Remembered> known : recent.entrySet()) {
            forget(known);
        }
    }

    /** First say that it is forgotten, then forget: who comes in between is refused. */
    private void forget(Map.Entry<String, Remembered> known) {
        forgottenOrder.accumulateAndGet(known.getValue().order(), Math::max);
        recent.remove(known.getKey(), known.getValue());
    }

    private List<Entry> named(Cut cut) {
        Set<String> ids = switch (cut.scope()) {
            case SESSION -> Set.of(cut.subject());
            case CAMERA, EPOCH -> byCamera.getOrDefault(cut.subject(), Set.of());
            case PERSON -> byPerson.getOrDefault(cut.subject(), Set.of());
            case PROGRAMME -> byProgramme.getOrDefault(cut.subject(), Set.of());
        };
        List<Entry> entries = new ArrayList<>();
        for (String id : ids) {
            Entry entry = byId.get(id);
            if (entry != null
                    && (cut.scope() != Cut.Scope.EPOCH || entry.permit().epoch() < cut.epoch())) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** A camera that was cut as a whole leaves nothing in the cache; its source closes when nobody is left. */
    private void purge(Cut cut, Receipt receipt) {
        boolean wholeCamera = cut.scope() == Cut.Scope.CAMERA || cut.scope() == Cut.Scope.EPOCH;
        if (!wholeCamera) {
            return;
        }
        for (Rendition rendition : Rendition.values()) {
            Stream stream = hub.find(cut.subject(), rendition);
            if (stream != null) {
                receipt.expectOne();
                try {
                    stream.purge().whenComplete((done, failure) -> receipt.add(Long.MIN_VALUE));
                } catch (RejectedExecutionException e) {
                    receipt.add(Long.MIN_VALUE);
                }
            }
        }
    }

    /** Ends what has run out; call about every 100 ms. */
    public void onTick() {
        long now = nanoTime.getAsLong();
        forget(now, MEMORY.toNanos());
        boolean leaseOver = isLeaseOver();
        for (Entry entry : byId.values()) {
            if (hasExpired(entry.permit())) {
                end(entry, "expired");
            } else if (leaseOver && entry.permit().leased()) {
                end(entry, "lease_expired");
            }
        }
    }

    private void end(Entry entry, String reason) {
        if (!ending.add(entry.permit().session())) {
            return;
        }
        entry.session().executor().execute(() -> entry.session().cut(reason));
    }

    private boolean isLeaseOver() {
        return nanoTime.getAsLong() - lastRenewalNanos > Admission.LEASE_EXPIRY.toNanos();
    }

    private boolean hasExpired(Answer.Permit permit) {
        if (permit.expiresAt().equals(Instant.MAX)) {
            return false;
        }
        return !instantAt(nanoTime.getAsLong()).isBefore(permit.expiresAt());
    }

    private Instant instantAt(long nanos) {
        long epochNanos = wallClock.epochNanosAt(nanos);
        return Instant.ofEpochSecond(
                Math.floorDiv(epochNanos, 1_000_000_000L), Math.floorMod(epochNanos, 1_000_000_000L));
    }

    /** Waits for every session that a cut names, on whatever loop. */
    private final class Receipt {
        private final Cut cut;
        private final long receivedNanos;
        private final int sessions;
        private final AtomicInteger open;
        private final AtomicLong lastPacketNanos = new AtomicLong(Long.MIN_VALUE);

        Receipt(Cut cut, long receivedNanos, int sessions) {
            this.cut = cut;
            this.receivedNanos = receivedNanos;
            this.sessions = sessions;
            // One more, for the caller that is still adding to it.
            this.open = new AtomicInteger(sessions + 1);
        }

        void expectOne() {
            open.incrementAndGet();
        }

        void add(long packetNanos) {
            if (packetNanos != Long.MIN_VALUE) {
                lastPacketNanos.accumulateAndGet(packetNanos, (a, b) -> a == Long.MIN_VALUE || b - a > 0 ? b : a);
            }
            finishIfDone();
        }

        void finishIfDone() {
            if (open.decrementAndGet() == 0) {
                long last = lastPacketNanos.get();
                long doneNanos = nanoTime.getAsLong();
                if (metrics != null) {
                    metrics.record(Timing.CUT, Math.max(0, doneNanos - receivedNanos));
                }
                admission.onCutReceipt(new CutReceipt(
                        cut,
                        instantAt(receivedNanos),
                        last == Long.MIN_VALUE ? Instant.MIN : instantAt(last),
                        instantAt(doneNanos),
                        sessions));
            }
        }
    }
}
