package org.porchlight.relay.rtsp.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.client.CameraDiagnosis;
import org.porchlight.relay.rtsp.client.CameraDiagnosis.State;
import org.porchlight.relay.rtsp.client.CameraMemory;
import org.porchlight.relay.rtsp.client.CameraQuirk;
import org.porchlight.relay.rtsp.client.CameraTrust;
import org.porchlight.relay.rtsp.client.ClientOutput.Outcome;
import org.porchlight.relay.rtsp.client.ClientTrack;
import org.porchlight.relay.rtsp.client.MediaFigures;
import org.porchlight.relay.rtsp.client.ReconnectPolicy;
import org.porchlight.relay.rtsp.client.RtspClientSession;
import org.porchlight.relay.rtsp.client.SourceFailure;
import org.porchlight.relay.rtsp.client.SourcePlan;
import org.porchlight.relay.rtsp.client.TransportChoice;
import org.porchlight.relay.stream.IngestDeviation;
import org.porchlight.relay.stream.SourceControl;
import org.porchlight.relay.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera that the relay pulls over RTSP: connects while somebody wants it, and keeps trying, at the pace of its {@link ReconnectPolicy} and
 * within the relay's {@link ConnectGate}. Owner: the loop of its stream, on which all its connections live. {@link #diagnosis} may be read
 * from anywhere; {@link #open} and {@link #close} may be called from anywhere.
 */
public final class RtspSource implements SourceControl {
    private static final Logger LOG = LoggerFactory.getLogger(RtspSource.class);
    private static final int NONCE_BYTES = 8;
    /** Cameras lock accounts after some wrong passwords. */
    private static final long CREDENTIALS_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long REPEAT_LOG_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final SourcePlan plan;
    private final Stream stream;
    private final SourceEnvironment environment;
    private final EventLoop loop;
    private final LoopCounters counters;
    private final Clock clock;
    private final CameraMemory memory;
    private final CameraTls tls;
    private final ReconnectPolicy reconnect;
    private final String name;

    private boolean wanted;
    private boolean stopped;
    private State state = State.IDLE;
    private @Nullable CameraConnection connection;
    private ConnectGate.@Nullable Pass pass;
    private @Nullable ScheduledFuture<?> retry;
    private final CompletableFuture<Void> stopping = new CompletableFuture<>();

    private Map<IngestDeviation, Long> deviations = Map.of();
    private Optional<SourceFailure> lastFailure = Optional.empty();
    private Instant lastFailureAt = Instant.MIN;
    private Instant playingSince = Instant.MIN;
    private long connects;
    private long failures;
    private MediaFigures earlierFigures = MediaFigures.NONE;
    private long loggedAtNanos;
    private boolean fallbackCounted;
    /** When the camera that has not yet sent anything was first tried. */
    private long tryingSinceNanos;

    private boolean trying;

    private volatile CameraDiagnosis diagnosis;

    /**
     * A source that waits to be opened; hand it to {@link Stream#useSource}.
     *
     * @param loop the stream's owner
     * @param clock wall clock, for the diagnosis
     */
    public RtspSource(SourcePlan plan, Stream stream, SourceEnvironment environment, EventLoop loop, Clock clock) {
        this.plan = plan;
        this.stream = stream;
        this.environment = environment;
        this.loop = loop;
        this.clock = clock;
        this.counters = environment.counters().apply(loop);
        this.memory = new CameraMemory(plan.url(), plan.credentials(), plan.transport(), this::clientNonce);
        this.tls = new CameraTls(plan.trust(), environment.lookup().threads());
        this.reconnect = new ReconnectPolicy(plan.reconnect(), environment.random());
        this.name = stream.camera() + "/" + stream.rendition().name().toLowerCase(Locale.ROOT);
        if (plan.url().tls() && plan.trust() instanceof CameraTrust.Unverified) {
            memory.note(CameraQuirk.TLS_NOT_VERIFIED);
        }
        this.diagnosis = look();
    }

    private String clientNonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        environment.random().nextBytes(nonce);
        return HexFormat.of().formatHex(nonce);
    }

    /** What is known of the camera, at most a few seconds old. */
    public CameraDiagnosis diagnosis() {
        return diagnosis;
    }

    @Override
    public void open() {
        onLoop(() -> {
            if (!wanted && !stopped) {
                wanted = true;
                if (state == State.IDLE) {
                    queue();
                }
            }
        });
    }

    @Override
    public void close() {
        onLoop(this::letGo);
    }

    /** Closes for good; completes when the connection is gone, within a second. */
    public CompletionStage<Void> stop() {
        onLoop(() -> {
            stopped = true;
            letGo();
            if (connection == null) {
                enter(State.CLOSED);
                stopping.complete(null);
            }
        });
        return stopping;
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    private void letGo() {
        wanted = false;
        trying = false;
        cancelRetry();
        CameraConnection current = connection;
        if (current != null) {
            current.close();
        } else {
            leaveGate();
            enter(stopped ? State.CLOSED : State.IDLE);
        }
    }

    // ---------------------------------------------------------------- connecting

    private void queue() {
        enter(State.QUEUED);
        if (!trying) {
            trying = true;
            tryingSinceNanos = environment.nanoTime().getAsLong();
        }
        ConnectGate.Pass[] mine = new ConnectGate.Pass[1];
        mine[0] = environment.gate().enter(memory.target().host(), loop, () -> {
            if (pass == mine[0]) {
                connect();
            }
        });
        pass = mine[0];
    }

    private void connect() {
        if (connects++ > 0) {
            counters.increment(Counter.SOURCE_RECONNECTS);
        }
        counters.increment(Counter.SOURCE_CONNECTS);
        enter(State.CONNECTING);
        CameraConnection fresh =
                new CameraConnection(plan, memory, tls, stream, environment, loop, new ConnectionListener());
        connection = fresh;
        fresh.open();
    }

    private void leaveGate() {
        ConnectGate.Pass current = pass;
        pass = null;
        if (current != null) {
            current.close();
        }
    }

    private void cancelRetry() {
        ScheduledFuture<?> waiting = retry;
        retry = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private final class ConnectionListener implements CameraConnection.Listener {
        @Override
        public void onNegotiating() {
            enter(State.NEGOTIATING);
        }

        @Override
        public void onPlaying() {
            leaveGate();
            playingSince = clock.instant();
            enter(State.PLAYING);
            LOG.info("camera {} plays from {} over {}", name, memory.target().shown(), transport());
        }

        @Override
        public void onFirstPacket() {
            if (trying) {
                trying = false;
                environment.connected().accept(environment.nanoTime().getAsLong() - tryingSinceNanos);
            }
        }

        @Override
        public void onTick() {
            diagnosis = look();
        }

        @Override
        public void onEnded(Outcome outcome, long playedNanos) {
            ended(outcome, playedNanos);
        }
    }

    private void ended(Outcome outcome, long playedNanos) {
        CameraConnection over = connection;
        RtspClientSession session = over == null ? null : over.session();
        MediaFigures figures = session == null ? MediaFigures.NONE : session.figures();
        earlierFigures = earlierFigures.plus(figures);
        if (over != null && session != null) {
            deviations = over.deviations();
        }
        connection = null;
        playingSince = Instant.MIN;
        leaveGate();
        boolean fellBack = plan.transport() == TransportChoice.AUTO_UDP_FIRST
                && memory.quirks().contains(CameraQuirk.UDP_SILENT);
        if (fellBack && !fallbackCounted) {
            fallbackCounted = true;
            counters.increment(Counter.SOURCE_TCP_FALLBACKS);
        }
        if (playedNanos > 0) {
            LOG.info(
                    "camera {} ended after {} s with {} packets, {} bytes: {}",
                    name,
                    TimeUnit.NANOSECONDS.toSeconds(playedNanos),
                    figures.packets(),
                    figures.bytes(),
                    told(outcome));
        }
        if (outcome instanceof Outcome.Failed failed) {
            failed(failed.failure(), playedNanos);
        } else if (wanted && !stopped) {
            queue();
        }
        if (!wanted || stopped) {
            enter(stopped ? State.CLOSED : State.IDLE);
        }
        if (stopped) {
            stopping.complete(null);
        }
    }

    private void failed(SourceFailure failure, long playedNanos) {
        failures++;
        counters.increment(counterOf(failure.kind()));
        memory.onFailed();
        boolean news = lastFailure.isEmpty() || !lastFailure.get().equals(failure);
        lastFailure = Optional.of(failure);
        lastFailureAt = clock.instant();
        long now = environment.nanoTime().getAsLong();
        if (!wanted || stopped) {
            return;
        }
        long delay = reconnect.onFailure(playedNanos);
        if (failure.kind() == SourceFailure.Kind.CREDENTIALS) {
            delay = Math.max(delay, CREDENTIALS_PAUSE_NANOS);
        }
        if (playedNanos == 0 && (news || now - loggedAtNanos >= REPEAT_LOG_NANOS)) {
            loggedAtNanos = now;
            LOG.warn("camera {} cannot be had: {}; it is tried again and again", name, failure.detail());
        }
        enter(State.BACKING_OFF);
        retry = loop.schedule(
                () -> {
                    retry = null;
                    queue();
                },
                delay,
                TimeUnit.NANOSECONDS);
    }

    private static String told(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.failure().detail();
        }
        return outcome instanceof Outcome.StartOver again ? again.reason() : "nobody wants it";
    }

    private static Counter counterOf(SourceFailure.Kind kind) {
        return switch (kind) {
            case UNREACHABLE -> Counter.SOURCE_FAILED_UNREACHABLE;
            case TLS -> Counter.SOURCE_FAILED_TLS;
            case CREDENTIALS -> Counter.SOURCE_FAILED_CREDENTIALS;
            case REFUSED -> Counter.SOURCE_FAILED_REFUSED;
            case PROTOCOL -> Counter.SOURCE_FAILED_PROTOCOL;
            case TIMEOUT -> Counter.SOURCE_FAILED_TIMEOUT;
            case CLOSED -> Counter.SOURCE_FAILED_CLOSED;
            case FLOOD -> Counter.SOURCE_FAILED_FLOOD;
        };
    }

    // ---------------------------------------------------------------- what is known

    private void enter(State next) {
        state = next;
        diagnosis = look();
    }

    private String transport() {
        CameraConnection current = connection;
        RtspClientSession session = current == null ? null : current.session();
        if (session != null && session.usesUdp()) {
            return "UDP";
        }
        return (plan.transport() == TransportChoice.HTTP_TUNNEL ? "HTTP" : "TCP")
                + (memory.target().tls() ? " with TLS" : "");
    }

    private CameraDiagnosis look() {
        CameraConnection current = connection;
        RtspClientSession session = current == null ? null : current.session();
        List<TrackFormat> tracks = List.of();
        Optional<ClientTrack.Transport> transport = Optional.empty();
        if (session != null && state == State.PLAYING) {
            tracks = session.tracks().stream().map(ClientTrack::format).toList();
            transport = Optional.of(session.usesUdp() ? ClientTrack.Transport.UDP : ClientTrack.Transport.INTERLEAVED);
        }
        MediaFigures figures = session == null ? earlierFigures : earlierFigures.plus(session.figures());
        return new CameraDiagnosis(
                state,
                plan.url().shown(),
                transport,
                Optional.ofNullable(memory.keepalive()),
                tracks,
                memory.quirks(),
                current == null ? deviations : current.deviations(),
                lastFailure,
                lastFailureAt,
                playingSince,
                connects,
                failures,
                figures.packets(),
                figures.bytes(),
                figures.garbageBytes(),
                figures.strangerDatagrams());
    }
}
