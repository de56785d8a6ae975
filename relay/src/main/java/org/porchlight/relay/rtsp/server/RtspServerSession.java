package org.porchlight.relay.rtsp.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspMethod;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.RtspVersion;

/**
 * The server's side of one RTSP connection (RFC 2326 appendix A.2). Owner: the loop of the connection. It closes itself, or is closed by
 * {@link #close}; then {@link RtspServerActions#endSession} and {@link RtspServerActions#close} have been called.
 *
 * <pre>
 *            SETUP            PLAY                    ANNOUNCE, SETUP          RECORD
 *   INIT -----------> READY ---------> PLAYING  INIT ----------------> READY --------> RECORDING
 *    ^  TEARDOWN        |  <--------- /           a publisher cannot pause
 *    +------------------+    PAUSE
 * </pre>
 *
 * <p>Design note. One request is worked on at a time; those behind it wait, so answers keep their order. A request that needs to know
 * something (may he? what tracks? which port?) asks, and is run again from its start when the answer has come. The facts learned stay:
 * those of the request in {@link Exchange}, those of the session in {@link SessionRight} and {@link SessionTracks}; so the second run finds
 * them and goes on. There are no half-done requests, only facts that are known or not.
 *
 * <p>This class reads bytes and time and says whose turn it is; what is answered is the matter of {@link RequestRules} and of the dialogues.
 */
public final class RtspServerSession {
    private static final int MAX_PENDING_BODY_BYTES = 128 << 10;

    private final ServerPolicy policy;
    private final RtspServerActions actions;
    private final LoopCounters counters;
    private final InterleavedFramer framer;
    private final InterleavedFramer.Sink sink = new Received();
    private final SessionClock clock;
    private final Conversation conversation;
    private final Exchange exchange;
    private final SessionTracks tracks;
    private final ViewerDialogue viewer;
    private final PublisherDialogue publisher;

    private final ArrayDeque<RtspRequest> pending = new ArrayDeque<>();
    private int pendingBodyBytes;
    private boolean running;
    private boolean halfRequest;

    /** @param nowNanos when the connection was accepted */
    public RtspServerSession(
            ClientConnection client,
            ServerPolicy policy,
            ServerAuthentication authentication,
            RtspServerActions actions,
            LoopCounters counters,
            RandomGenerator random,
            long nowNanos) {
        this.policy = policy;
        this.actions = actions;
        this.counters = counters;
        this.framer = new InterleavedFramer(policy.framing());
        this.clock = new SessionClock(policy, nowNanos);
        this.conversation = new Conversation(client, policy, authentication, actions, counters, random);
        this.exchange = conversation.exchange;
        this.tracks = conversation.tracks;
        this.viewer = new ViewerDialogue(conversation);
        this.publisher = new PublisherDialogue(conversation);
        conversation.onTime(nowNanos);
    }

    // ---- what comes in

    /**
     * Takes what was read from the connection.
     *
     * @param in borrowed; {@code [from, to)} begins where the call before stopped
     * @return index of the first byte that is still needed; {@code to} when the session has closed. Smaller than {@code to} without need of
     *     more bytes only behind {@link RtspServerActions#http}
     */
    public int receive(ByteBuf in, int from, int to, long now) {
        conversation.onTime(now);
        if (isDeaf()) {
            return to;
        }
        int at = framer.parse(in, from, to, sink);
        halfRequest = at < to;
        return isClosed() ? to : at;
    }

    private boolean isDeaf() {
        return isClosed() || exchange.lastWords() != null;
    }

    /** Bytes that the frame or message begun last still needs, as far as known; at least 1. */
    public int missingBytes() {
        return framer.missingBytes();
    }

    /** Admission's answer. */
    public void onAnswer(int toQuestion, Answer answer, long expiresAtNanos, long now) {
        if (!isAwaited(toQuestion, now)) {
            conversation.right.onLateAnswer(answer);
            return;
        }
        switch (conversation.right.onAnswer(answer, expiresAtNanos, now)) {
            case GRANTED -> resume();
            case REFUSED -> runPending();
            case CUT -> conversation.cut();
        }
    }

    /** The tracks of the stream asked for, 1 or more. */
    public void onDescription(int toQuestion, List<TrackFormat> tracksFound, long now) {
        if (isAwaited(toQuestion, now)) {
            tracks.learn(tracksFound);
            exchange.learnDescription();
            resume();
        }
    }

