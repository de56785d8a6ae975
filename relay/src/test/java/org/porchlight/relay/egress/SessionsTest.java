package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.Cut.Scope;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.RelayMetrics;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;

class SessionsTest {
    private static final long EPOCH_NANOS = 1_700_000_000_000_000_000L;
    private static final List<Scope> SCOPES = List.of(Scope.values());

    private final TestHub hub = new TestHub((stream, loop) -> {
        throw new AssertionError("no viewers here");
    });
    private final Asked admission = new Asked();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Sessions sessions = new Sessions(admission, hub.hub, new RelayMetrics(registry, hub.time::nanos));
    private int ids;

    /** Notes what it is told. */
    private static final class Asked implements Admission {
        final List<CutReceipt> receipts = new ArrayList<>();
        final List<SessionReport> reports = new ArrayList<>();

        @Override
        public CompletionStage<Answer> mayView(ViewRequest request) {
            return CompletableFuture.completedStage(new Answer.Deny(DenyCode.FORBIDDEN));
        }

        @Override
        public CompletionStage<Answer> mayPublish(PublishRequest request) {
            return CompletableFuture.completedStage(new Answer.Deny(DenyCode.FORBIDDEN));
        }

        @Override
        public List<Challenge> challenges() {
            return List.of();
        }

        @Override
        public void onSessionEnded(SessionReport report) {
            reports.add(report);
        }

        @Override
        public void onCutReceipt(CutReceipt receipt) {
            receipts.add(receipt);
        }

        @Override
        public void connect(Signals signals) {}
    }

    /** Sends packets until it is cut. */
    private final class Sending implements Session {
        final ManualLoop loop;
        final Sessions.Entry entry;
        boolean open;
        long lastSend = Long.MIN_VALUE;
        String reason = "";

        Sending(int loop, String camera, Answer.Permit permit) {
            this.loop = hub.loops.get(loop);
            this.entry = new Sessions.Entry(permit, camera, Rendition.MAIN, false, this, hub.time.nanos());
        }

        boolean open(long mark) {
            open = sessions.open(entry, mark);
            return open;
        }

        void send() {
            if (open) {
                lastSend = hub.time.nanos();
            }
        }

        @Override
        public EventExecutor executor() {
            return loop;
        }

        @Override
        public String protocol() {
            return "rtsp";
        }

        @Override
        public SessionFigures figures() {
            return new SessionFigures("", "tcp", 0, 0, 0, "all");
        }

        @Override
        public long cut(String why) {
            assertThat(loop.inEventLoop()).isTrue();
            if (open) {
                open = false;
                reason = why;
                sessions.closed(new SessionReport(entry.permit().session(), entry.camera(), why, Duration.ZERO, 0, 0));
            }
            return lastSend;
        }
    }

    private Answer.Permit permit(String person, String programme, boolean leased, Instant expiry, long epoch) {
        return new Answer.Permit("s" + ids++, person, programme, leased, expiry, epoch);
    }

    private Answer.Permit permit(String person) {
        return permit(person, "", false, Instant.MAX, 1);
    }

    private Sending open(int loop, String camera, Answer.Permit permit) {
        Sending session = new Sending(loop, camera, permit);
        assertThat(session.open(sessions.mark())).isTrue();
        return session;
    }

    private void cut(Scope scope, String subject, long epoch) {
        sessions.cut(new Cut("cut", scope, subject, epoch, "CONSENT_WITHDRAWN"));
        hub.time.settle();
    }

    private Instant at(long nanos) {
        return Instant.ofEpochSecond(0, EPOCH_NANOS + nanos);
    }

