package org.porchlight.control.access;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.porchlight.control.access.AccessPolicy.Action;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.server.CameraConfiguration;

/**
 * Admission by the configuration file. Any thread; never blocks: password checks run on the given pool.
 *
 * <p>A decision and a change of policy may cross. So a session is entered in the table first and decided again if the policy is not the same
 * afterwards, while a new policy is set first and then goes through the table: one of the two sees the other.
 */
public final class StaticAdmission implements Admission {
    /** Name of those who showed nothing and watch what is public. */
    public static final String ANONYMOUS = "anonymous";

    private static final int MAX_SESSIONS = 1_000_000;
    private static final CompletableFuture<Answer> LOG_IN = denied(DenyCode.AUTHENTICATION_REQUIRED);

    /** @param user empty: anonymous */
    private record OpenSession(Action action, String camera, Optional<UserConfiguration> user) {}

    private final Map<String, OpenSession> sessions = new ConcurrentHashMap<>();
    private final PasswordChecks checks;
    private final FailedAttempts failures;
    private final CutDesk cuts;
    private final Supplier<String> ids;
    private final String dummyHa1;
    private final LongAdder failedLogins = new LongAdder();
    private final LongAdder refusedByRate = new LongAdder();
    private volatile AccessPolicy policy;

    /**
     * Begins with nobody permitted anything; see {@link #apply}.
     *
     * @param pool for password checks; bounded, refuses by exception when full
     * @param ids unique names for sessions
     * @param key 32 unpredictable bytes, for this process only
     * @param ticker time for what is remembered and forgotten
     */
    public StaticAdmission(Executor pool, CutDesk cuts, Supplier<String> ids, byte[] key, Ticker ticker) {
        this.checks = new PasswordChecks(pool, key, ticker);
        this.failures = new FailedAttempts(ticker);
        this.cuts = cuts;
        this.ids = ids;
        this.dummyHa1 = HexFormat.of().formatHex(key);
        this.policy = new AccessPolicy(0, AccessConfiguration.NOBODY, List.of(), dummyHa1);
    }

    /**
     * Goes over to another configuration: from here on it decides, and sessions that it does not permit are cut.
     *
     * @return how many were cut
     */
    public synchronized int apply(AccessConfiguration access, List<CameraConfiguration> cameras) {
        AccessPolicy next = new AccessPolicy(policy.epoch() + 1, access, cameras, dummyHa1);
        policy = next;
        int cut = 0;
        for (Map.Entry<String, OpenSession> entry : sessions.entrySet()) {
            if (!stillPermitted(next, entry.getValue())) {
                cuts.revoke(Cut.Scope.SESSION, entry.getKey(), next.epoch(), "ACCESS_CHANGED");
                cut++;
            }
        }
        return cut;
    }

    /** To be called about every second while the permits stand. */
    public void renewLease() {
        cuts.renewLease();
    }

    /** Log-ins with wrong credentials so far. */
    public long failedLogins() {
        return failedLogins.sum();
    }

    /** Log-ins not looked at, because too many failed from the same network. */
    public long refusedByRate() {
        return refusedByRate.sum();
    }

    /** Permits that have not ended. */
    public int openSessions() {
        return sessions.size();
    }

    @Override
    public CompletionStage<Answer> mayView(ViewRequest request) {
        return decide(Action.VIEW, request.camera(), request.credentials(), request.remote());
    }

    @Override
    public CompletionStage<Answer> mayPublish(PublishRequest request) {
        return decide(Action.PUBLISH, request.camera(), request.credentials(), request.remote());
    }

    @Override
    public List<Challenge> challenges() {
        return policy.challenges();
    }

    @Override
    public void onSessionEnded(SessionReport report) {
        sessions.remove(report.session());
    }

    @Override
    public void onCutReceipt(CutReceipt receipt) {
        cuts.onReceipt(receipt);
    }

    @Override
    public void connect(Signals signals) {
        cuts.connect(signals);
    }

    private CompletableFuture<Answer> decide(
            Action action, String camera, Credentials credentials, InetSocketAddress remote) {
        AccessPolicy now = policy;
        if (credentials instanceof Credentials.Anonymous) {
            return CompletableFuture.completedFuture(anonymous(now, action, camera));
        }
        if (credentials instanceof Credentials.Basic basic) {
            return basic(now, basic, remote.getAddress(), user -> permit(now, action, camera, user));
        }
        if (credentials instanceof Credentials.Digest digest) {
            return digest(now, digest, remote.getAddress(), user -> permit(now, action, camera, user));
        }
        return bearer(
                now, (Credentials.Bearer) credentials, remote.getAddress(), user -> permit(now, action, camera, user));
    }

