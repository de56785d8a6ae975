package org.porchlight.relay.rtsp.server;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;

/**
 * What a client may do: for which stream it has asked, the permit that it got, and whether its session has begun. Owner: that of its
 * session.
 *
 * <p>A permit is got by the first request that needs one, and used by the first SETUP: from there on the session holds ports and channels,
 * and cuts find it. A permit that was not used goes back, and one that a cut has named meanwhile is no permit.
 */
final class SessionRight {
    private static final String PROTOCOL = "rtsp";

    private final ClientConnection client;
    private final ServerPolicy policy;
    private final ServerAuthentication authentication;
    private final RtspServerActions actions;
    private final LoopCounters counters;
    private final Exchange exchange;

    private @Nullable ResourcePath resource;
    private boolean publishes;
    private Answer.@Nullable Permit permit;
    private long endsNanos = SessionClock.NEVER;
    private boolean begun;
    private int failedLogins;

    SessionRight(
            ClientConnection client,
            ServerPolicy policy,
            ServerAuthentication authentication,
            RtspServerActions actions,
            LoopCounters counters,
            Exchange exchange) {
        this.client = client;
        this.policy = policy;
        this.authentication = authentication;
        this.actions = actions;
        this.counters = counters;
        this.exchange = exchange;
    }

    /** The stream that was asked for last, as a whole; null: none. */
    @Nullable
    ResourcePath resource() {
        return resource;
    }

    boolean isOf(ResourcePath path) {
        ResourcePath held = resource;
        return held != null && held.isSameStream(path);
    }

    boolean isHeld() {
        return permit != null;
    }

    /** Whether the permit that is held is for this, and still good. */
    boolean covers(ResourcePath path, boolean publish) {
        Answer.Permit held = permit;
        if (held == null || publishes != publish || !isOf(path)) {
            return false;
        }
        return begun || actions.stands(held, path.camera());
    }

    /** When the permit runs out; {@link SessionClock#NEVER}: there is none, or it does not. */
    long endsNanos() {
        return endsNanos;
    }

    // ---- asking

    /** Asks admission whether this client may do this, or asks the client for credentials. */
    void ask(ResourcePath path, boolean publish, long nowNanos) {
        RtspRequest request = exchange.request();
        InetAddress remote = client.remote().getAddress();
        ServerAuthentication.Shown shown = authentication.examine(request, path, remote, nowNanos);
        if (shown instanceof ServerAuthentication.Shown.Usable usable) {
            resource = new ResourcePath(path.camera(), path.rendition(), -1);
            publishes = publish;
            askAdmission(path, usable.credentials(), nowNanos);
        } else {
            challenge(shown instanceof ServerAuthentication.Shown.Stale, nowNanos);
        }
    }

    private void askAdmission(ResourcePath path, Credentials credentials, long nowNanos) {
        String agent = exchange.request().headers().first(RtspHeaders.USER_AGENT);
        String userAgent = agent == null ? "" : agent;
        int question = exchange.ask(nowNanos);
        if (publishes) {
            actions.mayPublish(
                    question,
                    new PublishRequest(
                            path.camera(),
                            path.rendition(),
                            credentials,
                            client.remote(),
                            PROTOCOL,
                            client.encrypted(),
                            userAgent));
        } else {
            actions.mayView(
                    question,
                    new ViewRequest(
                            path.camera(),
                            path.rendition(),
                            credentials,
                            client.remote(),
                            PROTOCOL,
                            client.encrypted(),
                            userAgent));
        }
    }

    // ---- the answer

    /** What an answer of admission comes to. */
    enum Outcome {
        /** The permit is held: the request can go on. */
        GRANTED,
        /** The request has been answered. */
        REFUSED,
        /** A permit that a cut has named on its way: the connection is to end. */
        CUT
    }

