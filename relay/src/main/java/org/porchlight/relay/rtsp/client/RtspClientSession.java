package org.porchlight.relay.rtsp.client;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.rtsp.FloodGauge;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/**
 * The client side of one RTSP connection to a camera (RFC 2326), from OPTIONS to TEARDOWN. A calculation: bytes and the time go in,
 * {@link ClientOutput}s come out, media is pushed into a {@link MediaSink} while bytes are read. Owner: the loop of the connection.
 *
 * <p>Times are nanoseconds since any one moment, 0 or more, so that they never wrap. One request is in flight at a time, so an answer without CSeq, or with a wrong one, still finds its request. What was learned of the
 * camera goes to the {@link CameraMemory}, so that the next connection does right at once. Left out: PAUSE and seeking (live cameras), multicast, RTSP
 * 2.0, and pipelined SETUPs, which many cameras do not survive.
 */
public final class RtspClientSession {
    private static final long TEARDOWN_NANOS = 500_000_000L;
    private static final int MAX_TRIES = 8;
    private static final String RANGE_FROM_START = "npt=0.000-";

    private final ClientSettings settings;
    private final CameraMemory memory;
    private final RtspUrl url;
    private final InetAddress camera;
    private final InterleavedFramer framer = new InterleavedFramer(InterleavedFramer.Limits.client());
    private final Deque<ClientOutput> outputs = new ArrayDeque<>();
    private final FramerSink framerSink = new FramerSink();

    private Step step = Step.NEW;
    private int cseq;
    private @Nullable Pending pending;
    /** An answer that we stopped waiting for may still come. */
    private boolean lateAnswerExpected;

    private String sessionId = "";
    private int timeoutSeconds = SessionHeader.DEFAULT_TIMEOUT_SECONDS;

    private DescribedTracks described = new DescribedTracks("", List.of());
    private int offered;
    private final List<ClientTrack> tracks = new ArrayList<>();
    private final List<Integer> rtpChannels = new ArrayList<>();
    private final List<Integer> rtcpChannels = new ArrayList<>();
    private final List<SenderLock> senderLocks = new ArrayList<>();
    private @Nullable ChannelMap channels;
    private boolean withRange = true;
    private int playPart;
    private boolean prepared;

    private long mediaDeadlineNanos = Long.MAX_VALUE;
    private long keepaliveAtNanos = Long.MAX_VALUE;
    private long reportAtNanos = Long.MAX_VALUE;
    private long playingSinceNanos;
    private boolean mediaSeen;
    private @Nullable KeepaliveMethod keepaliveUsed;
    private @Nullable FloodGauge flood;
    private long mediaPackets;
    private long mediaBytes;
    private long garbageBytes;
    private long garbageRuns;
    private long unroutedFrames;
    private long strangerDatagrams;

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

