package org.porchlight.relay.rtsp.client;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;

/**
 * The client side of one RTSP connection to a camera (RFC 2326), from OPTIONS to TEARDOWN. A calculation: bytes and the time go in,
 * {@link ClientOutput}s come out, media is pushed into a {@link MediaSink} while bytes are read. Owner: the loop of the connection.
 *
 * <p>Here is the order of the steps, and how a session ends; the steps themselves are {@link ClientRequests}, {@link SetupSequence}, {@link PlaySequence},
 * {@link Keepalive}, {@link MediaIntake} and {@link MediaWatchdog}. Times are nanoseconds since any one moment, 0 or more, so that they never wrap. What was
 * learned of the camera goes to the {@link CameraMemory}, so that the next connection does right at once. Left out: PAUSE and seeking (live cameras),
 * multicast, and RTSP 2.0.
 */
public final class RtspClientSession {
    private final ClientSettings settings;
    private final CameraMemory memory;
    private final RtspUrl url;
    private final InterleavedFramer framer = new InterleavedFramer(InterleavedFramer.Limits.client());
    private final Deque<ClientOutput> outputs = new ArrayDeque<>();
    private final FramerSink framerSink = new FramerSink();
    private final ClientRequests requests;
    private final SetupSequence setup;
    private final PlaySequence play;
    private final Keepalive keepalive;
    private final MediaWatchdog watchdog;
    private final KeyframeRequests keyframes;
    private MediaIntake media;

    private Step step = Step.NEW;
    private boolean prepared;
    private long reportAtNanos = Long.MAX_VALUE;

    private enum Step {
        NEW,
        OPTIONS,
        DESCRIBE,
        PORTS,
        SETUP,
        PLAY,
        PLAYING,
        TEARDOWN,
        FINISHED
    }

    /** Takes media while bytes are read. Buffers are the caller's of the session; what is kept must be copied or retained. */
    public interface MediaSink {
        /** One RTP packet at {@code [offset, offset + length)} of the buffer that is being read. */
        void rtp(int track, ByteBuf buf, int offset, int length);

        /** One RTCP compound packet. */
        void rtcp(int track, ByteBuf buf, int offset, int length);
    }

    /**
     * A session that is about to begin on a connection that is open.
     *
     * @param camera address that the connection goes to
     */
    public RtspClientSession(ClientSettings settings, CameraMemory memory, InetAddress camera) {
        this.settings = settings;
        this.memory = memory;
        this.url = memory.target();
        this.requests = new ClientRequests(settings, memory, outputs::add);
        this.setup = new SetupSequence(memory, camera);
        this.play = new PlaySequence(memory);
        this.keepalive = new Keepalive(memory, settings.maxKeepaliveNanos());
        this.watchdog = new MediaWatchdog(settings);
        this.keyframes = new KeyframeRequests(memory);
        this.media = new MediaIntake(memory, settings.maxBitsPerSecond(), 0);
    }

    /** The connection is open. */
    public void start(long nowNanos) {
        if (step != Step.NEW) {
            return;
        }
        media = new MediaIntake(memory, settings.maxBitsPerSecond(), nowNanos);
        if (memory.skipsOptions()) {
            describe(nowNanos);
        } else {
            step = Step.OPTIONS;
            requests.send("OPTIONS", url.toString(), RtspHeaders.empty(), nowNanos);
        }
    }

    /** The next thing to do, or null. Drain after each call of any other method. */
    public @Nullable ClientOutput poll() {
        return outputs.poll();
    }

    // ---------------------------------------------------------------- bytes of the connection

    /**
     * Reads what is in {@code [from, to)}: everything that came and was not consumed.
     *
     * @param buf borrowed
     * @param newBytes how many of them were not there at the call before
     * @return index of the first byte not consumed
     */
    public int receive(ByteBuf buf, int from, int to, int newBytes, long nowNanos, MediaSink sink) {
        if (step == Step.FINISHED || step == Step.NEW || isFlooded(newBytes, nowNanos)) {
            return to;
        }
        framerSink.buf = buf;
        framerSink.sink = sink;
        framerSink.nowNanos = nowNanos;
        int consumed = framer.parse(buf, from, to, framerSink);
        return step == Step.FINISHED ? to : consumed;
    }

    /** Bytes that what was not consumed still needs, as far as known; at least 1. */
    public int missingBytes() {
        return framer.missingBytes();
    }

