package org.porchlight.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.DigestAlgorithm;
import org.porchlight.relay.admission.DigestProof;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.server.Activation;
import org.porchlight.relay.server.CameraConfiguration;
import org.porchlight.relay.server.CameraPattern;
import org.porchlight.relay.server.PublishPolicy;
import org.porchlight.relay.server.Secret;
import org.porchlight.relay.server.Visibility;

final class StaticAdmissionTest {
    private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.7", 50_000);
    private static final PasswordHash CHEAP =
            PasswordHash.parse("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A".repeat(43));
    private static final CompletableFuture<Answer> NO = denied(DenyCode.AUTHENTICATION_REQUIRED);

    private final ArrayDeque<Runnable> pool = new ArrayDeque<>();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger ids = new AtomicInteger();
    private final CutDesk desk = new CutDesk(() -> "cut-" + ids.incrementAndGet());
    private final List<Cut> cuts = new ArrayList<>();
    private int leases;
    private boolean poolIsFull;

    private final StaticAdmission admission = new StaticAdmission(
            task -> {
                if (poolIsFull) {
                    throw new RejectedExecutionException();
                }
                pool.add(task);
            },
            desk,
            () -> "session-" + ids.incrementAndGet(),
            new byte[32],
            nanos::get);

    @BeforeEach
    void connect() {
        admission.connect(new Admission.Signals() {
            @Override
            public void cut(Cut cut) {
                cuts.add(cut);
            }

            @Override
            public void renewLease() {
                leases++;
            }
        });
    }

    @Test
    void beforeAConfigurationNobodyIsPermittedAnything() {
        assertThat(view("lobby", new Credentials.Anonymous())).isEqualTo(new Answer.Deny(DenyCode.NOT_FOUND));
        assertThat(view("lobby", basic("alice", "right"))).isEqualTo(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
    }

    @Test
    void everybodyWatchesPublicCamerasWithoutALease() {
        admission.apply(access(), List.of(camera("square", Visibility.PUBLIC), camera("yard", Visibility.PRIVATE)));
        Answer.Permit permit = permitted(view("square", new Credentials.Anonymous()));
        assertThat(permit.leased()).isFalse();
        assertThat(permit.person()).isEqualTo(StaticAdmission.ANONYMOUS);
        assertThat(permit.expiresAt()).isEqualTo(Instant.MAX);
        assertThat(view("yard", new Credentials.Anonymous())).isEqualTo(new Answer.Deny(DenyCode.NOT_FOUND));
        assertThat(publish("square", new Credentials.Anonymous())).isEqualTo(new Answer.Deny(DenyCode.NOT_FOUND));
    }

    @Test
    void withUsersStrangersAreAskedToLogInWhetherOrNotThereIsSuchACamera() {
        admission.apply(access(withPassword("alice", "right", "yard")), List.of(camera("yard", Visibility.PRIVATE)));
        assertThat(view("yard", new Credentials.Anonymous())).isEqualTo(view("nowhere", new Credentials.Anonymous()));
        assertThat(view("yard", new Credentials.Anonymous()))
                .isEqualTo(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
        assertThat(view("yard", new Credentials.Bearer("x")))
                .isEqualTo(new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED));
    }

    @Test
    void whoHoldsATokenMayWhatItsUserMayAndIsOfferedThatWayIn() {
        admission.apply(access(withToken("encoder", "to.ken"), withPassword("alice", "right", "*")), List.of());
        assertThat(admission.challenges()).endsWith(new Challenge.Bearer("porchlight"));
        assertThat(permitted(view("yard", new Credentials.Bearer("to.ken"))).person())
                .isEqualTo("encoder");
        assertThat(view("gate", new Credentials.Bearer("to.ken"))).isEqualTo(new Answer.Deny(DenyCode.FORBIDDEN));
        assertThat(view("yard", new Credentials.Bearer("to.kem"))).isEqualTo(NO.join());
        assertThat(view("yard", new Credentials.Bearer(tokenHash("to.ken")))).isEqualTo(NO.join());
        assertThat(admission.failedLogins()).isEqualTo(2);
        CompletableFuture<Answer> without = ask("yard", basic("encoder", ""));
        runPool();
        assertThat(without.join()).isEqualTo(NO.join());
    }

    @Test
    void aTokenThatIsReplacedEndsItsSessionsAndIsWorthNothingAfterwards() {
        admission.apply(access(withToken("encoder", "old")), List.of());
        Answer.Permit permit = permitted(view("yard", new Credentials.Bearer("old")));
        assertThat(admission.apply(access(withToken("encoder", "new")), List.of()))
                .isEqualTo(1);
        assertThat(cuts).extracting(Cut::subject).containsExactly(permit.session());
        assertThat(view("yard", new Credentials.Bearer("old"))).isEqualTo(NO.join());
        permitted(view("yard", new Credentials.Bearer("new")));
    }

    @Test
    void tokensAreNotGuessedWithoutEndButHoldersAreLetIn() {
        admission.apply(access(withToken("encoder", "good")), List.of());
        Answer last = NO.join();
        for (int i = 0; i < 1000 && last.equals(NO.join()); i++) {
            last = view("yard", new Credentials.Bearer("guess" + i));
        }
        assertThat(last).isEqualTo(new Answer.Deny(DenyCode.QUOTA));
        permitted(view("yard", new Credentials.Bearer("good")));
    }

    private static String tokenHash(String token) {
        return DigestProof.hash(DigestAlgorithm.SHA_256, token);
    }

    private static UserConfiguration withToken(String name, String token) {
        return new UserConfiguration(
                name,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Secret.of(tokenHash(token).toUpperCase(java.util.Locale.ROOT))),
                List.of(new CameraPattern("yard")),
                List.of());
    }