    /** Admission's answer to the question that is waited for. */
    Outcome onAnswer(Answer answer, long expiresAtNanos, long nowNanos) {
        count(answer);
        if (answer instanceof Answer.Deny deny) {
            refuse(deny.code(), nowNanos);
            return Outcome.REFUSED;
        }
        Answer.Permit granted = (Answer.Permit) answer;
        ResourcePath path = resource;
        if (path == null) {
            throw new IllegalStateException("admission was asked without a stream");
        }
        if (publishes && !actions.isPublishable(path.camera())) {
            actions.giveBack(granted);
            exchange.respond(Refusal.NOT_PUBLISHABLE.status(), RtspHeaders.ALLOW, RequestRules.VIEWER_METHODS);
            return Outcome.REFUSED;
        }
        permit = granted;
        endsNanos = expiresAtNanos;
        return actions.stands(granted, path.camera()) ? Outcome.GRANTED : Outcome.CUT;
    }

    /** Admission's answer to a question that nobody asks any more. */
    void onLateAnswer(Answer answer) {
        count(answer);
        if (answer instanceof Answer.Permit granted) {
            actions.giveBack(granted);
        }
    }

    private void count(Answer answer) {
        counters.increment(answer instanceof Answer.Deny deny ? counterOf(deny.code()) : Counter.ADMISSION_PERMIT);
    }

    private static Counter counterOf(DenyCode code) {
        return switch (code) {
            case AUTHENTICATION_REQUIRED -> Counter.ADMISSION_AUTHENTICATION_REQUIRED;
            case FORBIDDEN -> Counter.ADMISSION_FORBIDDEN;
            case NOT_FOUND -> Counter.ADMISSION_NOT_FOUND;
            case QUOTA -> Counter.ADMISSION_QUOTA;
            case UNAVAILABLE -> Counter.ADMISSION_UNAVAILABLE;
        };
    }

    private void refuse(DenyCode code, long nowNanos) {
        switch (code) {
            case AUTHENTICATION_REQUIRED -> challenge(false, nowNanos);
            case FORBIDDEN -> exchange.respond(RtspStatus.FORBIDDEN);
            case NOT_FOUND -> exchange.respond(RtspStatus.NOT_FOUND);
            case QUOTA -> exchange.respond(RtspStatus.NOT_ENOUGH_BANDWIDTH);
            case UNAVAILABLE -> exchange.respond(RtspStatus.SERVICE_UNAVAILABLE);
        }
    }

    private void challenge(boolean stale, long nowNanos) {
        List<String> values = authentication.challengeValues(client.remote().getAddress(), stale, nowNanos);
        if (values.isEmpty()) {
            exchange.respond(RtspStatus.FORBIDDEN);
            return;
        }
        if (!stale && exchange.request().headers().contains(RtspHeaders.AUTHORIZATION)) {
            failedLogins++;
        }
        if (failedLogins >= policy.maxFailedLogins()) {
            exchange.endAfterwards("login_failed");
        }
        RtspHeaders.Builder headers = RtspHeaders.builder();
        values.forEach(value -> headers.add(RtspHeaders.WWW_AUTHENTICATE, value));
        exchange.respond(RtspStatus.UNAUTHORIZED, headers, RtspMessage.NO_BODY);
    }

    // ---- the session

    /** Begins the session, if it has not begun; false: the permit does not stand any more. */
    boolean begin() {
        ResourcePath held = resource;
        Answer.Permit known = permit;
        if (!begun && known != null && held != null) {
            begun = actions.begin(known, held.camera(), held.rendition(), publishes);
        }
        return begun;
    }

    /** Ends the session, or gives the unused permit back; what was asked for is forgotten. */
    void forget(String reason) {
        if (begun) {
            actions.endSession(reason);
        }
        giveBackUnused();
        resource = null;
        permit = null;
        begun = false;
        endsNanos = SessionClock.NEVER;
    }

    /** Nobody will use it any more; may be repeated. */
    void giveBackUnused() {
        Answer.Permit unused = begun ? null : permit;
        if (unused != null) {
            permit = null;
            actions.giveBack(unused);
        }
    }
}