    /**
     * A datagram for one of the ports of a track.
     *
     * @param rtcpPort it came to the second port of the pair
     * @param buf borrowed; the payload is at {@code [offset, offset + length)}
     */
    public void datagram(
            int track,
            boolean rtcpPort,
            InetSocketAddress sender,
            ByteBuf buf,
            int offset,
            int length,
            long nowNanos,
            MediaSink sink) {
        if (!prepared
                || step == Step.FINISHED
                || !media.isFromCamera(track, rtcpPort, sender, length)
                || isFlooded(length, nowNanos)) {
            return;
        }
        if (media.datagram(track, rtcpPort, buf, offset, length, sink)) {
            onMedia(nowNanos);
        }
    }

    private final class FramerSink implements InterleavedFramer.Sink {
        private @Nullable ByteBuf buf;
        private @Nullable MediaSink sink;
        private long nowNanos;

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            ByteBuf from = buf;
            MediaSink to = sink;
            if (step == Step.FINISHED || from == null || to == null) {
                return;
            }
            if (media.frame(channel, from, offset, length, to)) {
                onMedia(nowNanos);
            }
        }

        @Override
        public void onMessage(RtspMessage message) {
            if (step == Step.FINISHED) {
                return;
            }
            if (message instanceof RtspResponse response) {
                onResponse(response, nowNanos);
            } else if (message instanceof RtspRequest request) {
                onRequest(request);
            }
        }

        @Override
        public void onGarbage(int bytes) {
            media.onGarbage(bytes);
        }