    /** A request that waits for its answer. */
    private record Pending(
            String method, String uri, RtspHeaders headers, int cseq, long waitNanos, long deadlineNanos, int tries) {}

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
        this.camera = camera;
    }

    /** The connection is open. */
    public void start(long nowNanos) {
        if (step != Step.NEW) {
            return;
        }
        flood = new FloodGauge(settings.maxBitsPerSecond(), nowNanos);
        if (memory.skipsOptions()) {
            describe(nowNanos);
        } else {
            step = Step.OPTIONS;
            request("OPTIONS", url.toString(), RtspHeaders.empty(), nowNanos);
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
        if (step == Step.FINISHED || step == Step.NEW) {
            return to;
        }
        if (isFlooded(newBytes, nowNanos)) {
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
        int lock = 2 * track + (rtcpPort ? 1 : 0);
        if (!prepared || step == Step.FINISHED || lock >= senderLocks.size()) {
            return;
        }
        if (length < 8 || !senderLocks.get(lock).accepts(sender)) {
            strangerDatagrams++;
            return;
        }
        if (isFlooded(length, nowNanos)) {
            return;
        }
        int second = buf.getUnsignedByte(offset + 1);
        boolean rtcp = second >= 200 && second <= 207;
        if (rtcp != rtcpPort) {
            memory.note(rtcp ? CameraQuirk.RTCP_ON_RTP_CHANNEL : CameraQuirk.RTP_ON_RTCP_CHANNEL);
        }
        media(track, rtcp, buf, offset, length, nowNanos, sink);
    }

    private final class FramerSink implements InterleavedFramer.Sink {
        private @Nullable ByteBuf buf;
        private @Nullable MediaSink sink;
        private long nowNanos;

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            ByteBuf from = buf;
            MediaSink to = sink;
            ChannelMap map = channels;
            if (step == Step.FINISHED || from == null || to == null) {
                return;
            }
            if (map == null) {
                unroutedFrames++;
                return;
            }
            int what = map.route(channel, from, offset, length);
            if (what == ChannelMap.UNKNOWN) {
                unroutedFrames++;
            } else {
                media(what >> 1, (what & 1) == 1, from, offset, length, nowNanos, to);
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
            garbageBytes += bytes;
            garbageRuns++;
            memory.note(CameraQuirk.GARBAGE);
        }

        @Override
        public void onFatal(FramingError error) {
            fail(SourceFailure.Kind.PROTOCOL, "the camera's bytes cannot be understood: " + error.kind());
        }
    }

    private void media(int track, boolean rtcp, ByteBuf buf, int offset, int length, long nowNanos, MediaSink sink) {
        if (rtcp) {
            sink.rtcp(track, buf, offset, length);
            return;
        }
        if (step == Step.PLAY) {
            memory.note(CameraQuirk.DATA_BEFORE_PLAY);
        }
        mediaPackets++;
        mediaBytes += length;
        mediaSeen = true;
        if (step == Step.PLAYING) {
            mediaDeadlineNanos = nowNanos + settings.mediaNanos();
        }
        sink.rtp(track, buf, offset, length);
    }

    private boolean isFlooded(int bytes, long nowNanos) {
        if (flood == null || flood.take(bytes, nowNanos)) {
            return false;
        }
        fail(
                SourceFailure.Kind.FLOOD,
                "the camera sends more than its limit of " + settings.maxBitsPerSecond() / 1_000_000.0
                        + " Mb/s; lower its bit rate or raise the limit");
        return true;
    }

    // ---------------------------------------------------------------- requests

    private void request(String method, String uri, RtspHeaders headers, long nowNanos) {
        send(method, uri, headers, 1, nowNanos);
    }

    private void send(String method, String uri, RtspHeaders headers, int tries, long nowNanos) {
        cseq++;
        RtspHeaders.Builder all = RtspHeaders.builder().add(RtspHeaders.CSEQ, Integer.toString(cseq));
        String authorization = memory.authentication().authorization(method, uri);
        if (authorization != null) {
            all.add(RtspHeaders.AUTHORIZATION, authorization);
        }
        if (!sessionId.isEmpty()) {
            all.add(RtspHeaders.SESSION, sessionId);
        }
        headers.fields().forEach(field -> all.add(field.name(), field.value()));
        all.add(RtspHeaders.USER_AGENT, settings.userAgent());
        boolean slow = method.equals("DESCRIBE") || method.equals("PLAY");
        long wait = method.equals("TEARDOWN") ? TEARDOWN_NANOS : settings.responseNanos() * (slow ? 2 : 1);
        pending = new Pending(method, uri, headers, cseq, wait, nowNanos + wait, tries);
        outputs.add(new ClientOutput.Send(new RtspRequest(method, uri, all.build())));
    }

    private void onResponse(RtspResponse response, long nowNanos) {
        Pending request = pending;
        if (response.status() < 200 || request == null) {
            return; // 100 Continue, or an answer that came after we stopped waiting
        }
        int answered = response.cseq();
        if (answered < 0) {
            memory.note(CameraQuirk.CSEQ_MISSING);
        } else if (answered != request.cseq()) {
            if (lateAnswerExpected && answered == request.cseq() - 1) {
                lateAnswerExpected = false;
                return;
            }
            memory.note(CameraQuirk.CSEQ_WRONG);
        }
        lateAnswerExpected = false;
        pending = null;
        if (response.status() == RtspStatus.UNAUTHORIZED.code()) {
            authenticate(request, response, nowNanos);
            return;
        }
        memory.authentication().onAccepted();
        dispatch(request, response, nowNanos);
    }

    private void dispatch(Pending request, RtspResponse response, long nowNanos) {
        if (isRedirect(response)) {
            String location = response.headers().first(RtspHeaders.LOCATION);
            redirect(location == null ? "" : location);
            return;
        }
        if (response.status() == RtspStatus.SESSION_NOT_FOUND.code() && !sessionId.isEmpty() && step != Step.TEARDOWN) {
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

    private void authenticate(Pending request, RtspResponse response, long nowNanos) {
        if (step == Step.TEARDOWN) {
            finish(new ClientOutput.Outcome.Closed());
            return;
        }
        var offered = WwwAuthenticate.parse(response.headers().all(RtspHeaders.WWW_AUTHENTICATE));
        switch (memory.authentication().onUnauthorized(offered, url.tls())) {
            case RETRY -> {
                if (request.tries() >= MAX_TRIES) {
                    fail(SourceFailure.Kind.CREDENTIALS, "the camera asks for credentials again and again");
                } else {
                    send(request.method(), request.uri(), request.headers(), request.tries() + 1, nowNanos);
                }
            }
            case NO_CREDENTIALS -> fail(SourceFailure.Kind.CREDENTIALS, "the camera asks for user and password");
            case REFUSED -> fail(SourceFailure.Kind.CREDENTIALS, "the camera refuses user and password");
            case NO_USABLE_CHALLENGE ->
                fail(SourceFailure.Kind.CREDENTIALS, "the camera offers no authentication that can be used");
        }
    }

    private void redirect(String location) {
        if (!memory.redirect(location)) {
            fail(SourceFailure.Kind.REFUSED, "the camera redirects too often or to where we do not go");
            return;
        }
        startOver("redirected");
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
        request("DESCRIBE", url.toString(), RtspHeaders.of(RtspHeaders.ACCEPT, "application/sdp"), nowNanos);
    }

    private void onDescribeAnswer(RtspResponse response, long nowNanos) {
        if (!response.isSuccess()) {
            refused("DESCRIBE", response);
            return;
        }
        described = DescribedTracks.of(url, response, settings.kinds(), memory.quirkSink());
        if (described.tracks().isEmpty()) {
            fail(SourceFailure.Kind.PROTOCOL, "the camera describes no track that can be played");
            return;
        }
        setUpNext(nowNanos);
    }

    /** Sets up the next offer, or plays when there is none left. */
    private void setUpNext(long nowNanos) {
        if (offered == described.tracks().size()) {
            play(nowNanos);
        } else if (memory.usesUdp()) {
            step = Step.PORTS;
            outputs.add(new ClientOutput.BindPorts(tracks.size()));
        } else {
            int channel = 2 * tracks.size();
            setUp(TransportSpec.tcp(new NumberPair(channel, channel + 1)), nowNanos);
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
        request(
                "SETUP",
                described.tracks().get(offered).controlUrl(),
                RtspHeaders.of(RtspHeaders.TRANSPORT, TransportHeader.of(spec).render()),
                nowNanos);
    }

    private void onSetupAnswer(RtspResponse response, long nowNanos) {
        DescribedTracks.Offer offer = described.tracks().get(offered);
        if (!response.isSuccess()) {
            onSetupRefused(offer, response, nowNanos);
            return;
        }
        learnSession(response);
        TransportSpec spec = chosenTransport(response);
        boolean udp = spec.lower() == TransportSpec.Lower.UDP;
        if (udp != memory.usesUdp()) {
            memory.note(CameraQuirk.TRANSPORT_NOT_AS_ASKED);
            if (udp || spec.interleaved() == null) {
                otherTransport("the camera answers with another transport than " + (udp ? "TCP" : "UDP"));
                return;
            }
        }
        addTrack(offer, spec, udp);
        offered++;
        setUpNext(nowNanos);
    }

    private void learnSession(RtspResponse response) {
        SessionHeader session = response.session();
        if (session == null) {
            memory.note(CameraQuirk.SESSION_MISSING);
            return;
        }
        if (!sessionId.isEmpty() && !sessionId.equals(session.id())) {
            memory.note(CameraQuirk.SESSION_CHANGED);
        }
        sessionId = session.id();
        if (session.timeoutSeconds() > 0) {
            timeoutSeconds = session.timeoutSeconds();
        }
    }

    /** What the camera chose; what it does not tell is as we asked. */
    private TransportSpec chosenTransport(RtspResponse response) {
        List<TransportSpec> specs = TransportHeader.parse(response.headers().all(RtspHeaders.TRANSPORT))
                .specs();
        int channel = 2 * tracks.size();
        NumberPair asked = new NumberPair(channel, channel + 1);
        if (specs.isEmpty()) {
            memory.note(CameraQuirk.TRANSPORT_MISSING);
            return memory.usesUdp() ? TransportSpec.udp(asked) : TransportSpec.tcp(asked);
        }
        TransportSpec spec = specs.get(0);
        if (spec.interleaved() != null && spec.lower() != TransportSpec.Lower.TCP) {
            // "RTP/AVP;interleaved=0-1": some forget to say TCP
            return TransportSpec.tcp(spec.interleaved());
        }
        return spec.lower() == TransportSpec.Lower.TCP && spec.interleaved() == null && !memory.usesUdp()
                ? spec.withInterleaved(asked)
                : spec;
    }

    private void addTrack(DescribedTracks.Offer offer, TransportSpec spec, boolean udp) {
        NumberPair interleaved = spec.interleaved();
        NumberPair ports = udp ? spec.serverPort() : null;
        tracks.add(new ClientTrack(
                offer.format(),
                offer.controlUrl(),
                udp ? ClientTrack.Transport.UDP : ClientTrack.Transport.INTERLEAVED,
                ports));
        rtpChannels.add(interleaved == null ? -1 : interleaved.first());
        rtcpChannels.add(interleaved == null ? -1 : interleaved.second());
        InetAddress announced = literalAddress(spec.source());
        senderLocks.add(new SenderLock(camera, announced, ports == null ? 0 : ports.first(), memory.quirkSink()));
        senderLocks.add(new SenderLock(camera, announced, ports == null ? 0 : ports.second(), memory.quirkSink()));
    }

    private static @Nullable InetAddress literalAddress(@Nullable String text) {
        byte[] bytes = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null; // cannot be: four or sixteen bytes
        }
    }

    private void onSetupRefused(DescribedTracks.Offer offer, RtspResponse response, long nowNanos) {
        if (response.status() == RtspStatus.UNSUPPORTED_TRANSPORT.code()) {
            memory.note(CameraQuirk.TRANSPORT_REFUSED);
            if (tracks.isEmpty() && memory.switchTransport()) {
                setUpNext(nowNanos);
                return;
            }
            if (!memory.mayChangeTransport() && offer.format().kind() == MediaKind.VIDEO) {
                pinned("the camera refuses " + transportName());
                return;
            }
        }
        boolean othersRemain = offered + 1 < described.tracks().size() || !tracks.isEmpty();
        if (offer.format().kind() != MediaKind.VIDEO && othersRemain) {
            memory.note(CameraQuirk.TRACK_REFUSED);
            offered++;
            setUpNext(nowNanos);
            return;
        }
        refused("SETUP", response);
    }

    private void otherTransport(String reason) {
        if (memory.switchTransport()) {
            startOver(reason);
        } else if (memory.mayChangeTransport()) {
            fail(SourceFailure.Kind.REFUSED, reason);
        } else {
            pinned(reason);
        }
    }

    /** The only transport that is allowed does not work: says which setting to change. */
    private void pinned(String reason) {
        memory.note(CameraQuirk.TRANSPORT_PINNED);
        String other = memory.choice() == TransportChoice.UDP ? "auto-udp or tcp" : "auto";
        fail(
                SourceFailure.Kind.REFUSED,
                reason + ", the only transport that its entry allows; set its transport to " + other);
    }

    private String transportName() {
        return switch (memory.choice()) {
            case UDP -> "UDP";
            case HTTP_TUNNEL -> "TCP in the HTTP tunnel";
            case TCP, AUTO, AUTO_UDP_FIRST -> "TCP";
        };
    }

    private void play(long nowNanos) {
        if (tracks.isEmpty()) {
            fail(SourceFailure.Kind.REFUSED, "the camera lets no track be set up");
            return;
        }
        if (!prepared) {
            prepared = true;
            channels = new ChannelMap(
                    tracks,
                    rtpChannels.stream().mapToInt(Integer::intValue).toArray(),
                    rtcpChannels.stream().mapToInt(Integer::intValue).toArray(),
                    memory.quirkSink());
            outputs.add(new ClientOutput.Prepare(tracks));
        }
        step = Step.PLAY;
        RtspHeaders headers = withRange ? RtspHeaders.of(RtspHeaders.RANGE, RANGE_FROM_START) : RtspHeaders.empty();
        request("PLAY", playUrl(), headers, nowNanos);
    }

    private String playUrl() {
        return playPart == 0
                ? described.aggregateUrl()
                : tracks.get(playPart - 1).controlUrl();
    }

    private void onPlayAnswer(Pending request, RtspResponse response, long nowNanos) {
        if (response.isSuccess()) {
            if (playPart > 0 && playPart < tracks.size()) {
                playPart++;
                play(nowNanos);
            } else {
                playing(nowNanos);
            }
            return;
        }
        int status = response.status();
        boolean rangeDisliked = status == RtspStatus.INVALID_RANGE.code() || status == RtspStatus.BAD_REQUEST.code();
        if (withRange && request.headers().contains(RtspHeaders.RANGE) && rangeDisliked) {
            memory.note(CameraQuirk.RANGE_REFUSED);
            withRange = false;
            play(nowNanos);
        } else if (status == RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED.code() && playPart == 0) {
            memory.note(CameraQuirk.PLAY_PER_TRACK);
            playPart = 1;
            play(nowNanos);
        } else {
            refused("PLAY", response);
        }
    }

    private void playing(long nowNanos) {
        step = Step.PLAYING;
        playingSinceNanos = nowNanos;
        boolean probing = usesUdp() && memory.mayChangeTransport();
        long wait = mediaSeen ? settings.mediaNanos() : probing ? settings.udpProbeNanos() : settings.firstMediaNanos();
        mediaDeadlineNanos = nowNanos + wait;
        reportAtNanos = nowNanos + settings.reportNanos();
        keepaliveAtNanos = nowNanos + keepaliveInterval();
        outputs.add(new ClientOutput.Playing());
    }

    /** Two thirds of the camera's time-out, and never longer than the configured bound. */
    private long keepaliveInterval() {
        long byTimeout = timeoutSeconds * 1_000_000_000L * 2 / 3;
        return Math.max(1_000_000_000L, Math.min(byTimeout, settings.maxKeepaliveNanos()));
    }

    private void keepAlive(long nowNanos) {
        keepaliveAtNanos = nowNanos + keepaliveInterval();
        KeepaliveMethod method = memory.keepalive();
        keepaliveUsed = method;
        if (method != null && pending == null) {
            request(method.name(), described.aggregateUrl(), RtspHeaders.empty(), nowNanos);
        }
    }

    private void onKeepaliveAnswer(RtspResponse response) {
        KeepaliveMethod method = keepaliveUsed;
        if (!response.isSuccess() && method != null) {
            memory.onKeepaliveUseless(method);
            // the session must be kept now, not at the next turn
            keepaliveAtNanos = memory.keepalive() == null ? keepaliveAtNanos : Long.MIN_VALUE;
        }
    }

    // ---------------------------------------------------------------- requests of the camera

    private void onRequest(RtspRequest request) {
        memory.note(CameraQuirk.REQUESTS_FROM_CAMERA);
        switch (request.method()) {
            case "OPTIONS" ->
                answer(request, RtspStatus.OK, "OPTIONS, GET_PARAMETER, SET_PARAMETER, ANNOUNCE, REDIRECT");
            case "GET_PARAMETER", "SET_PARAMETER" -> answer(request, RtspStatus.OK, "");
            case "ANNOUNCE" -> {
                answer(request, RtspStatus.OK, "");
                if (step == Step.PLAYING) {
                    startOver("the camera announced another description");
                }
            }
            case "REDIRECT" -> {
                answer(request, RtspStatus.OK, "");
                String location = request.headers().first(RtspHeaders.LOCATION);
                redirect(location == null ? "" : location);
            }
            case "TEARDOWN" -> {
                answer(request, RtspStatus.OK, "");
                fail(SourceFailure.Kind.CLOSED, "the camera tore the session down");
            }
            default -> answer(request, RtspStatus.NOT_IMPLEMENTED, "");
        }
    }

    private void answer(RtspRequest request, RtspStatus status, String methods) {
        RtspHeaders.Builder headers = RtspHeaders.builder();
        if (request.cseq() >= 0) {
            headers.add(RtspHeaders.CSEQ, Integer.toString(request.cseq()));
        }
        if (!sessionId.isEmpty()) {
            headers.add(RtspHeaders.SESSION, sessionId);
        }
        if (!methods.isEmpty()) {
            headers.add(RtspHeaders.PUBLIC, methods);
        }
        outputs.add(new ClientOutput.Send(new RtspResponse(status, headers.build())));
    }

    // ---------------------------------------------------------------- time

    /** When {@link #onDeadline} is to be called next; {@link Long#MAX_VALUE}: never. Compare by difference. */
    public long nextDeadlineNanos() {
        if (step == Step.FINISHED || step == Step.NEW) {
            return Long.MAX_VALUE;
        }
        Pending request = pending;
        long next = request == null ? Long.MAX_VALUE : request.deadlineNanos();
        if (step == Step.PLAYING) {
            next = Math.min(Math.min(next, mediaDeadlineNanos), Math.min(reportAtNanos, keepaliveAtNanos));
        }
        return next;
    }

    /** Time has come. */
    public void onDeadline(long nowNanos) {
        Pending request = pending;
        if (request != null && nowNanos >= request.deadlineNanos()) {
            pending = null;
            onSilence(request, nowNanos);
        }
        if (step != Step.PLAYING) {
            return;
        }
        if (nowNanos >= mediaDeadlineNanos) {
            onMediaSilence();
            return;
        }
        if (nowNanos >= reportAtNanos) {
            reportAtNanos = nowNanos + settings.reportNanos();
            memory.onStable();
            for (int track = 0; track < tracks.size(); track++) {
                outputs.add(new ClientOutput.SendReceiverReport(track));
            }
        }
        if (nowNanos >= keepaliveAtNanos) {
            keepAlive(nowNanos);
        }
    }

    private void onSilence(Pending request, long nowNanos) {
        switch (step) {
            case OPTIONS -> {
                memory.onOptionsRefused(true);
                lateAnswerExpected = true;
                describe(nowNanos);
            }
            case PLAYING -> {
                KeepaliveMethod method = keepaliveUsed;
                lateAnswerExpected = true;
                if (method != null) {
                    memory.onKeepaliveUseless(method);
                    keepaliveAtNanos = nowNanos;
                }
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
        if (usesUdp() && !mediaSeen) {
            memory.note(CameraQuirk.UDP_SILENT);
            if (memory.switchTransport()) {
                startOver("nothing came over UDP");
                return;
            }
            if (!memory.mayChangeTransport()) {
                memory.note(CameraQuirk.TRANSPORT_PINNED);
                fail(
                        SourceFailure.Kind.TIMEOUT,
                        "the camera plays and nothing comes over UDP, the only transport that its entry allows; open the firewall for UDP from the camera or set its transport to auto-udp or tcp");
                return;
            }
        }
        String when = mediaSeen ? "the camera stopped sending media" : "the camera plays and sends no media";
        fail(SourceFailure.Kind.TIMEOUT, when + (usesUdp() ? " over UDP" : " over TCP"));
    }

    // ---------------------------------------------------------------- the end

    /** Ends the session: TEARDOWN, a short wait for its answer, then {@link ClientOutput.Finished}. */
    public void close(long nowNanos) {
        if (step == Step.FINISHED || step == Step.TEARDOWN) {
            return;
        }
        if (sessionId.isEmpty() || step == Step.NEW) {
            finish(new ClientOutput.Outcome.Closed());
            return;
        }
        step = Step.TEARDOWN;
        request("TEARDOWN", described.aggregateUrl(), RtspHeaders.empty(), nowNanos);
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
        Pending request = pending;
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
        judgeKeepalive(nowNanos);
        fail(SourceFailure.Kind.CLOSED, detail);
    }

    /** A camera that closes about when the session's time-out is over, or on a keepalive, does not honour that keepalive. */
    private void judgeKeepalive(long nowNanos) {
        KeepaliveMethod method = keepaliveUsed;
        if (step != Step.PLAYING || method == null) {
            return;
        }
        Pending request = pending;
        boolean onKeepalive = request != null && request.method().equals(method.name());
        long played = nowNanos - playingSinceNanos;
        long timeout = timeoutSeconds * 1_000_000_000L;
        boolean onTimeout = played >= timeout - timeout / 10 && played <= timeout + timeout / 4;
        if (onKeepalive || onTimeout) {
            memory.onKeepaliveUseless(method);
        }
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
        if (!sessionId.isEmpty() && step != Step.TEARDOWN) {
            request("TEARDOWN", described.aggregateUrl(), RtspHeaders.empty(), 0);
        }
    }

    private void finish(ClientOutput.Outcome outcome) {
        step = Step.FINISHED;
        pending = null;
        outputs.add(new ClientOutput.Finished(outcome));
    }

    // ---------------------------------------------------------------- what is known

    /** The tracks that are set up. */
    public List<ClientTrack> tracks() {
        return List.copyOf(tracks);
    }

    /** Whether packets come over UDP. */
    public boolean usesUdp() {
        return tracks.stream().anyMatch(track -> track.transport() == ClientTrack.Transport.UDP);
    }

    /** Interleaved channel for our RTCP of a track; -1: none. */
    public int rtcpChannel(int track) {
        ChannelMap map = channels;
        return map == null ? -1 : map.rtcpChannel(track);
    }

    /** RTP packets passed on. */
    public long mediaPackets() {
        return mediaPackets;
    }

    /** Bytes of the RTP packets passed on. */
    public long mediaBytes() {
        return mediaBytes;
    }

    /** Bytes skipped between frames. */
    public long garbageBytes() {
        return garbageBytes;
    }

    /** Times that bytes were skipped. */
    public long garbageRuns() {
        return garbageRuns;
    }

    /** Interleaved frames that belonged to no track. */
    public long unroutedFrames() {
        return unroutedFrames;
    }

    /** Datagrams that came from others than the camera, or were too short. */
    public long strangerDatagrams() {
        return strangerDatagrams;
    }
}