    @Test
    void aUserMayWhatThePatternsSayAndNoMore() {
        UserConfiguration drone = new UserConfiguration(
                "drone",
                Optional.empty(),
                Optional.of(Secret.of("fly")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new CameraPattern("yard/*")),
                List.of(new CameraPattern("drones/7")));
        admission.apply(
                access(drone), List.of(camera("yard/*", Visibility.PRIVATE), camera("drones/*", Visibility.PRIVATE)));
        Answer.Permit permit = permitted(view("yard/1", basic("drone", "fly")));
        assertThat(permit.leased()).isTrue();
        assertThat(permit.person()).isEqualTo("drone");
        assertThat(view("drones/7", basic("drone", "fly"))).isEqualTo(new Answer.Deny(DenyCode.FORBIDDEN));
        assertThat(permitted(publish("drones/7", basic("drone", "fly"))).leased())
                .isTrue();
        assertThat(publish("drones/8", basic("drone", "fly"))).isEqualTo(new Answer.Deny(DenyCode.FORBIDDEN));
        assertThat(publish("yard/1", basic("drone", "fly"))).isEqualTo(new Answer.Deny(DenyCode.FORBIDDEN));
    }

    @Test
    void aPasswordIsCheckedOnThePoolOnceForManyAndAgainAfterAMinute() {
        admission.apply(access(withPassword("alice", "right", "*")), List.of());
        CompletableFuture<Answer> first = ask("a", basic("alice", "right"));
        CompletableFuture<Answer> second = ask("b", basic("alice", "right"));
        assertThat(first).isNotDone();
        assertThat(pool).hasSize(1);
        runPool();
        assertThat(permitted(first.join()).session())
                .isNotEqualTo(permitted(second.join()).session());
        assertThat(ask("c", basic("alice", "right"))).isDone();
        nanos.addAndGet(PasswordChecks.MEMORY.toNanos() + 1);
        assertThat(ask("d", basic("alice", "right"))).isNotDone();
        assertThat(pool).hasSize(1);
    }

    @Test
    void wrongPasswordsAndUnknownUsersCostTheSameCheckAndSayTheSame() {
        UserConfiguration hashed = new UserConfiguration(
                "bob",
                Optional.of(CHEAP),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
        admission.apply(access(withPassword("alice", "right", "*"), hashed), List.of());
        for (String name : List.of("alice", "bob", "nobody")) {
            CompletableFuture<Answer> answer = ask("a", basic(name, "wrong"));
            assertThat(answer).as("%s takes a check", name).isNotDone();
            runPool();
            assertThat(answer.join()).isEqualTo(NO.join());
        }
        assertThat(admission.failedLogins()).isEqualTo(3);
    }

    @Test
    void aHashedPasswordLetsItsUserIn() {
        PasswordHash hash = PasswordHash.create("open sesame", new byte[16]);
        UserConfiguration bob = new UserConfiguration(
                "bob",
                Optional.of(hash),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new CameraPattern("*")),
                List.of());
        admission.apply(access(bob), List.of());
        permitted(view("a", basic("bob", "open sesame")));
        assertThat(view("a", basic("bob", "open says me"))).isEqualTo(NO.join());
    }

    @Test
    void aFullPoolIsAnsweredAsUnavailableAndIsNotRemembered() {
        admission.apply(access(withPassword("alice", "right", "*")), List.of());
        poolIsFull = true;
        assertThat(ask("a", basic("alice", "right")).join()).isEqualTo(new Answer.Deny(DenyCode.UNAVAILABLE));
        poolIsFull = false;
        permitted(view("a", basic("alice", "right")));
    }

