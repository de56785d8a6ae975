package org.porchlight.relay.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.egress.LoopViewers;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.RelayMetrics;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.client.CameraDiagnosis;
import org.porchlight.relay.rtsp.client.ConnectBudget;
import org.porchlight.relay.rtsp.netty.ConnectGate;
import org.porchlight.relay.rtsp.netty.HostLookup;
import org.porchlight.relay.rtsp.netty.RtspServer;
import org.porchlight.relay.rtsp.netty.RtspServerSettings;
import org.porchlight.relay.rtsp.netty.SourceEnvironment;
import org.porchlight.relay.rtsp.server.ServerAuthentication;
import org.porchlight.relay.rtsp.server.ServerNonces;
import org.porchlight.relay.rtsp.server.ServerPolicy;
import org.porchlight.relay.stream.GopBudget;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;

/**
 * The media plane: loops, hub, sessions, RTSP server and pulled cameras, put together. {@link #start}, {@link #apply} and {@link #stop} exclude
 * each other; everything else happens on the loops.
 */
public final class MediaRelay implements Relay {
    private static final Duration DESCRIBE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LINGER = Duration.ofSeconds(8);
    private static final Duration SOURCE_GRACE = Duration.ofSeconds(60);
    private static final Duration BURST_AGE = Duration.ofSeconds(3);
    private static final Duration LADDER_WINDOW = Duration.ofSeconds(10);
    private static final int DROPS_PER_RUNG = 3;
    private static final Duration NONCE_AGE = Duration.ofMinutes(5);
    private static final long TICK_MILLIS = 100;
    private static final int TICKS_PER_SWEEP = 100;
    private static final int SECRET_BYTES = 32;

    private final Admission admission;
    private final RelayMetrics metrics;
    private final LongSupplier nanoTime = System::nanoTime;
    private final Clock clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, BoundListener> bound = new ConcurrentHashMap<>();
    private final Map<String, InetSocketAddress> boundAddresses = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private volatile RelayConfiguration configuration = RelayConfiguration.EMPTY;
    private volatile CameraDirectory directory = RelayConfiguration.EMPTY.directory();
    private volatile @Nullable SslContext tls;
    private volatile @Nullable Parts parts;
    private volatile @Nullable WebRtcPlane webrtc;
    private boolean stopping;

    /** What lives between start and stop. */
    private record Parts(
            MediaLoops loops,
            StreamHub hub,
            Sessions sessions,
            RtspServer server,
            PulledCameras cameras,
            HostLookup lookup,
            StreamReport report) {}

    /**
     * A relay that has not been started.
     *
     * @param metrics where it counts
     */
    public MediaRelay(Admission admission, RelayMetrics metrics) {
        this.admission = new MeasuredAdmission(admission, nanoTime, nanos -> metrics.record(Timing.ADMISSION, nanos));
        this.metrics = metrics;
    }

    // ---- start