    /** Our ports for the track that is being set up. */
    public void onPorts(int toQuestion, NumberPair ports, long now) {
        if (isAwaited(toQuestion, now)) {
            exchange.learnPorts(ports);
            resume();
        }
    }

    /** The session has joined the stream; its media may follow as soon as this call returns. */
    public void onPlaying(int toQuestion, List<TrackStart> firstPackets, long now) {
        if (isAwaited(toQuestion, now)) {
            exchange.learnStarts(firstPackets);
            resume();
        }
    }

    /** The session is the camera's source now. */
    public void onRecording(int toQuestion, long now) {
        if (isAwaited(toQuestion, now)) {
            exchange.learnRecording();
            clock.onMedia(now);
            resume();
        }
    }

    /** The relay cannot do what it was asked for. */
    public void onRefused(int toQuestion, Refusal refusal, long now) {
        if (isAwaited(toQuestion, now)) {
            if (refusal == Refusal.NOT_PUBLISHABLE) {
                exchange.respond(refusal.status(), RtspHeaders.ALLOW, RequestRules.VIEWER_METHODS);
            } else {
                exchange.respond(refusal.status());
            }
            runPending();
        }
    }

    private boolean isAwaited(int toQuestion, long now) {
        conversation.onTime(now);
        return exchange.isAwaited(toQuestion);
    }

    /** RTCP of a viewer came by UDP. */
    public void onLifeSign(long now) {
        clock.onLifeSign(now);
    }

    /** Media of a publisher came by UDP. */
    public void onMedia(long now) {
        clock.onMedia(now);
    }

    /** Ends the session from outside: a cut, a viewer too slow, the end of the relay, a connection that is gone. May be repeated. */
    public void close(String reason, boolean abort) {
        pending.clear();
        conversation.close(reason, abort);
    }

    public boolean isClosed() {
        return conversation.state() == SessionState.CLOSED;
    }

    /** Whether {@link RtspServerActions#interleaved} may be called: reads should go where media belong. */
    public boolean isRecording() {
        return conversation.state() == SessionState.RECORDING;
    }

    // ---- time

    /** When to call {@link #onDeadline}; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        long next = exchange.isAsking() ? exchange.questionDeadlineNanos() : silenceEndsNanos();
        return SessionClock.earlier(next, conversation.right.endsNanos());
    }

    private long silenceEndsNanos() {
        return clock.deadlineNanos(conversation.state(), tracks.travelByUdp());
    }

    /** Does what is due. */
    public void onDeadline(long now) {
        conversation.onTime(now);
        if (isClosed()) {
            return;
        }
        if (isDue(conversation.right.endsNanos(), now)) {
            close("permit_expired", true);
        } else if (exchange.isAsking()) {
            if (isDue(exchange.questionDeadlineNanos(), now)) {
                exchange.giveUp();
                runPending();
            }
        } else if (isDue(silenceEndsNanos(), now)) {
            onSilence();
        }
    }

    private static boolean isDue(long nanos, long now) {
        return nanos != SessionClock.NEVER && nanos - now <= 0;
    }

    private void onSilence() {
        if (!clock.anyRequest()) {
            counters.increment(Counter.CONNECTIONS_REFUSED_SILENT);
        }
        if (halfRequest && !isRecording()) {
            actions.transmit(new RtspResponse(
                    RtspStatus.REQUEST_TIMEOUT,
                    RtspHeaders.of(RtspHeaders.SERVER, policy.serverName(), RtspHeaders.CONNECTION, "close")));
        }
        close("timeout", false);
    }

    // ---- what the framer finds

    private final class Received implements InterleavedFramer.Sink {
        @Override
        public void onInterleaved(int channel, int offset, int length) {
            onFrame(channel, offset, length);
        }

        @Override
        public void onMessage(RtspMessage message) {
            if (message instanceof RtspRequest request) {
                onRequest(request);
            }
            // A response answers nothing: we ask nothing.
        }

        @Override
        public void onGarbage(int bytes) {
            counters.add(Counter.GARBAGE_BYTES, bytes);
        }

        @Override
        public void onFatal(FramingError error) {
            onUnreadable(error);
        }
    }

    private void onFrame(int channel, int offset, int length) {
        int index = tracks.ofChannel(channel);
        if (index < 0) {
            counters.increment(Counter.DISCARDED_CHANNEL);
        } else if (isRecording()) {
            clock.onMedia(conversation.nowNanos());
            actions.interleaved(index >> 1, (index & 1) != 0, offset, length);
        } else if (conversation.state() == SessionState.PLAYING && (index & 1) != 0) {
            clock.onLifeSign(conversation.nowNanos());
            actions.feedback(index >> 1, offset, length);
        }
    }