        @Override
        public void onFatal(FramingError error) {
            fail(SourceFailure.Kind.PROTOCOL, "the camera's bytes cannot be understood: " + error.kind());
        }
    }

    private void onMedia(long nowNanos) {
        if (step == Step.PLAY) {
            memory.note(CameraQuirk.DATA_BEFORE_PLAY);
        }
        watchdog.onMedia(nowNanos);
    }

    private boolean isFlooded(int bytes, long nowNanos) {
        if (media.isWithinLimit(bytes, nowNanos)) {
            return false;
        }
        fail(
                SourceFailure.Kind.FLOOD,
                "the camera sends more than its limit of " + settings.maxBitsPerSecond() / 1_000_000.0
                        + " Mb/s; lower its bit rate or raise the limit");
        return true;
    }

    // ---------------------------------------------------------------- answers

    private void onResponse(RtspResponse response, long nowNanos) {
        ClientRequests.Answer answer = requests.receive(response, nowNanos);
        if (answer instanceof ClientRequests.Answer.Unauthorized refusal) {
            fail(SourceFailure.Kind.CREDENTIALS, refusal.detail());
        } else if (answer instanceof ClientRequests.Answer.To to) {
            dispatch(to.request(), response, nowNanos);
        }
    }

    private void dispatch(ClientRequests.Request request, RtspResponse response, long nowNanos) {
        if (isRedirect(response)) {
            redirect(response.headers());
            return;
        }
        boolean sessionLost = response.status() == RtspStatus.SESSION_NOT_FOUND.code() && requests.hasSession();
        if (sessionLost && step != Step.TEARDOWN) {
            memory.note(CameraQuirk.SESSION_LOST);
            startOver("the camera forgot the session");
            return;
        }
        switch (step) {
            case OPTIONS -> onOptionsAnswer(response, nowNanos);
            case DESCRIBE -> onDescribeAnswer(response, nowNanos);
            case SETUP -> onSetupAnswer(response, nowNanos);
            case PLAY -> onPlayAnswer(request, response, nowNanos);
            case PLAYING -> onKeepaliveAnswer(response);
            case TEARDOWN -> finish(new ClientOutput.Outcome.Closed());
            case NEW, PORTS, FINISHED -> {}
        }
    }

    private static boolean isRedirect(RtspResponse response) {
        return response.status() >= 300
                && response.status() < 400
                && response.headers().contains(RtspHeaders.LOCATION);
    }

    private void redirect(RtspHeaders headers) {
        String location = headers.first(RtspHeaders.LOCATION);
        if (memory.redirect(location == null ? "" : location)) {
            startOver("redirected");
        } else {
            fail(SourceFailure.Kind.REFUSED, "the camera redirects too often or to where we do not go");
        }
    }

    // ---------------------------------------------------------------- steps

    private void onOptionsAnswer(RtspResponse response, long nowNanos) {
        String methods = response.headers().first(RtspHeaders.PUBLIC);
        if (!response.isSuccess()) {
            memory.onOptionsRefused(false);
        } else if (methods != null) {
            memory.onMethodsAnnounced(methods);
        }
        describe(nowNanos);
    }

    private void describe(long nowNanos) {
        step = Step.DESCRIBE;
        requests.send("DESCRIBE", url.toString(), RtspHeaders.of(RtspHeaders.ACCEPT, "application/sdp"), nowNanos);
    }

    private void onDescribeAnswer(RtspResponse response, long nowNanos) {
        if (!response.isSuccess()) {
            refused("DESCRIBE", response);
            return;
        }
        DescribedTracks described = DescribedTracks.of(url, response, settings.kinds(), memory.quirkSink());
        setup.begin(described);
        if (described.tracks().isEmpty()) {
            fail(SourceFailure.Kind.PROTOCOL, "the camera describes no track that can be played");
            return;
        }
        setUpNext(nowNanos);
    }

    /** Sets up the next offer, or plays when there is none left. */
    private void setUpNext(long nowNanos) {
        if (setup.isOver()) {
            prepare(nowNanos);
        } else if (memory.usesUdp()) {
            step = Step.PORTS;
            outputs.add(new ClientOutput.BindPorts(setup.tracks().size()));
        } else {
            setUp(TransportSpec.tcp(setup.nextChannels()), nowNanos);
        }
    }

    /**
     * The ports asked for by {@link ClientOutput.BindPorts} are open.
     *
     * @param rtpPort above 0; 0: no ports can be had
     */
    public void onPorts(int rtpPort, int rtcpPort, long nowNanos) {
        if (step != Step.PORTS) {
            return;
        }
        if (rtpPort == 0) {
            fail(SourceFailure.Kind.UNREACHABLE, "no UDP ports can be had on this machine");
            return;
        }
        setUp(TransportSpec.udp(new NumberPair(rtpPort, rtcpPort)), nowNanos);
    }

    private void setUp(TransportSpec spec, long nowNanos) {
        step = Step.SETUP;
        requests.send(
                "SETUP",
                setup.nextUrl(),
                RtspHeaders.of(RtspHeaders.TRANSPORT, TransportHeader.of(spec).render()),
                nowNanos);
    }

    private void onSetupAnswer(RtspResponse response, long nowNanos) {
        SetupSequence.Verdict verdict;
        if (response.isSuccess()) {
            requests.learnSession(response);
            verdict = setup.onAccepted(response);
        } else {
            verdict = setup.onRefused(response);
        }
        switch (verdict) {
            case GO_ON -> setUpNext(nowNanos);
            case OTHER_TRANSPORT -> otherTransport();
            case TRANSPORT_REFUSED -> failPinned(SourceFailure.Kind.REFUSED, "the camera refuses " + asked());
            case REFUSED -> refused("SETUP", response);
        }
    }

    private void otherTransport() {
        String reason = "the camera answers with another transport than " + asked();
        if (memory.switchTransport()) {
            startOver(reason);
        } else if (memory.mayChangeTransport()) {
            fail(SourceFailure.Kind.REFUSED, reason);
        } else {
            failPinned(SourceFailure.Kind.REFUSED, reason);
        }
    }

    private String asked() {
        return memory.usesUdp() ? "UDP" : "TCP";
    }

    /** The only transport that is allowed does not work: says which setting to change. */
    private void failPinned(SourceFailure.Kind kind, String reason) {
        memory.note(CameraQuirk.TRANSPORT_PINNED);
        String other = memory.choice() == TransportChoice.UDP ? "auto-udp or tcp" : "auto";
        fail(kind, reason + ", the only transport that its entry allows; set its transport to " + other);
    }

    private void prepare(long nowNanos) {
        if (setup.tracks().isEmpty()) {
            fail(SourceFailure.Kind.REFUSED, "the camera lets no track be set up");
            return;
        }
        prepared = true;
        media.open(setup.channels(), setup.senderLocks());
        outputs.add(new ClientOutput.Prepare(setup.tracks()));
        play(nowNanos);
    }

    private void play(long nowNanos) {
        step = Step.PLAY;
        requests.send("PLAY", play.url(setup.aggregateUrl(), setup.tracks()), play.headers(), nowNanos);
    }

    private void onPlayAnswer(ClientRequests.Request request, RtspResponse response, long nowNanos) {
        switch (play.onAnswer(response, request.headers(), setup.tracks().size())) {
            case GO_ON -> play(nowNanos);
            case PLAYING -> playing(nowNanos);
            case REFUSED -> refused("PLAY", response);
        }
    }

    private void playing(long nowNanos) {
        step = Step.PLAYING;
        watchdog.begin(usesUdp() && memory.mayChangeTransport(), nowNanos);
        reportAtNanos = nowNanos + settings.reportNanos();
        keepalive.begin(requests.timeoutSeconds(), nowNanos);
        outputs.add(new ClientOutput.Playing());
    }

    private void keepAlive(long nowNanos) {
        KeepaliveMethod method = keepalive.next(nowNanos);
        if (method != null && requests.awaited() == null) {
            requests.send(method.name(), setup.aggregateUrl(), RtspHeaders.empty(), nowNanos);
        }
    }

    private void onKeepaliveAnswer(RtspResponse response) {
        if (!response.isSuccess()) {
            keepalive.onRefused();
        }
    }

    private void onRequest(RtspRequest request) {
        memory.note(CameraQuirk.REQUESTS_FROM_CAMERA);
        outputs.add(new ClientOutput.Send(CameraRequests.answer(request, requests.sessionId())));
        switch (request.method()) {
            case "ANNOUNCE" -> {
                if (step == Step.PLAYING) {
                    startOver("the camera announced another description");
                }
            }
            case "REDIRECT" -> redirect(request.headers());
            case "TEARDOWN" -> fail(SourceFailure.Kind.CLOSED, "the camera tore the session down");
            default -> {}
        }
    }

    // ---------------------------------------------------------------- keyframes

    /**
     * Somebody needs a keyframe: has the camera asked, unless it would be of no use.
     *
     * @return whether it is asked
     */
    public boolean requestKeyframe(long nowNanos) {
        int track = videoTrack();
        if (step != Step.PLAYING || track < 0) {
            return false;
        }
        KeyframeFeedback feedback = keyframes.ask(setup.tracks().get(track).keyframeFeedback(), nowNanos);
        if (feedback == null) {
            return false;
        }
        outputs.add(new ClientOutput.SendKeyframeRequest(track, feedback, keyframes.commandNumber()));
        return true;
    }

    private int videoTrack() {
        for (int i = 0; i < setup.tracks().size(); i++) {
            if (setup.tracks().get(i).format().kind() == MediaKind.VIDEO) {
                return i;
            }
        }
        return -1;
    }

    /** A keyframe has come. */
    public void onKeyframe(long nowNanos) {
        keyframes.onKeyframe(nowNanos);
    }

    // ---------------------------------------------------------------- time

    /** When {@link #onDeadline} is to be called next; {@link Long#MAX_VALUE}: never. Compare by difference. */
    public long nextDeadlineNanos() {
        if (step == Step.FINISHED || step == Step.NEW) {
            return Long.MAX_VALUE;
        }
        long next = requests.deadlineNanos();
        if (step == Step.PLAYING) {
            next = Math.min(Math.min(next, watchdog.deadlineNanos()), Math.min(reportAtNanos, keepalive.dueNanos()));
        }
        return next;
    }

    /** Time has come. */
    public void onDeadline(long nowNanos) {
        ClientRequests.Request overdue = requests.takeOverdue(nowNanos);
        if (overdue != null) {
            onSilence(overdue, nowNanos);
        }
        if (step != Step.PLAYING) {
            return;
        }
        if (nowNanos >= watchdog.deadlineNanos()) {
            onMediaSilence();
            return;
        }
        if (nowNanos >= reportAtNanos) {
            reportAtNanos = nowNanos + settings.reportNanos();
            memory.onStable();
            for (int track = 0; track < setup.tracks().size(); track++) {
                outputs.add(new ClientOutput.SendReceiverReport(track));
            }
        }
        if (nowNanos >= keepalive.dueNanos()) {
            keepAlive(nowNanos);
        }
    }

    private void onSilence(ClientRequests.Request request, long nowNanos) {
        switch (step) {
            case OPTIONS -> {
                memory.onOptionsRefused(true);
                requests.expectLateAnswer();
                describe(nowNanos);
            }
            case PLAYING -> {
                requests.expectLateAnswer();
                keepalive.onSilence(nowNanos);
            }
            case TEARDOWN -> finish(new ClientOutput.Outcome.Closed());
            default ->
                fail(
                        SourceFailure.Kind.TIMEOUT,
                        String.format(
                                Locale.ROOT,
                                "no answer to %s within %.1f s",
                                request.method(),
                                request.waitNanos() / 1e9));
        }
    }

    private void onMediaSilence() {
        if (watchdog.isMediaSeen()) {
            fail(
                    SourceFailure.Kind.TIMEOUT,
                    "the camera stopped sending media" + (usesUdp() ? " over UDP" : " over TCP"));
        } else if (usesUdp()) {
            onUdpSilence();
        } else {
            fail(SourceFailure.Kind.TIMEOUT, "the camera plays and sends no media over TCP");
        }
    }

    private void onUdpSilence() {
        memory.note(CameraQuirk.UDP_SILENT);
        if (memory.switchTransport()) {
            startOver("nothing came over UDP");
        } else if (memory.mayChangeTransport()) {
            fail(SourceFailure.Kind.TIMEOUT, "the camera plays and sends no media over UDP");
        } else {
            failPinned(
                    SourceFailure.Kind.TIMEOUT, "nothing comes over UDP (open the firewall for UDP from the camera)");
        }
    }

    // ---------------------------------------------------------------- the end

    /** Ends the session: TEARDOWN, a short wait for its answer, then {@link ClientOutput.Finished}. */
    public void close(long nowNanos) {
        if (step == Step.FINISHED || step == Step.TEARDOWN) {
            return;
        }
        if (!requests.hasSession() || step == Step.NEW) {
            finish(new ClientOutput.Outcome.Closed());
            return;
        }
        step = Step.TEARDOWN;
        requests.send("TEARDOWN", setup.aggregateUrl(), RtspHeaders.empty(), nowNanos);
    }

    /**
     * The connection was closed or broke.
     *
     * @param detail one line for people
     */
    public void onConnectionLost(String detail, long nowNanos) {
        if (step == Step.FINISHED) {
            return;
        }
        if (step == Step.TEARDOWN) {
            finish(new ClientOutput.Outcome.Closed());
            return;
        }
        ClientRequests.Request request = requests.awaited();
        if (request != null && request.tries() == 2 && step != Step.PLAYING && memory.mayStartOver()) {
            // it asked for credentials and closed; they are at hand now
            memory.note(CameraQuirk.AUTHENTICATION_CLOSES);
            finish(new ClientOutput.Outcome.StartOver(
                    "the camera closed the connection when it asked for credentials"));
            return;
        }
        if (step == Step.OPTIONS) {
            memory.onOptionsRefused(true);
        }
        if (step == Step.PLAYING) {
            keepalive.onConnectionLost(request == null ? "" : request.method(), nowNanos);
        }
        fail(SourceFailure.Kind.CLOSED, detail);
    }

    private void refused(String method, RtspResponse response) {
        fail(
                SourceFailure.Kind.REFUSED,
                "the camera refuses " + method + ": " + response.status() + " " + shortened(response.reason()));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80);
    }

    private void startOver(String reason) {
        if (!memory.mayStartOver()) {
            fail(SourceFailure.Kind.PROTOCOL, "the camera makes us start over again and again: " + reason);
            return;
        }
        tearDownWithoutWaiting();
        finish(new ClientOutput.Outcome.StartOver(reason));
    }

    private void fail(SourceFailure.Kind kind, String detail) {
        if (step == Step.FINISHED) {
            return;
        }
        tearDownWithoutWaiting();
        finish(new ClientOutput.Outcome.Failed(new SourceFailure(kind, detail)));
    }

    /** Frees the camera's session, of which many cameras have few, though nobody waits for the answer. */
    private void tearDownWithoutWaiting() {
        if (requests.hasSession() && step != Step.TEARDOWN) {
            requests.send("TEARDOWN", setup.aggregateUrl(), RtspHeaders.empty(), 0);
        }
    }

    private void finish(ClientOutput.Outcome outcome) {
        step = Step.FINISHED;
        requests.forget();
        outputs.add(new ClientOutput.Finished(outcome));
    }

    // ---------------------------------------------------------------- what is known

    /** The tracks that are set up. */
    public List<ClientTrack> tracks() {
        return List.copyOf(setup.tracks());
    }

    /** Whether packets come over UDP. */
    public boolean usesUdp() {
        return setup.usesUdp();
    }

    /** Interleaved channel for our RTCP of a track; -1: none. */
    public int rtcpChannel(int track) {
        return media.rtcpChannel(track);
    }

    /** What came so far. */
    public MediaFigures figures() {
        return media.figures();
    }
}
