package org.porchlight.relay.rtsp.server;

import io.netty.buffer.ByteBuf;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RangeHeader;
import org.porchlight.relay.rtsp.RtpInfo;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspMethod;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.RtspVersion;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

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
 * something (may he? what tracks? which port?) asks, and is run again from its start when the answer has come. The facts learned stay in
 * fields, so the second run finds them and goes on. There are no half-done requests, only facts that are known or not.
 */
public final class RtspServerSession {
    private static final String METHODS =
            "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER";
    private static final String SDP = "application/sdp";
    private static final int MAX_PENDING_BODY_BYTES = 128 << 10;
    private static final long NEVER = Long.MAX_VALUE;

    private enum State {
        INIT,
        READY,
        PLAYING,
        RECORDING,
        CLOSED
    }

    private final ClientConnection client;
    private final ServerPolicy policy;
    private final ServerAuthentication authentication;
    private final RtspServerActions actions;
    private final LoopCounters counters;
    private final RandomGenerator random;
    private final InterleavedFramer framer;
    private final InterleavedFramer.Sink sink = new Received();

    private State state = State.INIT;
    private final ArrayDeque<RtspRequest> pending = new ArrayDeque<>();
    private int pendingBodyBytes;
    private @Nullable RtspRequest current;
    private boolean draining;
    private @Nullable String lastWords;
    private int question;
    private boolean asking;
    private long questionDeadline;

    private long nowNanos;
    private long lastRequestNanos;
    private long lastLifeNanos;
    private long lastMediaNanos;
    private boolean anyRequest;
    private boolean halfRequest;
    private int failedLogins;

    // facts, in the order in which they are learned
    private @Nullable ResourcePath resource;
    private Answer.@Nullable Permit permit;
    /** The session has begun: cuts find it. Until then the permit may go back unused. */
    private boolean begun;

    private boolean publishes;
    private long permitEndsNanos = NEVER;
    private @Nullable List<TrackFormat> formats;
    private boolean describedNow;
    private @Nullable PublisherTracks announced;
    private @Nullable NumberPair openedPorts;
    private @Nullable List<TrackStart> starts;
    private boolean recordingGranted;

    private String sessionId = "";
    private final Map<Integer, TransportSpec> tracks = new TreeMap<>();
    private final byte[] trackOfChannel = new byte[256];

    /** @param nowNanos when the connection was accepted */
    public RtspServerSession(
            ClientConnection client,
            ServerPolicy policy,
            ServerAuthentication authentication,
            RtspServerActions actions,
            LoopCounters counters,
            RandomGenerator random,
            long nowNanos) {
        this.client = client;
        this.policy = policy;
        this.authentication = authentication;
        this.actions = actions;
        this.counters = counters;
        this.random = random;
        this.framer = new InterleavedFramer(policy.framing());
        this.nowNanos = nowNanos;
        this.lastRequestNanos = nowNanos;
        this.lastLifeNanos = nowNanos;
        this.lastMediaNanos = nowNanos;
        forgetChannels();
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
        nowNanos = now;
        if (state == State.CLOSED || lastWords != null) {
            return to;
        }
        int at = framer.parse(in, from, to, sink);
        halfRequest = at < to;
        return state == State.CLOSED ? to : at;
    }

    /** Bytes that the frame or message begun last still needs, as far as known; at least 1. */
    public int missingBytes() {
        return framer.missingBytes();
    }

    /** Admission's answer. */
    public void onAnswer(int toQuestion, Answer answer, long expiresAtNanos, long now) {
        boolean awaited = isAwaited(toQuestion, now);
        if (answer instanceof Answer.Permit granted) {
            counters.increment(Counter.ADMISSION_PERMIT);
            ResourcePath path = resource;
            if (!awaited || path == null) {
                actions.giveBack(granted);
                return;
            }
            if (publishes && !actions.isPublishable(path.camera())) {
                actions.giveBack(granted);
                respondNotPublishable();
                return;
            }
            permit = granted;
            permitEndsNanos = expiresAtNanos;
            if (actions.stands(granted, path.camera())) {
                resume();
            } else {
                close("cut", true);
            }
        } else if (answer instanceof Answer.Deny deny) {
            counters.increment(counterOf(deny.code()));
            if (awaited) {
                refuse(deny.code());
            }
        }
    }

