package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.egress.EndReason;
import org.porchlight.relay.egress.PacketExtensions;
import org.porchlight.relay.egress.PacketSetting;
import org.porchlight.relay.egress.PacketTrack;
import org.porchlight.relay.egress.PacketViewer;
import org.porchlight.relay.egress.SessionFigures;
import org.porchlight.relay.egress.TileChoice;
import org.porchlight.relay.egress.ViewerListener;
import org.porchlight.relay.egress.ViewerSetting;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.TrackPosition;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.ice.TrickleFragment;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;
import org.porchlight.relay.webrtc.negotiation.Feedback;
import org.porchlight.relay.webrtc.negotiation.HeaderExtension;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.WebRtcSession;
import org.porchlight.relay.webrtc.srtp.SrtpSender;
import org.porchlight.relay.webrtc.whip.LayerChoice;
import org.porchlight.relay.webrtc.whip.MediaOffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody who watches by WHEP: between the session that carries packets, the viewer that makes them, HTTP that opened it, and cuts that end it.
 * Owner: its session's loop; methods of {@link org.porchlight.relay.webrtc.whip.MediaSession} may be called on any thread.
 */
final class WhepViewer implements MadeSession {
    private static final Logger LOG = LoggerFactory.getLogger(WhepViewer.class);

    private final MediaEnvironment environment;
    private final WebRtcSettings settings;
    private final MediaOffer offer;
    private final Stream stream;
    private final List<AgreedMedia> media;
    private final List<IceCandidate> candidates;
    private final long openedNanos;
    private final CompletableFuture<HostedSession> hosted = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile SessionFigures figures;
    /** Whether admission hears of its end from us. */
    private volatile boolean admitted;

    // The loop's.
    private @Nullable WebRtcSession session;
    private @Nullable PacketViewer viewer;
    private @Nullable WatcherFeedback feedback;
    private @Nullable IceTransport carrier;
    private TileChoice choice = TileChoice.AUTO;
    private String reason = "";
    private boolean cut;
    private boolean started;

    WhepViewer(
            MediaEnvironment environment,
            WebRtcSettings settings,
            MediaOffer offer,
            Stream stream,
            List<AgreedMedia> media,
            List<IceCandidate> candidates) {
        this.environment = environment;
        this.settings = settings;
        this.offer = offer;
        this.stream = stream;
        this.media = media;
        this.candidates = candidates;
        this.openedNanos = settings.nowNanos();
        this.figures = new SessionFigures(MadeSession.text(offer.remote()), "webrtc", 0, 0, 0, "");
    }

    @Override
    public void live(HostedSession session) {
        hosted.complete(session);
    }

    @Override
    public void admit() {
        admitted = true;
    }

    @Override
    public void refuse() {
        admitted = false;
        close("cut");
    }

    private void onHome(Runnable task) {
        hosted.thenAccept(home -> home.execute(task));
    }

    // ---- the session

    @Override
    public void onConnected(WebRtcSession connected, long nowNanos) {
        session = connected;
    }

    @Override
    public void onPath(IcePath path) {
        PacketViewer watching = viewer;
        if (watching == null) {
            begin(path);
        } else if (path.transport() == carrier) {
            watching.moveTo(path.remote());
        } else {
            // From UDP to TCP or back: rare, and a new session is there within a second.
            end("path_changed");
        }
    }

    private void begin(IcePath path) {
        WebRtcSession connected = session;
        HostedSession home = hosted.getNow(null);
        SrtpSender sender = connected == null ? null : connected.sender();
        if (sender == null || home == null) {
            return;
        }
        carrier = path.transport();
        LoopCounters counters = settings.counters().apply(home.loop());
        ViewerSetting setting = new ViewerSetting(
                home.loop(),
                stream,
                new Listening(counters),
                environment.staleness().get(),
                counters,
                settings.nanoTime(),
                stream.rendition() == Rendition.MAIN ? environment.hub().find(stream.camera(), Rendition.SUB) : null);
        PacketSetting packets = new PacketSetting(
                track(MediaKind.VIDEO),
                track(MediaKind.AUDIO),
                new SrtpProtector(sender),
                environment.rates().get(),
                home.transport(path),
                PooledByteBufAllocator.DEFAULT,
                environment.random().nextInt());
        PacketViewer made = new PacketViewer(setting, packets, path.remote());
        viewer = made;
        feedback = new WatcherFeedback(made, counters);
        LOG.info(
                "session {} watches {}/{} by webrtc over {}",
                offer.permit().session(),
                stream.camera(),
                stream.rendition(),
                carrier);
        made.start();
        if (choice != TileChoice.AUTO) {
            made.choose(choice);
        }
    }