    @Test
    void eachScopeCutsThoseItNames() {
        Sending a = open(0, "door", permit("ann", "watch", false, Instant.MAX, 4));
        Sending b = open(1, "door", permit("bob", "watch", false, Instant.MAX, 6));
        Sending c = open(2, "gate", permit("ann"));
        Sending d = open(2, "gate", permit("dan", "watch", false, Instant.MAX, 4));
        Sending e = open(0, "yard", permit("eve"));
        cut(Scope.SESSION, c.entry.permit().session(), 0);
        assertThat(List.of(a.open, b.open, c.open, d.open, e.open)).containsExactly(true, true, false, true, true);
        cut(Scope.EPOCH, "door", 5);
        assertThat(List.of(a.open, b.open, d.open, e.open)).containsExactly(false, true, true, true);
        cut(Scope.PERSON, "eve", 0);
        assertThat(List.of(b.open, d.open, e.open)).containsExactly(true, true, false);
        cut(Scope.PROGRAMME, "watch", 0);
        assertThat(List.of(b.open, d.open)).containsExactly(false, false);
        Sending f = open(1, "yard", permit("fay"));
        cut(Scope.CAMERA, "yard", 0);
        assertThat(f.open).isFalse();
        assertThat(f.reason).isEqualTo("CONSENT_WITHDRAWN");
        assertThat(admission.receipts).extracting(CutReceipt::sessions).containsExactly(1, 1, 1, 2, 1);
        assertThat(admission.reports).hasSize(6);
        assertThat(sessions.entries()).isEmpty();
        for (Counter counter : List.of(
                Counter.CUTS_SESSION,
                Counter.CUTS_CAMERA,
                Counter.CUTS_EPOCH,
                Counter.CUTS_PERSON,
                Counter.CUTS_PROGRAMME)) {
            assertThat(hub.total(counter)).as("%s", counter).isEqualTo(1);
        }
        assertThat(hub.total(Counter.CUT_SESSIONS)).isEqualTo(6);
        assertThat(sessions.cutSessions()).isEqualTo(6);
        assertThat(registry.get(Timing.CUT.meterName()).timer().count()).isEqualTo(5);
    }

    @Test
    void aCutBetweenPermitAndOpeningCounts() {
        for (Scope scope : List.of(Scope.CAMERA, Scope.PERSON, Scope.PROGRAMME, Scope.SESSION)) {
            long mark = sessions.mark();
            Answer.Permit permit = permit("ann", "watch", false, Instant.MAX, 1);
            String subject = switch (scope) {
                case CAMERA -> "door";
                case PERSON -> "ann";
                case PROGRAMME -> "watch";
                default -> permit.session();
            };
            cut(scope, subject, 0);
            assertThat(new Sending(0, "door", permit).open(mark))
                    .as("%s", scope)
                    .isFalse();
            assertThat(sessions.entries()).isEmpty();
            Sending later = new Sending(0, "door", permit("ann", "watch", false, Instant.MAX, 1));
            assertThat(later.open(sessions.mark()))
                    .as("asked again after %s", scope)
                    .isTrue();
            hub.loops.get(0).call(() -> later.cut("over"));
        }
    }

    @Test
    void anOldEpochNeverOpensWhateverCameLater() {
        cut(Scope.EPOCH, "door", 9);
        cut(Scope.EPOCH, "door", 3);
        assertThat(new Sending(0, "door", permit("ann", "", false, Instant.MAX, 8)).open(sessions.mark()))
                .isFalse();
        assertThat(new Sending(0, "door", permit("ann", "", false, Instant.MAX, 9)).open(sessions.mark()))
                .isTrue();
    }

    @Test
    void aPermitOlderThanWhatIsRememberedDoesNotOpen() {
        long mark = sessions.mark();
        cut(Scope.PERSON, "somebody else", 0);
        Sending soon = new Sending(0, "door", permit("ann"));
        assertThat(soon.open(mark)).isTrue();
        hub.time.advanceMillis(61_000);
        sessions.onTick();
        assertThat(new Sending(0, "door", permit("ann")).open(mark)).isFalse();
        assertThat(new Sending(0, "door", permit("ann")).open(sessions.mark())).isTrue();
    }

    @Test
    void aFloodOfCutsIsBoundedAndFailsClosed() {
        long mark = sessions.mark();
        for (int i = 0; i < 25_000; i++) {
            sessions.cut(new Cut("c", Scope.PERSON, "p" + i, 0, "x"));
        }
        hub.time.settle();
        assertThat(new Sending(0, "door", permit("p3")).open(mark)).isFalse();
        assertThat(new Sending(0, "door", permit("p3")).open(sessions.mark())).isTrue();
        assertThat(admission.receipts).hasSize(25_000);
    }