    /** The tracks of the stream asked for, 1 or more. */
    public void onDescription(int toQuestion, List<TrackFormat> tracksFound, long now) {
        if (isAwaited(toQuestion, now)) {
            formats = List.copyOf(tracksFound);
            describedNow = true;
            resume();
        }
    }

    /** Our ports for the track that is being set up. */
    public void onPorts(int toQuestion, NumberPair ports, long now) {
        if (isAwaited(toQuestion, now)) {
            openedPorts = ports;
            resume();
        }
    }

    /** The session has joined the stream; its media may follow as soon as this call returns. */
    public void onPlaying(int toQuestion, List<TrackStart> firstPackets, long now) {
        if (isAwaited(toQuestion, now)) {
            starts = firstPackets;
            resume();
        }
    }

    /** The session is the camera's source now. */
    public void onRecording(int toQuestion, long now) {
        if (isAwaited(toQuestion, now)) {
            recordingGranted = true;
            resume();
        }
    }

    /** The relay cannot do what it was asked for. */
    public void onRefused(int toQuestion, Refusal refusal, long now) {
        if (isAwaited(toQuestion, now)) {
            if (refusal == Refusal.NOT_PUBLISHABLE) {
                respondNotPublishable();
            } else {
                respond(refusal.status());
            }
        }
    }

    private void respondNotPublishable() {
        respond(
                Refusal.NOT_PUBLISHABLE.status(),
                RtspHeaders.ALLOW,
                METHODS.replace(" ANNOUNCE,", "").replace(" RECORD,", ""));
    }

    /** RTCP of a viewer came by UDP. */
    public void onLifeSign(long now) {
        lastLifeNanos = now;
    }

    /** Media of a publisher came by UDP. */
    public void onMedia(long now) {
        lastMediaNanos = now;
        lastLifeNanos = now;
    }