    private @Nullable PacketTrack track(MediaKind kind) {
        for (AgreedMedia one : media) {
            if (one.format().kind() == kind) {
                return new PacketTrack(
                        one.format(),
                        one.ssrc(),
                        one.rtxPayloadType(),
                        one.rtxSsrc(),
                        one.feedback().contains(Feedback.NACK),
                        new PacketExtensions(
                                one.extensions().id(HeaderExtension.TRANSPORT_CC),
                                one.extensions().id(HeaderExtension.ABS_CAPTURE_TIME),
                                one.extensions().id(HeaderExtension.PLAYOUT_DELAY)));
            }
        }
        return null;
    }

    private final class Listening implements ViewerListener {
        private final LoopCounters counters;

        Listening(LoopCounters counters) {
            this.counters = counters;
        }

        @Override
        public void onStart(List<TrackPosition> first) {
            started = true;
            counters.adjust(Level.VIEWERS, 1);
        }

        @Override
        public void onFirstKeyframe(long nanos) {
            environment.timings().accept(Timing.FIRST_KEYFRAME, nanos);
        }

        @Override
        public void onEnd(String why, boolean abrupt) {
            end(why);
        }
    }

    @Override
    public void onRtp(ByteBuf packet, int index, int length, long nowNanos) {
        // A viewer has nothing to send; some probe their bandwidth so.
    }

    @Override
    public void onRtcp(ByteBuf packet, int index, int length, long nowNanos) {
        WatcherFeedback listening = feedback;
        if (listening != null) {
            listening.receive(packet, index, length, nowNanos);
            refreshFigures();
        }
    }

    private void refreshFigures() {
        PacketViewer watching = viewer;
        IceTransport by = carrier;
        if (watching != null && by != null) {
            figures = new SessionFigures(
                    MadeSession.text(offer.remote()),
                    "webrtc/" + by.name().toLowerCase(Locale.ROOT),
                    watching.sentPackets(),
                    watching.sentBytes(),
                    watching.drops(),
                    watching.rung());
        }
    }

    @Override
    public void onEnded(SessionEnd end) {
        String why = reason.isEmpty() ? MadeSession.reasonOf(end) : reason;
        reason = why;
        refreshFigures();
        PacketViewer watching = viewer;
        HostedSession home = hosted.getNow(null);
        if (watching != null) {
            watching.close(why, true);
        }
        if (started && home != null) {
            LoopCounters counters = settings.counters().apply(home.loop());
            counters.adjust(Level.VIEWERS, -1);
            counters.increment(EndReason.ofViewer(why, cut));
        }
        if (admitted) {
            report(why);
        }
        ended.complete(null);
    }

    private void report(String why) {
        Duration duration = Duration.ofNanos(settings.nowNanos() - openedNanos);
        SessionFigures last = figures;
        LOG.info(
                "session {} ended: watched {}/{} by {}, {}, {} s, {} packets, {} bytes",
                offer.permit().session(),
                stream.camera(),
                stream.rendition(),
                last.transport(),
                why,
                duration.toSeconds(),
                last.packets(),
                last.bytes());
        environment
                .sessions()
                .closed(new SessionReport(
                        offer.permit().session(), stream.camera(), why, duration, last.packets(), last.bytes()));
    }

    /** Ends the session for a reason of ours; on its loop. */
    private void end(String why) {
        HostedSession home = hosted.getNow(null);
        if (reason.isEmpty()) {
            reason = why;
        }
        if (home != null) {
            home.session().close();
        }
    }

    // ---- a session among others

    @Override
    public EventExecutor executor() {
        return hosted.join().loop();
    }

    @Override
    public long cut(String why) {
        HostedSession home = hosted.join();
        if (!home.loop().inEventLoop()) {
            // It has moved since it was asked for its loop, so nothing has been sent yet.
            home.execute(() -> cut(why));
            return Long.MIN_VALUE;
        }
        cut = true;
        end(why);
        PacketViewer watching = viewer;
        return watching == null ? Long.MIN_VALUE : watching.lastSendNanos();
    }

    @Override
    public String protocol() {
        return "webrtc";
    }

    @Override
    public SessionFigures figures() {
        return figures;
    }

    // ---- as HTTP sees it

    @Override
    public CompletionStage<IceUpdate> update(TrickleFragment fragment) {
        return hosted.thenCompose(home -> {
            CompletableFuture<IceUpdate> done = new CompletableFuture<>();
            home.execute(() -> MadeSession.update(home, fragment, candidates, environment.random(), done));
            return done;
        });
    }

    @Override
    public boolean choose(LayerChoice wanted) {
        onHome(() -> {
            choice = wanted.tile();
            PacketViewer watching = viewer;
            if (watching != null) {
                watching.choose(choice);
            }
        });
        return true;
    }

    @Override
    public void close(String why) {
        onHome(() -> end(why));
    }

    @Override
    public CompletionStage<Void> ended() {
        return ended;
    }
}
