package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.egress.EndReason;
import org.porchlight.relay.egress.SessionFigures;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamException;
import org.porchlight.relay.webrtc.ice.IceCandidate;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.TrickleFragment;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.WebRtcSession;
import org.porchlight.relay.webrtc.whip.LayerChoice;
import org.porchlight.relay.webrtc.whip.MediaOffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody who publishes by WHIP: between the session that brings packets, the stream they enter, HTTP that opened it, and cuts that end it.
 * Owner: its session's loop; methods of {@link org.porchlight.relay.webrtc.whip.MediaSession} may be called on any thread.
 */
final class WhipPublisher implements MadeSession {
    private static final Logger LOG = LoggerFactory.getLogger(WhipPublisher.class);

    /** Who sends no media for so long is gone: a path may live on when the page behind it does not. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final MediaEnvironment environment;
    private final WebRtcSettings settings;
    private final MediaOffer offer;
    private final Stream stream;
    private final PublishRule rule;
    private final List<AgreedMedia> media;
    private final List<IceCandidate> candidates;
    private final long openedNanos;
    private final CompletableFuture<HostedSession> hosted = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile SessionFigures figures;
    /** Whether admission hears of its end from us. */
    private volatile boolean admitted;

    // The loop's.
    private @Nullable PublisherIntake intake;
    private String transport = "webrtc";
    private String reason = "";
    private boolean cut;
    private boolean over;

    WhipPublisher(
            MediaEnvironment environment,
            WebRtcSettings settings,
            MediaOffer offer,
            Stream stream,
            PublishRule rule,
            List<AgreedMedia> media,
            List<IceCandidate> candidates) {
        this.environment = environment;
        this.settings = settings;
        this.offer = offer;
        this.stream = stream;
        this.rule = rule;
        this.media = media;
        this.candidates = candidates;
        this.openedNanos = settings.nowNanos();
        this.figures = new SessionFigures(MadeSession.text(offer.remote()), transport, 0, 0, 0, "");
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

    // ---- the session

    @Override
    public void onConnected(WebRtcSession session, long nowNanos) {
        HostedSession home = hosted.join();
        PublisherIntake made = new PublisherIntake(
                home.loop(),
                session,
                media,
                settings,
                environment.maxBitsPerSecond().applyAsLong(stream.camera()),
                environment.random().nextInt(),
                this::end);
        intake = made;
        made.attach(stream, rule == PublishRule.REPLACE).whenComplete((attached, failure) -> {
            if (failure != null) {
                end(failure instanceof StreamException known ? reasonOf(known) : "error");
            } else if (attached) {
                LOG.info(
                        "session {} publishes {}/{} by webrtc",
                        offer.permit().session(),
                        stream.camera(),
                        stream.rendition());
            }
        });
        home.loop().schedule(this::watch, SILENCE_NANOS, TimeUnit.NANOSECONDS);
    }

    private static String reasonOf(StreamException failure) {
        return switch (failure.reason()) {
            case OCCUPIED -> "occupied";
            case SOURCE_UNAVAILABLE -> "source_gone";
            case ENDED -> "no_such_stream";
        };
    }

    /** Looks after the publisher's silence. */
    private void watch() {
        PublisherIntake open = intake;
        if (open == null || over) {
            return;
        }
        refreshFigures();
        long left = open.lastPacketNanos() + SILENCE_NANOS - settings.nowNanos();
        if (left <= 0) {
            end("timeout");
        } else {
            hosted.join().loop().schedule(this::watch, left, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void onPath(IcePath path) {
        transport = "webrtc/" + path.transport().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void onRtp(ByteBuf packet, int index, int length, long nowNanos) {
        PublisherIntake open = intake;
        if (open != null) {
            open.rtp(packet, index, length, nowNanos);
        }
    }

    @Override
    public void onRtcp(ByteBuf packet, int index, int length, long nowNanos) {
        PublisherIntake open = intake;
        if (open != null) {
            open.rtcp(packet, index, length, nowNanos);
            refreshFigures();
        }
    }

    private void refreshFigures() {
        PublisherIntake open = intake;
        if (open != null) {
            figures = new SessionFigures(
                    MadeSession.text(offer.remote()), transport, open.packets(), open.bytes(), 0, "");
        }
    }

    @Override
    public void onEnded(SessionEnd end) {
        over = true;
        String why = reason.isEmpty() ? MadeSession.reasonOf(end) : reason;
        reason = why;
        refreshFigures();
        PublisherIntake open = intake;
        if (open != null && open.close()) {
            LoopCounters counters = settings.counters().apply(hosted.join().loop());
            counters.increment(EndReason.ofPublisher(why, cut));
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
                "session {} ended: published {}/{} by {}, {}, {} s, {} packets, {} bytes",
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
            // It has moved since it was asked for its loop, so nothing has come yet.
            home.execute(() -> cut(why));
            return Long.MIN_VALUE;
        }
        cut = true;
        end(why);
        PublisherIntake open = intake;
        return open == null || open.packets() == 0 ? Long.MIN_VALUE : open.lastPacketNanos();
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
        return false;
    }

    @Override
    public void close(String why) {
        hosted.thenAccept(home -> home.execute(() -> end(why)));
    }

    @Override
    public CompletionStage<Void> ended() {
        return ended;
    }
}
