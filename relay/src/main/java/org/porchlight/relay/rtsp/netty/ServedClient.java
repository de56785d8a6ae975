package org.porchlight.relay.rtsp.netty;

import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.egress.EndReason;
import org.porchlight.relay.egress.Session;
import org.porchlight.relay.egress.SessionFigures;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.server.RtspServerActions;
import org.porchlight.relay.rtsp.server.RtspServerSession;
import org.porchlight.relay.rtsp.server.TrackSetup;
import org.porchlight.relay.stream.PublishRule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a client's session asks of the relay: puts its questions to admission, enters it among the sessions that cuts find, and tells
 * what has become of it. Owner: the connection's loop.
 */
final class ServedClient implements RtspServerActions, Session {
    private static final Logger LOG = LoggerFactory.getLogger(ServedClient.class);
    private static final Duration ENDLESS = Duration.ofDays(365);

    private final ServerConnection connection;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final InetSocketAddress remote;
    private final ServedMedia media;

    /** The time before admission was asked, as cuts count it. */
    private long mark;

    private String camera = "";
    private Rendition rendition = Rendition.MAIN;
    private boolean publishes;
    private Answer.@Nullable Permit permit;
    private long begunNanos;
    private boolean cut;

    ServedClient(
            ServerConnection connection,
            ServerLoop loop,
            RtspServerSettings settings,
            InetSocketAddress remote,
            ServedMedia media) {
        this.connection = connection;
        this.loop = loop;
        this.settings = settings;
        this.remote = remote;
        this.media = media;
    }

    // ---- the wire

    @Override
    public void http(RtspRequest request) {
        connection.onHttp(request);
    }

    @Override
    public void transmit(RtspResponse response) {
        connection.transmit(response);
    }

    @Override
    public void close(String reason, boolean abort) {
        connection.end(abort);
    }

    // ---- admission

    @Override
    public void mayView(int question, ViewRequest request) {
        turnTo(request.camera(), request.rendition(), false);
        ask(question, () -> settings.admission().mayView(request));
    }

    @Override
    public void mayPublish(int question, PublishRequest request) {
        turnTo(request.camera(), request.rendition(), true);
        ask(question, () -> settings.admission().mayPublish(request));
    }

    private void turnTo(String toCamera, Rendition toRendition, boolean publisherSide) {
        camera = toCamera;
        rendition = toRendition;
        publishes = publisherSide;
        mark = settings.sessions().mark();
    }

    private void ask(int question, Supplier<CompletionStage<Answer>> asked) {
        RtspServerSession session = connection.session();
        try {
            asked.get()
                    .whenComplete((answer, failure) -> connection.onLoop(() -> {
                        if (failure != null) {
                            LOG.warn("admission failed to answer", failure);
                        }
                        Answer told = answer == null ? new Answer.Deny(DenyCode.UNAVAILABLE) : answer;
                        long now = settings.nowNanos();
                        session.onAnswer(question, told, endOf(told, now), now);
                    }));
        } catch (RuntimeException e) {
            LOG.error("admission failed", e);
            session.onAnswer(question, new Answer.Deny(DenyCode.UNAVAILABLE), Long.MAX_VALUE, settings.nowNanos());
        }
    }

    private long endOf(Answer answer, long now) {
        if (!(answer instanceof Answer.Permit granted)) {
            return Long.MAX_VALUE;
        }
        Instant wall =
                Instant.ofEpochSecond(0, settings.hub().settings().epochNanos().epochNanosAt(now));
        boolean near = granted.expiresAt().isBefore(wall.plus(ENDLESS));
        return near ? now + Duration.between(wall, granted.expiresAt()).toNanos() : Long.MAX_VALUE;
    }

    @Override
    public boolean isPublishable(String ofCamera) {
        return settings.publishRule().apply(ofCamera) != PublishRule.OFF;
    }

    @Override
    public boolean stands(Answer.Permit granted, String ofCamera) {
        return settings.sessions().stands(granted, ofCamera, mark);
    }

    @Override
    public boolean begin(Answer.Permit granted, String ofCamera, Rendition ofRendition, boolean publisherSide) {
        begunNanos = settings.nowNanos();
        Sessions.Entry entry = new Sessions.Entry(granted, ofCamera, ofRendition, publisherSide, this, begunNanos);
        if (!settings.sessions().open(entry, mark)) {
            return false;
        }
        permit = granted;
        LOG.info(
                "session {} opened: {} {}/{} by {}",
                granted.session(),
                publisherSide ? "publishes" : "watches",
                ofCamera,
                ofRendition,
                connection.carrier());
        return true;
    }