    private Answer anonymous(AccessPolicy now, Action action, String camera) {
        if (action == Action.VIEW && now.isPublic(camera)) {
            return open(now, new OpenSession(action, camera, Optional.empty()));
        }
        // Without users, logging in helps nobody; and nobody learns which private cameras there are.
        return new Answer.Deny(now.hasUsers() ? DenyCode.AUTHENTICATION_REQUIRED : DenyCode.NOT_FOUND);
    }

    private CompletableFuture<Answer> basic(
            AccessPolicy now, Credentials.Basic basic, InetAddress remote, Function<UserConfiguration, Answer> permit) {
        if (!now.offers(ChallengeKind.BASIC)) {
            return LOG_IN;
        }
        Optional<Boolean> remembered = checks.remembered(now, basic.user(), basic.password());
        if (!remembered.orElse(false) && failures.isExhausted(remote)) {
            refusedByRate.increment();
            return denied(DenyCode.QUOTA);
        }
        CompletableFuture<Boolean> check;
        try {
            check = checks.check(now, basic.user(), basic.password());
        } catch (RejectedExecutionException e) {
            return denied(DenyCode.UNAVAILABLE);
        }
        return check.thenApply(matches -> verdict(now, matches, basic.user(), remote, permit));
    }

    private CompletableFuture<Answer> digest(
            AccessPolicy now,
            Credentials.Digest digest,
            InetAddress remote,
            Function<UserConfiguration, Answer> permit) {
        if (failures.isExhausted(remote)) {
            refusedByRate.increment();
            return denied(DenyCode.QUOTA);
        }
        boolean matches = now.proofMatches(digest.proof());
        return CompletableFuture.completedFuture(
                verdict(now, matches, digest.proof().user(), remote, permit));
    }

    private CompletableFuture<Answer> bearer(
            AccessPolicy now,
            Credentials.Bearer bearer,
            InetAddress remote,
            Function<UserConfiguration, Answer> permit) {
        Optional<UserConfiguration> holder = now.holder(bearer.token());
        // Who holds a token is let in also from a network where others guess passwords.
        if (holder.isEmpty() && failures.isExhausted(remote)) {
            refusedByRate.increment();
            return denied(DenyCode.QUOTA);
        }
        return CompletableFuture.completedFuture(verdict(
                now, holder.isPresent(), holder.map(UserConfiguration::name).orElse(""), remote, permit));
    }

    private Answer verdict(
            AccessPolicy now,
            boolean matches,
            String name,
            InetAddress remote,
            Function<UserConfiguration, Answer> permit) {
        Optional<UserConfiguration> user = matches ? now.user(name) : Optional.empty();
        if (user.isEmpty()) {
            failures.onFailure(remote);
            failedLogins.increment();
            return new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED);
        }
        return permit.apply(user.get());
    }

    private Answer permit(AccessPolicy now, Action action, String camera, UserConfiguration user) {
        return now.permits(user, action, camera)
                ? open(now, new OpenSession(action, camera, Optional.of(user)))
                : new Answer.Deny(DenyCode.FORBIDDEN);
    }

    private Answer open(AccessPolicy decidedUnder, OpenSession session) {
        if (sessions.size() >= MAX_SESSIONS) {
            return new Answer.Deny(DenyCode.QUOTA);
        }
        String id = ids.get();
        sessions.put(id, session);
        AccessPolicy now = policy;
        if (now != decidedUnder && !stillPermitted(now, session)) {
            sessions.remove(id);
            return new Answer.Deny(DenyCode.AUTHENTICATION_REQUIRED);
        }
        boolean leased = !(session.action() == Action.VIEW && now.isPublic(session.camera()));
        String person = session.user().map(UserConfiguration::name).orElse(ANONYMOUS);
        return new Answer.Permit(id, person, "", leased, Instant.MAX, now.epoch());
    }

    /** Whether the same client would be permitted again: a user must be there still and have the same credentials. */
    private static boolean stillPermitted(AccessPolicy now, OpenSession session) {
        if (session.user().isEmpty()) {
            return now.isPublic(session.camera());
        }
        UserConfiguration then = session.user().get();
        return now.user(then.name())
                .filter(user -> user.hasSameCredentialsAs(then))
                .filter(user -> now.permits(user, session.action(), session.camera()))
                .isPresent();
    }

    private static CompletableFuture<Answer> denied(DenyCode code) {
        return CompletableFuture.completedFuture(new Answer.Deny(code));
    }
}