    @Test
    void twoSessionsOfOneIdDoNotOpen() {
        Answer.Permit permit = permit("ann");
        Sending first = open(0, "door", permit);
        assertThat(new Sending(1, "door", permit).open(sessions.mark())).isFalse();
        cut(Scope.CAMERA, "door", 0);
        assertThat(first.open).isFalse();
    }

    @Test
    void silenceEndsLeasedSessionsOnly() {
        Sending leased = open(0, "door", permit("ann", "", true, Instant.MAX, 1));
        Sending free = open(1, "door", permit("bob"));
        for (int i = 0; i < 20; i++) {
            hub.time.advanceMillis(1000);
            sessions.renewLease();
            sessions.onTick();
        }
        hub.time.settle();
        assertThat(leased.open).isTrue();
        hub.time.advanceMillis(5000);
        sessions.onTick();
        hub.time.settle();
        assertThat(leased.open).isTrue();
        hub.time.advanceMillis(1);
        sessions.onTick();
        sessions.onTick();
        hub.time.settle();
        assertThat(leased.open).isFalse();
        assertThat(leased.reason).isEqualTo("lease_expired");
        assertThat(free.open).isTrue();
        assertThat(new Sending(0, "door", permit("ann", "", true, Instant.MAX, 1)).open(sessions.mark()))
                .isFalse();
        sessions.renewLease();
        assertThat(new Sending(0, "door", permit("ann", "", true, Instant.MAX, 1)).open(sessions.mark()))
                .isTrue();
        assertThat(admission.reports).hasSize(1);
    }

    @Test
    void aPermitEndsWhenItExpires() {
        Instant end = at(hub.time.nanos()).plusSeconds(10);
        Sending session = open(0, "door", permit("ann", "", false, end, 1));
        hub.time.advanceMillis(9999);
        sessions.onTick();
        hub.time.settle();
        assertThat(session.open).isTrue();
        hub.time.advanceMillis(1);
        sessions.onTick();
        hub.time.settle();
        assertThat(session.reason).isEqualTo("expired");
        assertThat(new Sending(0, "door", permit("ann", "", false, end, 1)).open(sessions.mark()))
                .isFalse();
    }

    @Test
    void aReceiptComesOnceWhenTheLastIsClosedAndTellsTheLastPacket() {
        TestHub.Source source = hub.attach(hub.stream("door"), 0, true, TestHub.video());
        source.read(0, new TestCamera(1).keyframe(5000));
        Sending a = open(0, "door", permit("ann"));
        Sending b = open(1, "door", permit("bob"));
        open(2, "door", permit("never sent"));
        a.send();
        hub.time.jumpMillis(5);
        b.send();
        long last = hub.time.nanos();
        hub.time.jumpMillis(2);
        long told = hub.time.nanos();
        sessions.cut(new Cut("7", Scope.CAMERA, "door", 0, "x"));
        hub.time.jumpMillis(3);
        assertThat(hub.loops.get(0).runDue()).isTrue();
        assertThat(admission.receipts).isEmpty();
        hub.loops.get(1).runDue();
        assertThat(admission.receipts).isEmpty();
        hub.time.settle();
        assertThat(admission.receipts).hasSize(1);
        CutReceipt receipt = admission.receipts.get(0);
        assertThat(receipt.lastPacketAt()).isEqualTo(at(last));
        assertThat(receipt.receivedAt()).isEqualTo(at(told));
        assertThat(receipt.doneAt()).isEqualTo(at(told + 3_000_000));
        assertThat(receipt.sessions()).isEqualTo(3);
        assertThat(hub.stream("door").gopBytes())
                .as("nothing is left in the cache")
                .isZero();
        source.close();
        cut(Scope.CAMERA, "nobody's", 0);
        assertThat(admission.receipts.get(1).lastPacketAt()).isEqualTo(Instant.MIN);
    }

    @Test
    void noPacketFollowsAReceiptWhateverHappens() {
        for (int seed = 0; seed < 150; seed++) {
            randomHistory(new Random(seed));
        }
    }