    @Override
    public void giveBack(Answer.Permit unused) {
        settings.admission().onSessionEnded(new SessionReport(unused.session(), camera, "unused", Duration.ZERO, 0, 0));
    }

    // ---- media

    @Override
    public void describe(int question, String ofCamera, Rendition ofRendition) {
        media.describe(question, ofCamera, ofRendition);
    }

    @Override
    public void openPorts(int question, int track, TransportSpec offer) {
        media.openPorts(question, track, publishes);
    }

    @Override
    public void play(int question, String ofCamera, Rendition ofRendition, List<TrackSetup> tracks) {
        media.play(question, ofCamera, ofRendition, tracks);
    }

    @Override
    public void pause() {
        media.pause();
    }

    @Override
    public void record(
            int question,
            String ofCamera,
            Rendition ofRendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced) {
        media.record(question, ofCamera, ofRendition, formats, tracks, announced);
    }

    @Override
    public void interleaved(int track, boolean rtcp, int offset, int length) {
        media.interleaved(track, rtcp, connection.reads(), offset, length);
    }

    @Override
    public void feedback(int track, int offset, int length) {
        media.feedback(connection.reads(), offset, length);
    }

    // ---- the end

    @Override
    public void endSession(String reason) {
        ServedViewer watching = media.viewer();
        ServedPublisher recording = media.publisher();
        String transport = transport();
        media.forget();
        connection.reads().intoBuffers();
        long packets = 0;
        long bytes = 0;
        if (watching != null) {
            boolean played = watching.isPlaying() || watching.packets() > 0;
            watching.end(reason, cut);
            packets = watching.packets();
            bytes = watching.bytes();
            if (played) {
                loop.counters.increment(EndReason.ofViewer(reason, cut));
            }
        }
        if (recording != null) {
            boolean recorded = recording.isRecording() || recording.packets() > 0;
            recording.end();
            packets = recording.packets();
            bytes = recording.bytes();
            if (recorded) {
                loop.counters.increment(EndReason.ofPublisher(reason, cut));
            }
        }
        report(reason, transport, packets, bytes);
    }

    private void report(String reason, String transport, long packets, long bytes) {
        Answer.Permit held = permit;
        permit = null;
        if (held == null) {
            return;
        }
        Duration duration = Duration.ofNanos(settings.nowNanos() - begunNanos);
        LOG.info(
                "session {} ended: {} {}/{} by {}, {}, {} s, {} packets, {} bytes",
                held.session(),
                publishes ? "published" : "watched",
                camera,
                rendition,
                transport,
                reason,
                duration.toSeconds(),
                packets,
                bytes);
        settings.sessions().closed(new SessionReport(held.session(), camera, reason, duration, packets, bytes));
    }

    /** The session's name for the log. */
    String name() {
        Answer.Permit held = permit;
        return held == null ? "(none)" : held.session();
    }

    // ---- as a session among others

    @Override
    public EventExecutor executor() {
        return loop.loop;
    }

    @Override
    public long cut(String reason) {
        assert loop.loop.inEventLoop();
        ServedViewer watching = media.viewer();
        ServedPublisher recording = media.publisher();
        cut = true;
        connection.session().close(reason, true);
        if (watching != null) {
            return watching.lastSendNanos();
        }
        return recording == null ? Long.MIN_VALUE : recording.lastPacketNanos();
    }

    @Override
    public String protocol() {
        return "rtsp";
    }

    @Override
    public SessionFigures figures() {
        ServedViewer watching = media.viewer();
        ServedPublisher recording = media.publisher();
        String client = remote.getAddress().getHostAddress() + ":" + remote.getPort();
        if (watching != null) {
            return new SessionFigures(
                    client, transport(), watching.packets(), watching.bytes(), watching.drops(), watching.rung());
        }
        long packets = recording == null ? 0 : recording.packets();
        long bytes = recording == null ? 0 : recording.bytes();
        return new SessionFigures(client, transport(), packets, bytes, 0, "");
    }

    /** What carries the media; until that is known, what carries the requests. */
    private String transport() {
        ServedViewer watching = media.viewer();
        ServedPublisher recording = media.publisher();
        boolean udp = watching != null ? watching.usesUdp() : recording != null && recording.usesUdp();
        return udp ? "udp" : connection.carrier();
    }
}