    @Test
    void manyFailuresFromOneNetworkAreNoLongerLookedAtButOthersAndTheRememberedAre() {
        admission.apply(access(withPassword("alice", "right", "*")), List.of());
        permitted(view("a", basic("alice", "right")));
        for (int i = 0; i < FailedAttempts.MAX; i++) {
            assertThat(view("a", basic("alice", "wrong" + i))).isEqualTo(NO.join());
        }
        assertThat(view("a", basic("alice", "one more"))).isEqualTo(new Answer.Deny(DenyCode.QUOTA));
        assertThat(pool).isEmpty();
        assertThat(admission.refusedByRate()).isEqualTo(1);
        permitted(view("a", basic("alice", "right")));
        CompletableFuture<Answer> elsewhere = admission
                .mayView(request("a", basic("alice", "wrong"), new InetSocketAddress("192.0.2.8", 1)))
                .toCompletableFuture();
        runPool();
        assertThat(elsewhere.join()).isEqualTo(NO.join());

        nanos.addAndGet(FailedAttempts.WINDOW.toNanos() + 1);
        assertThat(view("a", basic("alice", "again"))).isEqualTo(NO.join());
    }

    @Test
    void digestsAreCheckedAgainstThePasswordOrTheStoredHash() {
        String md5 = DigestProof.ha1(DigestAlgorithm.MD5, "bob", "porchlight", "right");
        UserConfiguration bob = new UserConfiguration(
                "bob",
                Optional.empty(),
                Optional.empty(),
                Optional.of(Secret.of(md5.toUpperCase(java.util.Locale.ROOT))),
                Optional.of(Secret.of(DigestProof.ha1(DigestAlgorithm.SHA_256, "bob", "porchlight", "right"))),
                Optional.empty(),
                List.of(new CameraPattern("*")),
                List.of());
        admission.apply(access(withPassword("alice", "right", "*"), bob), List.of());
        for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
            permitted(view("a", digest(algorithm, "alice", "porchlight", "right")));
            permitted(view("a", digest(algorithm, "bob", "porchlight", "right")));
            assertThat(view("a", digest(algorithm, "bob", "porchlight", "wrong")))
                    .isEqualTo(NO.join());
            assertThat(view("a", digest(algorithm, "bob", "elsewhere", "right")))
                    .isEqualTo(NO.join());
            assertThat(view("a", digest(algorithm, "nobody", "porchlight", "right")))
                    .isEqualTo(NO.join());
        }
        assertThat(pool).isEmpty();
    }

    @Test
    void aWayThatIsNotOfferedIsNotTaken() {
        UserConfiguration alice = withPassword("alice", "right", "*");
        admission.apply(
                new AccessConfiguration("porchlight", List.of(ChallengeKind.DIGEST_SHA256), List.of(alice)), List.of());
        assertThat(admission.challenges()).containsExactly(new Challenge.Digest("porchlight", DigestAlgorithm.SHA_256));
        assertThat(view("a", basic("alice", "right"))).isEqualTo(NO.join());
        assertThat(view("a", digest(DigestAlgorithm.MD5, "alice", "porchlight", "right")))
                .isEqualTo(NO.join());
        permitted(view("a", digest(DigestAlgorithm.SHA_256, "alice", "porchlight", "right")));
    }

    @Test
    void aNewConfigurationCutsWhoLostPermissionAndNobodyElse() {
        CameraConfiguration square = camera("square", Visibility.PUBLIC);
        admission.apply(
                access(
                        withPassword("alice", "a", "yard/*"),
                        withPassword("bob", "b", "*"),
                        withPassword("carol", "c", "*")),
                List.of(square));
        Answer.Permit anonymous = permitted(view("square", new Credentials.Anonymous()));
        Answer.Permit alice1 = permitted(view("yard/1", basic("alice", "a")));
        Answer.Permit alice2 = permitted(view("yard/2", basic("alice", "a")));
        Answer.Permit bob = permitted(view("yard/1", basic("bob", "b")));
        Answer.Permit carol = permitted(view("yard/1", basic("carol", "c")));

        int cut = admission.apply(
                access(
                        withPassword("alice", "a", "yard/2"),
                        withPassword("bob", "changed", "*"),
                        withPassword("carol", "c", "y*")),
                List.of(square));
        assertThat(cut).isEqualTo(2);
        assertThat(cuts).extracting(Cut::subject).containsExactlyInAnyOrder(alice1.session(), bob.session());
        assertThat(cuts).allSatisfy(one -> {
            assertThat(one.scope()).isEqualTo(Cut.Scope.SESSION);
            assertThat(one.reason()).isEqualTo("ACCESS_CHANGED");
            assertThat(one.epoch()).isEqualTo(2);
        });

        cuts.clear();
        Stream.of(alice1, bob).forEach(this::end);
        admission.apply(access(), List.of(camera("square", Visibility.PRIVATE)));
        assertThat(cuts)
                .extracting(Cut::subject)
                .containsExactlyInAnyOrder(anonymous.session(), alice2.session(), carol.session());
    }

    @Test
    void aDecisionThatCrossesAChangeIsDecidedAgain() {
        admission.apply(access(withPassword("alice", "right", "*")), List.of());
        CompletableFuture<Answer> asked = ask("a", basic("alice", "right"));
        admission.apply(access(withPassword("alice", "right", "b")), List.of());
        runPool();
        assertThat(asked.join()).isEqualTo(NO.join());
        assertThat(admission.openSessions()).isZero();
        assertThat(cuts).isEmpty();
    }

    @Test
    void endedSessionsAreForgotten() {
        admission.apply(access(withPassword("alice", "right", "*")), List.of());
        Answer.Permit permit = permitted(view("a", basic("alice", "right")));
        assertThat(admission.openSessions()).isEqualTo(1);
        end(permit);
        assertThat(admission.openSessions()).isZero();
    }

    @Test
    void theLeaseIsRenewedAndReceiptsComeBackToWhoCut() {
        admission.renewLease();
        assertThat(leases).isEqualTo(1);
        CompletableFuture<CutReceipt> receipt =
                desk.cut(Cut.Scope.CAMERA, "yard", 0, "CONSENT_WITHDRAWN").orElseThrow();
        assertThat(cuts).hasSize(1);
        assertThat(receipt).isNotDone();
        CutReceipt made = new CutReceipt(cuts.get(0), Instant.EPOCH, Instant.MIN, Instant.EPOCH, 3);
        admission.onCutReceipt(made);
        assertThat(receipt.join()).isSameAs(made);
        admission.onCutReceipt(made);
    }

    private void end(Answer.Permit permit) {
        admission.onSessionEnded(new SessionReport(permit.session(), "a", "teardown", Duration.ZERO, 0, 0));
    }

    private void runPool() {
        while (!pool.isEmpty()) {
            pool.poll().run();
        }
    }

    private Answer view(String camera, Credentials credentials) {
        CompletableFuture<Answer> answer = ask(camera, credentials);
        runPool();
        return answer.join();
    }

    private CompletableFuture<Answer> ask(String camera, Credentials credentials) {
        return admission.mayView(request(camera, credentials, REMOTE)).toCompletableFuture();
    }

    private Answer publish(String camera, Credentials credentials) {
        CompletableFuture<Answer> answer = admission
                .mayPublish(new PublishRequest(camera, Rendition.MAIN, credentials, REMOTE, "rtsp", false, "test"))
                .toCompletableFuture();
        runPool();
        return answer.join();
    }

    private static ViewRequest request(String camera, Credentials credentials, InetSocketAddress remote) {
        return new ViewRequest(camera, Rendition.MAIN, credentials, remote, "rtsp", false, "test");
    }

    private static Answer.Permit permitted(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Permit.class);
        return (Answer.Permit) answer;
    }

    private static AccessConfiguration access(UserConfiguration... users) {
        return new AccessConfiguration("porchlight", List.of(ChallengeKind.values()), List.of(users));
    }

    private static UserConfiguration withPassword(String name, String password, String view) {
        return new UserConfiguration(
                name,
                Optional.empty(),
                Optional.of(Secret.of(password)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new CameraPattern(view)),
                List.of());
    }

    private static CameraConfiguration camera(String name, Visibility visibility) {
        return new CameraConfiguration(
                new CameraPattern(name),
                visibility,
                Optional.empty(),
                Optional.empty(),
                Activation.ON_DEMAND,
                PublishPolicy.REPLACE,
                CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
    }

    private static Credentials basic(String user, String password) {
        return new Credentials.Basic(user, password);
    }

    private static Credentials digest(DigestAlgorithm algorithm, String user, String realm, String password) {
        String ha1 = DigestProof.ha1(algorithm, user, realm, password);
        String ha2 = DigestProof.hash(algorithm, "DESCRIBE:rtsp://h/a");
        String response = DigestProof.hash(algorithm, ha1 + ":nonce:00000001:client:auth:" + ha2);
        return new Credentials.Digest(new DigestProof(
                algorithm, user, realm, "DESCRIBE", "rtsp://h/a", "nonce", "auth", "00000001", "client", response));
    }

    private static CompletableFuture<Answer> denied(DenyCode code) {
        return CompletableFuture.completedFuture(new Answer.Deny(code));
    }
}