    private void randomHistory(Random random) {
        List<Sending> all = new ArrayList<>();
        Map<Sending, Long> marks = new HashMap<>();
        List<Sending> asked = new ArrayList<>();
        Map<String, Cut> pending = new HashMap<>();
        Map<String, List<Sending>> named = new HashMap<>();
        int cuts = 0;
        admission.receipts.clear();
        for (int i = 0; i < 300; i++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    Sending session = new Sending(
                            random.nextInt(3),
                            "c" + random.nextInt(3),
                            permit("p" + random.nextInt(3), "g" + random.nextInt(2), false, Instant.MAX, i));
                    marks.put(session, sessions.mark());
                    asked.add(session);
                }
                case 1 -> {
                    if (!asked.isEmpty()) {
                        Sending session = asked.remove(random.nextInt(asked.size()));
                        session.open(marks.getOrDefault(session, 0L));
                        all.add(session);
                    }
                }
                case 2 -> {
                    Cut cut = randomCut(random, i);
                    pending.put(cut.id(), cut);
                    named.put(
                            cut.id(),
                            all.stream().filter(s -> s.open && names(cut, s)).toList());
                    List<Sending> waiting =
                            asked.stream().filter(s -> names(cut, s)).toList();
                    sessions.cut(cut);
                    cuts++;
                    for (Sending late : waiting) {
                        assertThat(late.open(marks.getOrDefault(late, 0L))).isFalse();
                    }
                }
                case 3 -> all.forEach(Sending::send);
                case 4 -> hub.time.jumpMillis(random.nextInt(30));
                default -> hub.loops.get(random.nextInt(3)).runOne();
            }
            checkNewReceipts(pending, all, named);
        }
        hub.time.settle();
        checkNewReceipts(pending, all, named);
        assertThat(admission.receipts).hasSize(cuts);
        assertThat(pending).isEmpty();
        for (Sending session : all) {
            session.loop.call(() -> session.cut("over"));
        }
        assertThat(sessions.entries()).isEmpty();
        // What is remembered of this history is forgotten before the next, whose epochs begin anew.
        hub.time.jumpMillis(61_000);
        sessions.onTick();
    }

    private Cut randomCut(Random random, int i) {
        Scope scope = SCOPES.get(random.nextInt(SCOPES.size()));
        String subject = switch (scope) {
            case SESSION -> "s" + (ids - 1 - random.nextInt(5));
            case CAMERA, EPOCH -> "c" + random.nextInt(3);
            case PERSON -> "p" + random.nextInt(3);
            case PROGRAMME -> "g" + random.nextInt(2);
        };
        return new Cut("cut" + i, scope, subject, i - random.nextInt(50), "x");
    }

    /** Those that a cut names and that asked before it are silent when its receipt has come. */
    private void checkNewReceipts(Map<String, Cut> pending, List<Sending> all, Map<String, List<Sending>> named) {
        for (CutReceipt receipt : admission.receipts) {
            if (pending.remove(receipt.cut().id()) == null) {
                continue;
            }
            long latest = Long.MIN_VALUE;
            for (Sending session : named.getOrDefault(receipt.cut().id(), List.of())) {
                assertThat(session.open)
                        .as("%s after %s", session.entry.permit(), receipt)
                        .isFalse();
                latest = Math.max(latest, session.lastSend);
            }
            if (latest != Long.MIN_VALUE) {
                assertThat(receipt.lastPacketAt()).isEqualTo(at(latest));
            }
        }
        assertThat(all).allMatch(s -> !s.open || s.reason.isEmpty());
    }

    private static boolean names(Cut cut, Sending session) {
        Answer.Permit permit = session.entry.permit();
        return switch (cut.scope()) {
            case SESSION -> permit.session().equals(cut.subject());
            case CAMERA -> session.entry.camera().equals(cut.subject());
            case PERSON -> permit.person().equals(cut.subject());
            case PROGRAMME -> permit.programme().equals(cut.subject());
            case EPOCH -> session.entry.camera().equals(cut.subject()) && permit.epoch() < cut.epoch();
        };
    }
}