    private void onUnreadable(FramingError error) {
        RequestRules.Fault fault = RequestRules.faultOf(error);
        count(fault);
        if (isClosed()) {
            return;
        }
        // Requests before it could still be answered, but nobody who sends such things waits for that.
        if (!exchange.isOpen() && pending.isEmpty()) {
            RtspHeaders.Builder headers = RtspHeaders.builder();
            if (error.cseq() >= 0) {
                headers.add(RtspHeaders.CSEQ, Integer.toString(error.cseq()));
            }
            headers.add(RtspHeaders.SERVER, policy.serverName()).add(RtspHeaders.CONNECTION, "close");
            actions.transmit(new RtspResponse(fault.status(), headers.build()));
        }
        close("malformed", false);
    }

    private void count(RequestRules.Fault fault) {
        Counter counter = fault.counter();
        if (counter != null) {
            counters.increment(counter);
        }
    }

    private void onRequest(RtspRequest request) {
        if (isDeaf()) {
            return;
        }
        counters.increment(Counter.REQUESTS_RECEIVED);
        boolean first = !clock.anyRequest();
        clock.onRequest(conversation.nowNanos());
        if (request.version() == RtspVersion.HTTP && first) {
            actions.http(request);
            return;
        }
        pendingBodyBytes += request.body().length;
        if (pending.size() >= policy.maxPipelined() || pendingBodyBytes > MAX_PENDING_BODY_BYTES) {
            counters.increment(Counter.REQUESTS_TOO_LARGE);
            close("too_many_requests", false);
            return;
        }
        pending.add(request);
        runPending();
    }

    // ---- one request after the other

    /** Runs requests until one has to wait or none is left. An answer that comes within a question's own call finds the loop running. */
    private void runPending() {
        if (running) {
            return;
        }
        running = true;
        while (!exchange.isOpen() && !isDeaf()) {
            RtspRequest next = pending.poll();
            if (next == null) {
                break;
            }
            pendingBodyBytes -= next.body().length;
            exchange.begin(next);
            run(next);
        }
        running = false;
        String reason = exchange.lastWords();
        if (reason != null && !exchange.isOpen()) {
            close(reason, false);
        }
    }

    /** A fact was learned: the request that waited for it runs again. */
    private void resume() {
        if (exchange.isOpen()) {
            run(exchange.request());
        }
        runPending();
    }

    private void run(RtspRequest request) {
        RequestRules.Fault fault = RequestRules.faultOf(request, policy, tracks.sessionId());
        if (fault != null) {
            count(fault);
            exchange.respond(fault.status(), fault.headers().toArray(String[]::new));
            return;
        }
        RtspMethod method = RtspMethod.of(request.method());
        if (method == RtspMethod.OPTIONS) {
            exchange.respond(RtspStatus.OK, RtspHeaders.PUBLIC, RequestRules.METHODS);
        } else if (method == RtspMethod.GET_PARAMETER || method == RtspMethod.SET_PARAMETER) {
            exchange.respond(request.body().length == 0 ? RtspStatus.OK : RtspStatus.PARAMETER_NOT_UNDERSTOOD);
        } else if (method != null) {
            runOnResource(method, request);
        }
    }

    private void runOnResource(RtspMethod method, RtspRequest request) {
        PublisherTracks announced = tracks.announced();
        boolean publishers = announced != null && announced.covers(request.uri());
        ResourcePath path = publishers ? conversation.right.resource() : ResourcePath.parse(request.uri());
        if (path == null) {
            counters.increment(Counter.REQUESTS_MALFORMED);
            exchange.respond(RtspStatus.BAD_REQUEST);
            return;
        }
        switch (method) {
            case DESCRIBE -> viewer.describe(path);
            case ANNOUNCE -> publisher.announce(path);
            case SETUP -> {
                if (announced == null) {
                    viewer.setup(path);
                } else {
                    publisher.setup(path, announced);
                }
            }
            case PLAY -> viewer.play(path);
            case PAUSE -> viewer.pause(path);
            case RECORD -> publisher.record(path, announced);
            case TEARDOWN -> conversation.teardown(path);
            case OPTIONS, GET_PARAMETER, SET_PARAMETER, REDIRECT ->
                throw new IllegalStateException(method + " has no resource");
        }
    }
}