    /** Ends the session from outside: a cut, a viewer too slow, the end of the relay, a connection that is gone. May be repeated. */
    public void close(String reason, boolean abort) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        current = null;
        asking = false;
        pending.clear();
        if (!begun) {
            giveBackUnused();
        }
        actions.endSession(reason);
        actions.close(reason, abort);
    }

    private void giveBackUnused() {
        Answer.Permit unused = permit;
        permit = null;
        if (unused != null) {
            actions.giveBack(unused);
        }
    }

    public boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether {@link RtspServerActions#interleaved} may be called: reads should go where media belong. */
    public boolean isRecording() {
        return state == State.RECORDING;
    }

    // ---- time

    /** When to call {@link #onDeadline}; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        long next = asking ? questionDeadline : idleDeadline();
        return permitEndsNanos == NEVER ? next : next == NEVER ? permitEndsNanos : earlier(next, permitEndsNanos);
    }

    /** Does what is due. */
    public void onDeadline(long now) {
        nowNanos = now;
        if (state == State.CLOSED) {
            return;
        }
        if (permitEndsNanos != NEVER && permitEndsNanos - now <= 0) {
            close("permit_expired", true);
        } else if (asking) {
            if (questionDeadline - now <= 0) {
                asking = false;
                lastWords = "no_answer";
                respond(RtspStatus.SERVICE_UNAVAILABLE);
            }
        } else if (idleDeadline() != NEVER && idleDeadline() - now <= 0) {
            onSilence();
        }
    }

    private static long earlier(long a, long b) {
        return a - b <= 0 ? a : b;
    }

    private long idleDeadline() {
        return switch (state) {
            case INIT -> lastRequestNanos + (anyRequest ? policy.idle() : policy.firstRequest()).toNanos();
            case READY -> sessionDeadline();
            // A TCP viewer that is gone shows by bytes that it does not take.
            case PLAYING -> travelsByUdp() ? sessionDeadline() : NEVER;
            case RECORDING -> lastMediaNanos + policy.publisherSilence().toNanos();
            case CLOSED -> NEVER;
        };
    }

    private long sessionDeadline() {
        return lastLifeNanos
                + policy.sessionTimeout().toNanos()
                + policy.sessionGrace().toNanos();
    }

    private boolean travelsByUdp() {
        return tracks.values().stream().anyMatch(t -> t.lower() == TransportSpec.Lower.UDP);
    }

    private void onSilence() {
        if (!anyRequest) {
            counters.increment(Counter.CONNECTIONS_REFUSED_SILENT);
        }
        if (halfRequest && state != State.RECORDING) {
            actions.transmit(new RtspResponse(
                    RtspStatus.REQUEST_TIMEOUT,
                    RtspHeaders.of(RtspHeaders.SERVER, policy.serverName(), RtspHeaders.CONNECTION, "close")));
        }
        close("timeout", false);
    }

    // ---- one request after the other

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
        int index = trackOfChannel[channel];
        if (index < 0) {
            counters.increment(Counter.DISCARDED_CHANNEL);
        } else if (state == State.RECORDING) {
            lastMediaNanos = nowNanos;
            actions.interleaved(index >> 1, (index & 1) != 0, offset, length);
        } else if (state == State.PLAYING && (index & 1) != 0) {
            lastLifeNanos = nowNanos;
            actions.feedback(index >> 1, offset, length);
        }
    }

    private void onUnreadable(FramingError error) {
        RtspStatus status = switch (error.kind()) {
            case BODY_TOO_LARGE -> RtspStatus.REQUEST_ENTITY_TOO_LARGE;
            case HEADER_TOO_LARGE, MALFORMED_MESSAGE, BAD_CONTENT_LENGTH, TOO_MUCH_GARBAGE -> RtspStatus.BAD_REQUEST;
        };
        counters.increment(
                status == RtspStatus.BAD_REQUEST && error.kind() != FramingError.Kind.HEADER_TOO_LARGE
                        ? Counter.REQUESTS_MALFORMED
                        : Counter.REQUESTS_TOO_LARGE);
        if (state == State.CLOSED) {
            return;
        }
        if (current != null || !pending.isEmpty()) {
            // Those before it could still be answered, but nobody who sends such things waits for that.
            close("malformed", false);
            return;
        }
        RtspHeaders.Builder headers = RtspHeaders.builder();
        if (error.cseq() >= 0) {
            headers.add(RtspHeaders.CSEQ, Integer.toString(error.cseq()));
        }
        headers.add(RtspHeaders.SERVER, policy.serverName()).add(RtspHeaders.CONNECTION, "close");
        actions.transmit(new RtspResponse(status, headers.build()));
        close("malformed", false);
    }

    private void onRequest(RtspRequest request) {
        if (state == State.CLOSED || lastWords != null) {
            return;
        }
        counters.increment(Counter.REQUESTS_RECEIVED);
        boolean first = !anyRequest;
        anyRequest = true;
        lastRequestNanos = nowNanos;
        lastLifeNanos = nowNanos;
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
        drain();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        while (current == null && state != State.CLOSED && lastWords == null) {
            RtspRequest next = pending.poll();
            if (next == null) {
                break;
            }
            pendingBodyBytes -= next.body().length;
            current = next;
            describedNow = false;
            openedPorts = null;
            starts = null;
            run(next);
        }
        draining = false;
        String reason = lastWords;
        if (reason != null && current == null) {
            close(reason, false);
        }
    }

    private int ask() {
        asking = true;
        questionDeadline = nowNanos + policy.questionTimeout().toNanos();
        return ++question;
    }

    private boolean isAwaited(int toQuestion, long now) {
        nowNanos = now;
        boolean awaited = asking && toQuestion == question && state != State.CLOSED;
        asking &= !awaited;
        return awaited;
    }

    private void resume() {
        RtspRequest request = current;
        if (request != null) {
            run(request);
        }
    }

    private void run(RtspRequest request) {
        RtspMethod method = RtspMethod.of(request.method());
        if (request.version() != RtspVersion.RTSP_1) {
            respond(RtspStatus.VERSION_NOT_SUPPORTED);
        } else if (request.cseq() < 0) {
            counters.increment(Counter.REQUESTS_MALFORMED);
            respond(RtspStatus.BAD_REQUEST);
        } else if (method == null) {
            counters.increment(Counter.REQUESTS_UNSUPPORTED);
            respond(RtspStatus.NOT_IMPLEMENTED, RtspHeaders.PUBLIC, METHODS);
        } else if (request.uri().length() > policy.maxUriBytes()) {
            counters.increment(Counter.REQUESTS_TOO_LARGE);
            respond(RtspStatus.REQUEST_URI_TOO_LARGE);
        } else if (!requiredOptions(request).isEmpty()) {
            counters.increment(Counter.REQUESTS_UNSUPPORTED);
            respond(RtspStatus.OPTION_NOT_SUPPORTED, RtspHeaders.UNSUPPORTED, requiredOptions(request));
        } else if (!isOurSession(request)) {
            respond(RtspStatus.SESSION_NOT_FOUND);
        } else {
            run(method, request);
        }
    }

    private void run(RtspMethod method, RtspRequest request) {
        switch (method) {
            case OPTIONS -> respond(RtspStatus.OK, RtspHeaders.PUBLIC, METHODS);
            case GET_PARAMETER, SET_PARAMETER ->
                respond(request.body().length == 0 ? RtspStatus.OK : RtspStatus.PARAMETER_NOT_UNDERSTOOD);
            case DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN -> runOn(method, request);
            case REDIRECT -> {
                counters.increment(Counter.REQUESTS_UNSUPPORTED);
                respond(RtspStatus.METHOD_NOT_ALLOWED, RtspHeaders.ALLOW, METHODS);
            }
        }
    }

    private void runOn(RtspMethod method, RtspRequest request) {
        PublisherTracks publisher = announced;
        ResourcePath path =
                publisher != null && publisher.covers(request.uri()) ? resource : ResourcePath.parse(request.uri());
        if (path == null) {
            counters.increment(Counter.REQUESTS_MALFORMED);
            respond(RtspStatus.BAD_REQUEST);
            return;
        }
        switch (method) {
            case DESCRIBE -> describe(request, path);
            case ANNOUNCE -> announce(request, path);
            case SETUP -> {
                if (publisher == null) {
                    setupViewer(request, path);
                } else {
                    setupPublisher(request, path, publisher);
                }
            }
            case PLAY -> play(request, path);
            case PAUSE -> pause(path);
            case RECORD -> record(path, publisher);
            case TEARDOWN -> teardown(path);
            default -> throw new IllegalStateException(method + " has no resource");
        }
    }

    private static String requiredOptions(RtspRequest request) {
        List<String> required = new ArrayList<>(request.headers().all(RtspHeaders.REQUIRE));
        required.addAll(request.headers().all(RtspHeaders.PROXY_REQUIRE));
        required.removeIf(String::isBlank);
        return String.join(", ", required);
    }

    private boolean isOurSession(RtspRequest request) {
        SessionHeader session = request.session();
        return session == null || session.id().equals(sessionId);
    }

    // ---- may he?

    /** Whether this client may do this with that stream; if it is not known yet, admission is asked or the request refused. */
    private boolean isPermitted(RtspRequest request, ResourcePath path, boolean publish) {
        ResourcePath held = resource;
        Answer.Permit known = permit;
        if (known != null) {
            boolean same = held != null && publishes == publish && held.isSameStream(path);
            if (same && (begun || actions.stands(known, path.camera()))) {
                return true;
            }
            // For another stream, or revoked before its session began: admission is asked anew.
            forgetSession("other_stream");
        }
        InetAddress remote = client.remote().getAddress();
        ServerAuthentication.Shown shown = authentication.examine(request, path, remote, nowNanos);
        if (shown instanceof ServerAuthentication.Shown.Usable usable) {
            resource = new ResourcePath(path.camera(), path.rendition(), -1);
            publishes = publish;
            askAdmission(request, path, usable.credentials(), publish);
        } else {
            challenge(shown instanceof ServerAuthentication.Shown.Stale);
        }
        return false;
    }

    private void askAdmission(RtspRequest request, ResourcePath path, Credentials credentials, boolean publish) {
        String agent = request.headers().first(RtspHeaders.USER_AGENT);
        String userAgent = agent == null ? "" : agent;
        if (publish) {
            actions.mayPublish(
                    ask(),
                    new PublishRequest(
                            path.camera(),
                            path.rendition(),
                            credentials,
                            client.remote(),
                            "rtsp",
                            client.encrypted(),
                            userAgent));
        } else {
            actions.mayView(
                    ask(),
                    new ViewRequest(
                            path.camera(),
                            path.rendition(),
                            credentials,
                            client.remote(),
                            "rtsp",
                            client.encrypted(),
                            userAgent));
        }
    }

    private void refuse(DenyCode code) {
        switch (code) {
            case AUTHENTICATION_REQUIRED -> challenge(false);
            case FORBIDDEN -> respond(RtspStatus.FORBIDDEN);
            case NOT_FOUND -> respond(RtspStatus.NOT_FOUND);
            case QUOTA -> respond(RtspStatus.NOT_ENOUGH_BANDWIDTH);
            case UNAVAILABLE -> respond(RtspStatus.SERVICE_UNAVAILABLE);
        }
    }

    private void challenge(boolean stale) {
        List<String> values = authentication.challengeValues(client.remote().getAddress(), stale, nowNanos);
        if (values.isEmpty()) {
            respond(RtspStatus.FORBIDDEN);
            return;
        }
        RtspRequest request = current;
        if (!stale && request != null && request.headers().contains(RtspHeaders.AUTHORIZATION)) {
            failedLogins++;
        }
        if (failedLogins >= policy.maxFailedLogins()) {
            lastWords = "login_failed";
        }
        RtspHeaders.Builder headers = RtspHeaders.builder();
        values.forEach(value -> headers.add(RtspHeaders.WWW_AUTHENTICATE, value));
        respond(RtspStatus.UNAUTHORIZED, headers, RtspMessage.NO_BODY);
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

    // ---- the methods

    private void describe(RtspRequest request, ResourcePath path) {
        if (announced != null || (!tracks.isEmpty() && !isSessionOf(path))) {
            wrongState();
        } else if (!acceptsSdp(request)) {
            respond(RtspStatus.NOT_ACCEPTABLE);
        } else if (isPermitted(request, path, false) && isDescribed(path, describedNow)) {
            boolean ipv6 = client.remote().getAddress() instanceof Inet6Address;
            byte[] body = ViewerDescription.of(path.camera(), known(formats), ipv6);
            respond(
                    RtspStatus.OK,
                    RtspHeaders.builder()
                            .add(RtspHeaders.CONTENT_BASE, baseOf(request.uri()) + "/")
                            .add(RtspHeaders.CONTENT_TYPE, SDP)
                            .add(RtspHeaders.CACHE_CONTROL, "no-cache"),
                    body);
        }
    }

    private static boolean acceptsSdp(RtspRequest request) {
        List<String> accepted = request.headers().all(RtspHeaders.ACCEPT);
        if (accepted.isEmpty()) {
            return true;
        }
        for (String range : String.join(",", accepted).split(",", 64)) {
            int parameters = range.indexOf(';');
            String type = (parameters < 0 ? range : range.substring(0, parameters))
                    .trim()
                    .toLowerCase(Locale.ROOT);
            if (type.equals(SDP) || type.equals("application/*") || type.equals("*/*") || type.equals("*")) {
                return true;
            }
        }
        return false;
    }

    /** Whether the tracks are known; if not, they are asked for. DESCRIBE wants them anew: parameter sets may have been learned. */
    private boolean isDescribed(ResourcePath path, boolean known) {
        if (!known) {
            actions.describe(ask(), path.camera(), path.rendition());
        }
        return known;
    }

    private void announce(RtspRequest request, ResourcePath path) {
        String type = request.headers().first(RtspHeaders.CONTENT_TYPE);
        if (announced != null || !tracks.isEmpty()) {
            wrongState();
        } else if (path.track() >= 0) {
            respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
        } else if (type != null && !type.toLowerCase(Locale.ROOT).startsWith(SDP)) {
            respond(RtspStatus.UNSUPPORTED_MEDIA_TYPE);
        } else if (request.body().length == 0) {
            boolean told = request.headers().contains(RtspHeaders.CONTENT_LENGTH);
            respond(told ? RtspStatus.BAD_REQUEST : RtspStatus.LENGTH_REQUIRED);
        } else if (isPermitted(request, path, true)) {
            announced = PublisherTracks.of(request.body(), request.uri());
            respond(announced == null ? RtspStatus.BAD_REQUEST : RtspStatus.OK);
        }
    }

    private void setupViewer(RtspRequest request, ResourcePath path) {
        TransportHeader offers = TransportHeader.parse(request.headers().all(RtspHeaders.TRANSPORT));
        if (state == State.PLAYING || offers.specs().stream().anyMatch(TransportSpec::record)) {
            wrongState();
        } else if (!tracks.isEmpty() && !isSessionOf(path)) {
            respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
        } else if (!tracks.isEmpty() && request.session() == null) {
            respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (offers.specs().isEmpty()) {
            badTransport(request);
        } else if (isPermitted(request, path, false) && isDescribed(path, formats != null)) {
            int count = known(formats).size();
            int track = path.track() < 0 && count == 1 ? 0 : path.track();
            if (track < 0) {
                respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
            } else if (track >= count) {
                respond(RtspStatus.NOT_FOUND);
            } else {
                setup(offers, track);
            }
        }
    }

    private void setupPublisher(RtspRequest request, ResourcePath path, PublisherTracks publisher) {
        TransportHeader offers = TransportHeader.parse(request.headers().all(RtspHeaders.TRANSPORT));
        int track = publisher.indexOf(request.uri());
        if (state == State.RECORDING) {
            wrongState();
        } else if (!isSessionOf(path)) {
            respond(RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED);
        } else if (!tracks.isEmpty() && request.session() == null) {
            respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (track < 0) {
            respond(RtspStatus.NOT_FOUND);
        } else if (offers.specs().isEmpty()) {
            badTransport(request);
        } else {
            setup(offers, track);
        }
    }

    private void badTransport(RtspRequest request) {
        boolean told = request.headers().contains(RtspHeaders.TRANSPORT);
        respond(told ? RtspStatus.UNSUPPORTED_TRANSPORT : RtspStatus.BAD_REQUEST);
    }

    private void setup(TransportHeader offers, int track) {
        boolean udp = policy.udp() && !client.encrypted() && !client.tunnelled();
        Map<Integer, TransportSpec> others = new TreeMap<>(tracks);
        others.remove(track);
        TransportSpec chosen = TransportChoice.choose(offers, udp, track, others);
        if (chosen == null) {
            counters.increment(Counter.REQUESTS_UNSUPPORTED);
            respond(RtspStatus.UNSUPPORTED_TRANSPORT);
            return;
        }
        if (!begin()) {
            close("cut", true);
            return;
        }
        NumberPair ports = openedPorts;
        if (chosen.lower() == TransportSpec.Lower.UDP && ports == null) {
            actions.openPorts(ask(), track, chosen);
            return;
        }
        TransportSpec answered = ports == null ? chosen : chosen.withServerPort(ports);
        tracks.put(track, answered);
        state = State.READY;
        if (sessionId.isEmpty()) {
            sessionId = String.format(Locale.ROOT, "%016X", random.nextLong());
        }
        respond(
                RtspStatus.OK,
                RtspHeaders.builder()
                        .add(RtspHeaders.TRANSPORT, answered.render())
                        .add(
                                RtspHeaders.SESSION,
                                new SessionHeader(sessionId, (int)
                                                policy.sessionTimeout().toSeconds())
                                        .render()),
                RtspMessage.NO_BODY);
    }

    /** From the first SETUP on the session holds ports and channels, so cuts must find it; whoever only asks for a description has none. */
    private boolean begin() {
        ResourcePath held = resource;
        Answer.Permit known = permit;
        if (!begun && known != null && held != null) {
            begun = actions.begin(known, held.camera(), held.rendition(), publishes);
        }
        return begun;
    }

    private void play(RtspRequest request, ResourcePath path) {
        String range = request.headers().first(RtspHeaders.RANGE);
        ResourcePath held = resource;
        if (announced != null || held == null) {
            wrongState();
            return;
        }
        if (!isReadyFor(request, path)) {
            return;
        }
        if (range != null && RangeHeader.parse(range) == null) {
            respond(RtspStatus.INVALID_RANGE);
        } else if (state == State.PLAYING) {
            respondPlaying(request, List.of());
        } else if (starts == null) {
            mapChannels();
            actions.play(ask(), held.camera(), held.rendition(), setups());
        } else {
            state = State.PLAYING;
            respondPlaying(request, starts);
        }
    }

    private void respondPlaying(RtspRequest request, List<TrackStart> firstPackets) {
        String base = baseOf(request.uri());
        RtpInfo info = new RtpInfo(firstPackets.stream()
                .filter(start -> start.sequenceNumber() >= 0)
                .map(start -> new RtpInfo.Entry(
                        base + "/" + ResourcePath.TRACK + start.track(), start.sequenceNumber(), start.rtpTimestamp()))
                .toList());
        RtspHeaders.Builder headers = RtspHeaders.builder().add(RtspHeaders.RANGE, RangeHeader.LIVE.render());
        if (!info.entries().isEmpty()) {
            headers.add(RtspHeaders.RTP_INFO, info.render());
        }
        if (request.headers().contains(RtspHeaders.SCALE)) {
            headers.add(RtspHeaders.SCALE, "1.0");
        }
        respond(RtspStatus.OK, headers, RtspMessage.NO_BODY);
    }

    private void pause(ResourcePath path) {
        RtspRequest request = known(current);
        if (announced != null) {
            wrongState();
        } else if (isReadyFor(request, path)) {
            if (state == State.PLAYING) {
                actions.pause();
                state = State.READY;
            }
            respond(RtspStatus.OK);
        }
    }

    private void record(ResourcePath path, @Nullable PublisherTracks publisher) {
        ResourcePath held = resource;
        if (publisher == null || held == null || state == State.RECORDING) {
            wrongState();
        } else if (isReadyFor(known(current), path)) {
            if (!recordingGranted) {
                List<Integer> indices = List.copyOf(tracks.keySet());
                List<TrackFormat> offered =
                        indices.stream().map(publisher::format).toList();
                mapChannels();
                actions.record(ask(), held.camera(), held.rendition(), offered, setups(), indices);
            } else {
                state = State.RECORDING;
                lastMediaNanos = nowNanos;
                respond(RtspStatus.OK, RtspHeaders.RANGE, RangeHeader.LIVE.render());
            }
        }
    }

    private void teardown(ResourcePath path) {
        if (tracks.isEmpty() || !isSessionOf(path) || known(current).session() == null) {
            respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (path.track() >= 0 && tracks.size() > 1) {
            respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
        } else {
            String id = sessionId;
            forgetSession("teardown");
            respond(RtspStatus.OK, RtspHeaders.SESSION, id);
        }
    }

    /** Whether there is a session on all of that stream; if not, the request has been refused. */
    private boolean isReadyFor(RtspRequest request, ResourcePath path) {
        if (tracks.isEmpty()) {
            wrongState();
        } else if (request.session() == null || !isSessionOf(path)) {
            respond(RtspStatus.SESSION_NOT_FOUND);
        } else if (path.track() >= 0 && tracks.size() > 1) {
            respond(RtspStatus.ONLY_AGGREGATE_OPERATION_ALLOWED);
        } else {
            return true;
        }
        return false;
    }

    private boolean isSessionOf(ResourcePath path) {
        ResourcePath held = resource;
        return held != null && held.isSameStream(path);
    }

    private void wrongState() {
        counters.increment(Counter.REQUESTS_WRONG_STATE);
        respond(RtspStatus.METHOD_NOT_VALID_IN_THIS_STATE);
    }

    private void forgetSession(String reason) {
        if (begun) {
            actions.endSession(reason);
        } else {
            giveBackUnused();
        }
        state = State.INIT;
        resource = null;
        permit = null;
        begun = false;
        permitEndsNanos = NEVER;
        formats = null;
        describedNow = false;
        announced = null;
        recordingGranted = false;
        sessionId = "";
        tracks.clear();
        forgetChannels();
    }

    // ---- channels

    /** Tracks of a publisher are numbered anew, without those that it did not set up. */
    private List<TrackSetup> setups() {
        List<TrackSetup> setups = new ArrayList<>(tracks.size());
        for (Map.Entry<Integer, TransportSpec> entry : tracks.entrySet()) {
            setups.add(new TrackSetup(publishes ? setups.size() : entry.getKey(), entry.getValue()));
        }
        return setups;
    }

    private void mapChannels() {
        forgetChannels();
        for (TrackSetup setup : setups()) {
            NumberPair channels = setup.transport().interleaved();
            if (channels != null) {
                trackOfChannel[channels.first()] = (byte) (setup.track() << 1);
                trackOfChannel[channels.second()] = (byte) (setup.track() << 1 | 1);
            }
        }
    }

    private void forgetChannels() {
        Arrays.fill(trackOfChannel, (byte) -1);
    }

    // ---- answers

    private void respond(RtspStatus status, String... headers) {
        RtspHeaders.Builder builder = RtspHeaders.builder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.add(headers[i], headers[i + 1]);
        }
        respond(status, builder, RtspMessage.NO_BODY);
    }

    /** Answers the current request and goes on to the next. */
    private void respond(RtspStatus status, RtspHeaders.Builder more, byte[] body) {
        RtspRequest request = known(current);
        current = null;
        RtspHeaders.Builder headers = RtspHeaders.builder();
        if (request.cseq() >= 0) {
            headers.add(RtspHeaders.CSEQ, Integer.toString(request.cseq()));
        }
        headers.add(RtspHeaders.SERVER, policy.serverName());
        RtspHeaders added = more.build();
        if (request.session() != null && status == RtspStatus.OK && !added.contains(RtspHeaders.SESSION)) {
            headers.add(RtspHeaders.SESSION, sessionId);
        }
        String timestamp = request.headers().first("Timestamp");
        if (timestamp != null) {
            headers.add("Timestamp", timestamp);
        }
        added.fields().forEach(field -> headers.add(field.name(), field.value()));
        if (lastWords != null) {
            headers.add(RtspHeaders.CONNECTION, "close");
        }
        actions.transmit(new RtspResponse(status, headers.build(), body));
        drain();
    }

    /** The URI without query, track and slashes at its end, and without any password in it. */
    private static String baseOf(String uri) {
        int end = uri.length();
        while (end > 0 && uri.charAt(end - 1) == '/') {
            end--;
        }
        String base = uri.substring(0, end).replaceFirst("://[^/@]*@", "://");
        int slash = base.lastIndexOf('/');
        boolean track =
                slash >= 0 && base.regionMatches(true, slash + 1, ResourcePath.TRACK, 0, ResourcePath.TRACK.length());
        return track ? base.substring(0, slash) : base;
    }

    private static <T> T known(@Nullable T fact) {
        if (fact == null) {
            throw new IllegalStateException("a fact is used before it is known");
        }
        return fact;
    }
}