    @Override
    public synchronized void start(RelayConfiguration initial) throws BindFailure, InterruptedException {
        if (parts != null || stopping) {
            throw new IllegalStateException("a relay lives once");
        }
        Epoll.ensureAvailability();
        configuration = initial;
        directory = initial.directory();
        tls = initial.listeners().tls().map(TlsIdentity::serverContext).orElse(null);
        Parts made = assemble(initial);
        parts = made;
        admission.connect(made.sessions());
        initial.cameras().forEach(made.cameras()::add);
        try {
            openAll(made, initial.listeners());
            openWebRtc(made, initial);
        } catch (BindFailure | InterruptedException e) {
            stop();
            throw e;
        }
        EventLoop first = made.loops().loops().get(0);
        Tick tick = new Tick(made);
        first.scheduleAtFixedRate(tick::run, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void openWebRtc(Parts made, RelayConfiguration initial) throws BindFailure, InterruptedException {
        if (initial.webrtc().listen().isEmpty()) {
            return;
        }
        WebRtcPlane opened = WebRtcPlane.open(
                initial.webrtc().listen().get(0),
                initial.webrtc().publicAddresses(),
                initial.limits().connections(),
                new WebRtcPlane.Surroundings(
                        made.loops(),
                        made.hub(),
                        made.sessions(),
                        admission,
                        metrics,
                        () -> contractOf(configuration.staleness()),
                        this::publishRule,
                        this::maxBitsPerSecond,
                        random,
                        nanoTime,
                        clock));
        webrtc = opened;
        bound.put("webrtc", opened.listener());
    }

    @Override
    public Optional<HttpEdge> httpEdge(Vertx vertx) {
        WebRtcPlane opened = webrtc;
        return opened == null ? Optional.empty() : Optional.of(opened.httpEdge(vertx));
    }

    private Parts assemble(RelayConfiguration initial) {
        int count = initial.media().effectiveLoops(Runtime.getRuntime().availableProcessors());
        MediaLoops loops = new MediaLoops(count, metrics, nanoTime);
        SlabPool slabs = new SlabPool(count);
        GopBudget budget =
                new GopBudget(initial.media().gopCacheBytes(), initial.media().gopCacheBytesPerStream());
        StreamSettings settings = new StreamSettings(
                budget,
                slabs,
                (stream, loop) -> new LoopViewers(loop, ByteBufAllocator.DEFAULT, loops.counters(loop), nanoTime),
                loops::counters,
                nanoTime,
                wallClock(),
                random::nextInt,
                DESCRIBE_TIMEOUT,
                LINGER,
                SOURCE_GRACE,
                initial.media().maxDatagramBytes());
        StreamHub hub = new StreamHub(loops.loops(), settings);
        Sessions sessions = new Sessions(admission, hub, metrics);
        HostLookup lookup = new HostLookup();
        ConnectGate gate = new ConnectGate(loops.loops().get(0), ConnectBudget.Limits.DEFAULT, nanoTime);
        SourceEnvironment environment = new SourceEnvironment(
                slabs,
                loops::counters,
                nanoTime,
                gate,
                lookup,
                random,
                nanos -> metrics.record(Timing.SOURCE_CONNECT, nanos));
        PulledCameras cameras = new PulledCameras(hub, environment, clock);
        RtspServer server = new RtspServer(loops.group(), serverSettings(initial, hub, sessions));
        observe(hub, slabs, budget);
        metrics.observe(Level.SOURCES_CONNECTED, () -> cameras.count(CameraDiagnosis.State.PLAYING));
        metrics.observe(
                Level.SOURCES_WAITING,
                () -> cameras.count(CameraDiagnosis.State.BACKING_OFF) + cameras.count(CameraDiagnosis.State.QUEUED));
        StreamReport report =
                new StreamReport(nanos -> instantOf(settings.epochNanos().epochNanosAt(nanos)));
        return new Parts(loops, hub, sessions, server, cameras, lookup, report);
    }

    private RtspServerSettings serverSettings(RelayConfiguration initial, StreamHub hub, Sessions sessions) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new RtspServerSettings(
                hub,
                sessions,
                admission,
                ServerPolicy.DEFAULT,
                new ServerAuthentication(new ServerNonces(secret, NONCE_AGE), admission::challenges),
                () -> contractOf(configuration.staleness()),
                this::publishRule,
                this::maxBitsPerSecond,
                metrics::record,
                random,
                initial.limits().connections(),
                initial.limits().connectionsPerAddress());
    }

    private static StalenessContract contractOf(StalenessConfiguration staleness) {
        return new StalenessContract(
                staleness.maxAge(),
                (int) staleness.maxBytes(),
                BURST_AGE,
                staleness.disconnectAfter(),
                LADDER_WINDOW,
                DROPS_PER_RUNG);
    }

    private PublishRule publishRule(String camera) {
        Optional<CameraConfiguration> found = directory.find(camera);
        return found.isEmpty()
                ? PublishRule.OFF
                : switch (found.get().publish()) {
                    case OFF -> PublishRule.OFF;
                    case REFUSE -> PublishRule.REFUSE;
                    case REPLACE -> PublishRule.REPLACE;
                };
    }

    private long maxBitsPerSecond(String camera) {
        return directory
                .find(camera)
                .map(CameraConfiguration::maxBitsPerSecond)
                .orElse(CameraConfiguration.DEFAULT_MAX_BITS_PER_SECOND);
    }

    /** Wall clock by the monotonic one: set once, so that times within a run keep their order. */
    private StreamSettings.WallClock wallClock() {
        var now = clock.instant();
        long epochNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        long base = epochNanos - nanoTime.getAsLong();
        return nanos -> base + nanos;
    }

    private static Instant instantOf(long epochNanos) {
        return Instant.ofEpochSecond(0, epochNanos);
    }

    private void observe(StreamHub hub, SlabPool slabs, GopBudget budget) {
        metrics.observe(Level.STREAMS, () -> hub.streams().size());
        metrics.observe(
                Level.STREAMS_LIVE,
                () -> hub.streams().stream()
                        .filter(s -> s.state() == Stream.State.LIVE)
                        .count());
        metrics.observe(Level.SLAB_USED_BYTES, slabs::bytesInUse);
        metrics.observe(Level.SLAB_FREE_BYTES, () -> Math.max(0, slabs.bytesReserved() - slabs.bytesInUse()));
        metrics.observe(Level.GOP_CACHE_MEDIA_BYTES, budget::usedBytes);
        metrics.observe(Level.GOP_CACHE_PINNED_BYTES, hub::gopPinnedBytes);
    }

    /** What is looked after from time to time. Owner: the first loop. */
    private final class Tick {
        private final Parts parts;
        private int count;

        Tick(Parts parts) {
            this.parts = parts;
        }

        void run() {
            parts.sessions().onTick();
            parts.hub().relieveMemory();
            if (++count % TICKS_PER_SWEEP == 0) {
                forgetUnused();
            }
        }

        /** Streams of published names that nobody sends to or watches any more. */
        private void forgetUnused() {
            for (Stream stream : List.copyOf(parts.hub().streams())) {
                boolean unused = stream.state() == Stream.State.IDLE && stream.subscriberCount() == 0;
                Optional<CameraConfiguration> camera = directory.find(stream.camera());
                boolean named = camera.isPresent() && camera.get().name().isExact();
                if (unused && !named) {
                    parts.hub().remove(stream.camera(), stream.rendition(), "unused");
                }
            }
        }
    }

    // ---- listeners

    private void openAll(Parts made, ListenerConfiguration listeners) throws BindFailure, InterruptedException {
        for (ListenAddress address : listeners.rtsp()) {
            openNow(made, "rtsp", address);
        }
        for (ListenAddress address : listeners.rtsps()) {
            openNow(made, "rtsps", address);
        }
    }

    private void openNow(Parts made, String scheme, ListenAddress address) throws BindFailure, InterruptedException {
        try {
            open(made, scheme, address).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw bindFailure(scheme, address, e);
        }
    }

    private CompletionStage<Void> open(Parts made, String scheme, ListenAddress address) {
        Supplier<SslContext> context = scheme.equals("rtsps") ? this::currentTls : null;
        return made.server().listen(address.toSocketAddress(), context).thenAccept(local -> {
            bound.put(scheme + " " + address, new BoundListener(scheme, address, local.getPort()));
            boundAddresses.put(scheme + " " + address, local);
        });
    }

    private SslContext currentTls() {
        SslContext current = tls;
        if (current == null) {
            throw new IllegalStateException("an RTSPS listener without a certificate");
        }
        return current;
    }

    private static BindFailure bindFailure(String scheme, ListenAddress address, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new BindFailure("listeners." + scheme, address, cause);
    }

    private CompletionStage<Void> close(Parts made, String scheme, ListenAddress address) {
        bound.remove(scheme + " " + address);
        InetSocketAddress local = boundAddresses.remove(scheme + " " + address);
        return local == null
                ? CompletableFuture.completedStage(null)
                : made.server().unlisten(local);
    }

    @Override
    public List<BoundListener> listeners() {
        return List.copyOf(bound.values());
    }

    // ---- change

    @Override
    public synchronized CompletionStage<Void> apply(RelayConfiguration next) {
        Parts running = parts;
        if (running == null || stopping) {
            return CompletableFuture.failedStage(new IllegalStateException("the relay does not run"));
        }
        ConfigurationDiff diff = ConfigurationDiff.between(configuration, next);
        RelayConfiguration before = configuration;
        configuration = next;
        directory = next.directory();
        if (diff.tlsChanged()) {
            tls = next.listeners().tls().map(TlsIdentity::serverContext).orElse(null);
        }
        if (diff.limitsChanged()) {
            running.server().limit(next.limits().connections(), next.limits().connectionsPerAddress());
        }
        applyCameras(running, diff, before);
        return applyListeners(running, diff);
    }

    private void applyCameras(Parts running, ConfigurationDiff diff, RelayConfiguration before) {
        for (CameraPattern entry : diff.touchedEntries()) {
            if (entry.isExact()) {
                applyCamera(running, entry.text(), diff.changeOf(entry.text()));
            }
        }
        boolean patterns = diff.touchedEntries().stream().anyMatch(entry -> !entry.isExact());
        if (patterns) {
            for (Stream stream : List.copyOf(running.hub().streams())) {
                boolean exact = before.directory()
                        .find(stream.camera())
                        .map(c -> c.name().isExact())
                        .orElse(false);
                if (!exact) {
                    applyCamera(running, stream.camera(), diff.changeOf(stream.camera()));
                }
            }
        }
    }

    private static void applyCamera(Parts running, String name, CameraChange change) {
        if (change instanceof CameraChange.Added added) {
            running.cameras().add(added.after());
        } else if (change instanceof CameraChange.Removed) {
            running.cameras().remove(name);
        } else if (change instanceof CameraChange.Changed changed) {
            applyChanged(running, name, changed);
        }
    }

    private static void applyChanged(Parts running, String name, CameraChange.Changed changed) {
        CameraConfiguration after = changed.after();
        boolean wasPulled = changed.before().main().isPresent();
        boolean isPulled = after.main().isPresent();
        if (wasPulled != isPulled || changed.aspects().contains(CameraChange.Aspect.PUBLISH)) {
            running.cameras().remove(name).thenRun(() -> running.cameras().add(after));
            return;
        }
        boolean all = changed.aspects().contains(CameraChange.Aspect.ACTIVATION)
                || changed.aspects().contains(CameraChange.Aspect.MAX_BITS_PER_SECOND);
        if (isPulled && (all || changed.aspects().contains(CameraChange.Aspect.MAIN))) {
            running.cameras().replaceSource(after, Rendition.MAIN);
        }
        if (isPulled && (all || changed.aspects().contains(CameraChange.Aspect.SUB))) {
            running.cameras().replaceSource(after, Rendition.SUB);
        }
    }

    private CompletionStage<Void> applyListeners(Parts running, ConfigurationDiff diff) {
        List<CompletableFuture<Void>> changes = new ArrayList<>();
        diff.rtspClosed().forEach(a -> changes.add(close(running, "rtsp", a).toCompletableFuture()));
        diff.rtspsClosed().forEach(a -> changes.add(close(running, "rtsps", a).toCompletableFuture()));
        diff.rtspOpened().forEach(a -> changes.add(opened(running, "rtsp", a)));
        diff.rtspsOpened().forEach(a -> changes.add(opened(running, "rtsps", a)));
        return CompletableFuture.allOf(changes.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> opened(Parts running, String scheme, ListenAddress address) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        open(running, scheme, address).whenComplete((done, failure) -> {
            if (failure == null) {
                result.complete(null);
            } else {
                result.completeExceptionally(bindFailure(scheme, address, failure));
            }
        });
        return result;
    }

    // ---- stop

    @Override
    public synchronized CompletionStage<Void> stop() {
        if (stopping) {
            return stopped;
        }
        stopping = true;
        Parts running = parts;
        if (running == null) {
            stopped.complete(null);
            return stopped;
        }
        bound.clear();
        WebRtcPlane opened = webrtc;
        CompletionStage<Void> browsers = opened == null ? CompletableFuture.completedStage(null) : opened.close();
        running.server()
                .close()
                .thenCompose(done -> browsers)
                .thenCompose(done -> running.cameras().stopAll())
                .thenCompose(done -> endStreams(running.hub()))
                .whenComplete((done, failure) -> {
                    running.lookup().close();
                    running.loops().stop().whenComplete((ended, ignored) -> stopped.complete(null));
                });
        return stopped;
    }

    private static CompletionStage<Void> endStreams(StreamHub hub) {
        CompletableFuture<?>[] ended = hub.streams().stream()
                .map(stream -> stream.end("shutdown").toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(ended);
    }

    // ---- seen from outside

    @Override
    public boolean isReady() {
        Parts running = parts;
        ListenerConfiguration listeners = configuration.listeners();
        // What was configured at the start counts for WebRTC; it is not changed while running.
        int expected = listeners.rtsp().size() + listeners.rtsps().size() + (webrtc == null ? 0 : 1);
        return running != null && !stopping && running.loops().isRunning() && bound.size() == expected;
    }

    @Override
    public CompletionStage<List<StreamState>> streams() {
        Parts running = parts;
        return CompletableFuture.completedStage(
                running == null
                        ? List.of()
                        : running.report().streams(running.hub(), running.cameras(), nanoTime.getAsLong()));
    }

    @Override
    public CompletionStage<List<SessionState>> sessions() {
        Parts running = parts;
        return CompletableFuture.completedStage(
                running == null ? List.of() : running.report().sessions(running.sessions()));
    }
}
