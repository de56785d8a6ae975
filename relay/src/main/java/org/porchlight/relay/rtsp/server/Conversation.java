package org.porchlight.relay.rtsp.server;

import java.net.Inet6Address;
import java.util.random.RandomGenerator;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * What the dialogues with a viewer and with a publisher have in common: where the session stands, what is known of it, and the steps that
 * both take. Owner: that of its session.
 */
final class Conversation {
    final RtspServerActions actions;
    final Exchange exchange;
    final SessionRight right;
    final SessionTracks tracks;

    private final ClientConnection client;
    private final ServerPolicy policy;
    private final LoopCounters counters;
    private SessionState state = SessionState.INIT;
    private long nowNanos;

    Conversation(
            ClientConnection client,
            ServerPolicy policy,
            ServerAuthentication authentication,
            RtspServerActions actions,
            LoopCounters counters,
            RandomGenerator random) {
        this.client = client;
        this.policy = policy;
        this.actions = actions;
        this.counters = counters;
        this.exchange = new Exchange(policy, actions);
        this.right = new SessionRight(client, policy, authentication, actions, counters, exchange);
        this.tracks = new SessionTracks(random);
    }

    SessionState state() {
        return state;
    }

    void enter(SessionState next) {
        state = next;
    }

    /** The time of the call that is being worked on. */
    long nowNanos() {
        return nowNanos;
    }

    void onTime(long now) {
        nowNanos = now;
    }

    /** The number of a new question. */
    int ask() {
        return exchange.ask(nowNanos);
    }

    boolean isIpv6() {
        return client.remote().getAddress() instanceof Inet6Address;
    }

    /** Ends the connection at once: a cut came between the permit and the session. */
    void cut() {
        close("cut", true);
    }

    /** Ends the session and the connection; may be repeated. */
    void close(String reason, boolean abort) {
        if (state == SessionState.CLOSED) {
            return;
        }
        state = SessionState.CLOSED;
        exchange.abandon();
        right.giveBackUnused();
        actions.endSession(reason);
        actions.close(reason, abort);
    }

    /** Ends the session; the connection may have another one. */
    void forgetSession(String reason) {
        right.forget(reason);
        tracks.forget();
        exchange.forgetDescription();
        state = SessionState.INIT;
    }

    // ---- steps that both take

    /** Whether this client may do this with that stream; if it is not known yet, admission is asked or the request refused. */
    boolean isPermitted(ResourcePath path, boolean publish) {
        if (right.covers(path, publish)) {
            return true;
        }
        if (right.isHeld()) {
            // For another stream, or revoked before its session began: admission is asked anew.
            forgetSession("other_stream");
        }
        right.ask(path, publish, nowNanos);
        return false;
    }

    /** Whether there is a session on all of that stream; if not, the request has been refused. */
    boolean isReadyFor(ResourcePath path) {
        if (tracks.isEmpty()) {
            wrongState();
        } else if (exchange.request().session() == null || !right.isOf(path)) {
            exchange.respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (path.track() >= 0 && tracks.count() > 1) {
            exchange.respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
        } else {
            return true;
        }
        return false;
    }

    void wrongState() {
        counters.increment(Counter.REQUESTS_WRONG_STATE);
        exchange.respond(RtspStatus.METHOD_NOT_VALID_IN_THIS_STATE);
    }

    TransportHeader offers() {
        return TransportHeader.parse(exchange.request().headers().all(RtspHeaders.TRANSPORT));
    }

    /** Refuses a SETUP without a transport that can be read. */
    void badTransport() {
        RtspRequest request = exchange.request();
        boolean told = request.headers().contains(RtspHeaders.TRANSPORT);
        exchange.respond(told ? RtspStatus.UNSUPPORTED_TRANSPORT : RtspStatus.BAD_REQUEST);
    }

    /** Sets one track up: picks its transport, begins the session, has ports opened if need be, and answers. */
    void setup(TransportHeader offers, int track) {
        boolean udp = policy.udp() && !client.encrypted() && !client.tunnelled();
        TransportSpec chosen = TransportChoice.choose(offers, udp, track, tracks.others(track));
        if (chosen == null) {
            counters.increment(Counter.REQUESTS_UNSUPPORTED);
            exchange.respond(RtspStatus.UNSUPPORTED_TRANSPORT);
            return;
        }
        if (!right.begin()) {
            cut();
            return;
        }
        NumberPair ports = exchange.ports();
        if (chosen.lower() == TransportSpec.Lower.UDP && ports == null) {
            actions.openPorts(ask(), track, chosen);
            return;
        }
        TransportSpec answered = ports == null ? chosen : chosen.withServerPort(ports);
        tracks.put(track, answered);
        state = SessionState.READY;
        SessionHeader session = new SessionHeader(
                tracks.sessionId(), (int) policy.sessionTimeout().toSeconds());
        exchange.respond(
                RtspStatus.OK,
                RtspHeaders.builder()
                        .add(RtspHeaders.TRANSPORT, answered.render())
                        .add(RtspHeaders.SESSION, session.render()),
                RtspMessage.NO_BODY);
    }

    void teardown(ResourcePath path) {
        if (tracks.isEmpty() || !right.isOf(path) || exchange.request().session() == null) {
            exchange.respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (path.track() >= 0 && tracks.count() > 1) {
            exchange.respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
        } else {
            String id = tracks.sessionId();
            forgetSession("teardown");
            exchange.respond(RtspStatus.OK, RtspHeaders.SESSION, id);
        }
    }
}
