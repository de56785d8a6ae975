package org.porchlight.control.server;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.porchlight.control.access.CutDesk;
import org.porchlight.control.access.StaticAdmission;
import org.porchlight.control.configuration.ConfigurationLoader;
import org.porchlight.control.configuration.ConfigurationLoader.Loaded;
import org.porchlight.control.configuration.ConfigurationWatch;
import org.porchlight.control.configuration.ConfigurationWatch.Outcome;
import org.porchlight.control.configuration.FileWatcher;
import org.porchlight.control.configuration.HttpConfiguration;
import org.porchlight.control.configuration.NodeConfiguration;
import org.porchlight.control.configuration.Problem;
import org.porchlight.control.management.ManagementServer;
import org.porchlight.control.management.NodeView;
import org.porchlight.control.web.WebServer;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.server.BindFailure;
import org.porchlight.relay.server.ConfigurationDiff;
import org.porchlight.relay.server.ListenAddress;
import org.porchlight.relay.server.Relay;
import org.porchlight.relay.server.SessionState;
import org.porchlight.relay.server.StreamState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server: metrics, admission, media plane, management port and the watch on the configuration, put together, changed and taken apart in
 * order. Owner of all of them. {@link #start} and {@link #stop} are for the main thread and the shutdown hook; they exclude each other.
 */
public final class Node implements NodeView {
    /** A loop silent for so long is stuck, not busy. */
    private static final Duration STUCK = Duration.ofSeconds(10);
    /** What stopping the media plane and the rest may take, together below 5 s. */
    private static final Duration RELAY_STOP = Duration.ofMillis(3_500);

    private static final Duration REST_STOP = Duration.ofMillis(700);
    private static final Duration MANAGEMENT_START = Duration.ofSeconds(10);
    private static final int PASSWORD_QUEUE = 256;
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Path file;
    private final ConfigurationLoader loader;
    private final NodeMetrics metrics = new NodeMetrics();
    private final SecureRandom random = new SecureRandom();
    private final ThreadPoolExecutor passwordPool = passwordPool();
    private final ScheduledExecutorService leases =
            Executors.newSingleThreadScheduledExecutor(daemons("porchlight-lease"));
    private final CutDesk cuts = new CutDesk(() -> UUID.randomUUID().toString());
    private final StaticAdmission admission;
    private final Optional<Relay> relay;
    private final Loaded initial;
    private volatile NodeConfiguration current;
    private volatile boolean started;
    private volatile int managementPort;
    private @Nullable CompletableFuture<Management> management;
    private @Nullable FileWatcher watcher;
    private volatile @Nullable Web web;
    private boolean stopped;

    /** What answers operators; {@code port} completes when it listens, or fails. */
    private record Management(Vertx vertx, ManagementServer server, Future<Integer> port) {}

    /** What a browser reaches; the ports in the order of the configuration. */
    private record Web(WebServer server, List<Integer> ports) {}

    /**
     * @param initial what was loaded from {@code file}
     * @param relays makes the media plane; empty: the node serves its management port only and is never ready
     */
    public Node(Path file, ConfigurationLoader loader, Loaded initial, Optional<RelayFactory> relays) {
        this.file = file;
        this.loader = loader;
        this.initial = initial;
        this.current = initial.configuration();
        byte[] key = new byte[32];
        random.nextBytes(key);
        this.admission =
                new StaticAdmission(passwordPool, cuts, () -> UUID.randomUUID().toString(), key, Ticker.systemTicker());
        this.relay = relays.map(factory -> factory.create(admission, metrics.relay()));
    }

    /** Starts everything; when it throws, call {@link #stop}. */
    public synchronized void start() throws BindFailure, InterruptedException, IOException {
        if (stopped) {
            throw new IllegalStateException("a node lives once");
        }
        metrics.bind(admission);
        // Beside the media plane: either loads hundreds of classes, and neither needs the other.
        CompletableFuture<Management> opening = CompletableFuture.supplyAsync(
                this::openManagement,
                task -> daemons("porchlight-management-start").newThread(task).start());
        management = opening;
        admission.apply(current.access(), current.cameras());
        if (relay.isPresent()) {
            relay.get().start(current.relay());
        }
        leases.scheduleAtFixedRate(admission::renewLease, 0, 1, TimeUnit.SECONDS);
        awaitManagement(opening);
        openWeb(opening.join().vertx());
        metrics.onConfigurationApplied(System.currentTimeMillis());
        initial.warnings().forEach(Node::warn);
        watcher = new FileWatcher(new ConfigurationWatch(file, loader, initial), this::onOutcome);
        started = true;
        daemons("porchlight-rehearsal")
                .newThread(new CutRehearsal(current.management().listen(), managementPort))
                .start();
    }

    /** Stops everything in order within 5 s. May be repeated. */
    public synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        started = false;
        if (watcher != null) {
            watcher.close();
        }
        Web browsers = web;
        CompletableFuture<Void> webClosed = browsers == null
                ? CompletableFuture.completedFuture(null)
                : stageOf(browsers.server().close());
        relay.ifPresent(media -> await("the media plane", media.stop().toCompletableFuture(), RELAY_STOP));
        await("the HTTP port", webClosed, REST_STOP);
        leases.shutdownNow();
        passwordPool.shutdownNow();
        if (management != null && await("the start of the management port", management, REST_STOP)) {
            Management opened = management.join();
            // One after the other, not chained: what follows on a closed Vert.x would have no thread to run on.
            await("the management port", stageOf(opened.server().close()), REST_STOP);
            await("Vert.x", stageOf(opened.vertx().close()), REST_STOP);
        }
        metrics.close();
    }

    /** The management port that the system chose, or the configured one. */
    public int managementPort() {
        return managementPort;
    }

    /** The media listeners, with their ports. */
    public List<Relay.BoundListener> listeners() {
        return relay.map(Relay::listeners).orElse(List.of());
    }

    @Override
    public boolean isAlive() {
        return metrics.relay().maxSilenceNanos() < STUCK.toNanos();
    }

    @Override
    public boolean isReady() {
        return started && isAlive() && relay.map(Relay::isReady).orElse(false);
    }

    @Override
    public CompletionStage<List<StreamState>> streams() {
        return relay.map(Relay::streams).orElseGet(() -> CompletableFuture.completedStage(List.of()));
    }

    @Override
    public CompletionStage<List<SessionState>> sessions() {
        return relay.map(Relay::sessions).orElseGet(() -> CompletableFuture.completedStage(List.of()));
    }

    @Override
    public Optional<CompletableFuture<CutReceipt>> cut(Cut.Scope scope, String subject, String reason) {
        return cuts.cut(scope, subject, 0, reason);
    }

    @Override
    public String scrape() {
        return metrics.scrape();
    }

    /** On a thread of its own. That the address cannot be had shows in the port. */
    private Management openManagement() {
        metrics.bindPlatform();
        Vertx vertx = vertx();
        ManagementServer server = new ManagementServer(vertx, this);
        return new Management(vertx, server, server.start(current.management().listen()));
    }

    private void awaitManagement(CompletableFuture<Management> opening) throws BindFailure, InterruptedException {
        try {
            managementPort = opening.thenCompose(opened -> opened.port().toCompletionStage())
                    .get(MANAGEMENT_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new BindFailure("management.listen", current.management().listen(), cause);
        }
    }

    private void openWeb(Vertx vertx) throws BindFailure, InterruptedException {
        HttpConfiguration http = current.http();
        if (http.listen().isEmpty() && http.listenTls().isEmpty()) {
            return;
        }
        WebServer server = new WebServer(vertx, relay.flatMap(media -> media.httpEdge(vertx)));
        List<Integer> ports = new ArrayList<>();
        web = new Web(server, ports);
        for (ListenAddress address : http.listen()) {
            ports.add(listen("http.listen", address, server.listen(address, Optional.empty())));
        }
        for (ListenAddress address : http.listenTls()) {
            ports.add(listen(
                    "http.listen-tls",
                    address,
                    server.listen(address, current.listeners().tls())));
        }
    }

    private static int listen(String key, ListenAddress address, Future<Integer> port)
            throws BindFailure, InterruptedException {
        try {
            return stageOf(port).get(MANAGEMENT_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BindFailure(key, address, e.getCause() == null ? e : e.getCause());
        }
    }

    /** The HTTP ports, without TLS and then with, in the order of the configuration. */
    public List<Integer> httpPorts() {
        Web opened = web;
        return opened == null ? List.of() : List.copyOf(opened.ports());
    }

    /** On the watching thread. */
    void onOutcome(Outcome outcome) {
        if (outcome instanceof Outcome.Changed changed) {
            apply(changed.loaded());
        } else if (outcome instanceof Outcome.Refused refused) {
            metrics.onConfigurationRefused();
            LOG.error("the changed configuration is refused, the old one stays:");
            refused.cause().problems().forEach(problem -> LOG.error("{}", problem));
        }
    }

    private void apply(Loaded loaded) {
        NodeConfiguration before = current;
        NodeConfiguration after = loaded.configuration();
        current = after;
        loaded.warnings().forEach(Node::warn);
        ConfigurationDiff diff = ConfigurationDiff.between(before.relay(), after.relay());
        if (diff.needsRestart()
                || !before.management().equals(after.management())
                || !before.http().equals(after.http())) {
            LOG.warn("media, webrtc, http and management are read at start only: restart the node to change them");
        }
        int cut = admission.apply(after.access(), after.cameras());
        relay.ifPresent(media -> media.apply(after.relay()).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error("a part of the changed configuration could not be applied: {}", failure.getMessage());
            }
        }));
        metrics.onConfigurationApplied(System.currentTimeMillis());
        LOG.info(
                "configuration changed: {} camera entries touched, {} sessions cut for want of permission",
                diff.touchedEntries().size(),
                cut);
    }

    private static <T> CompletableFuture<T> stageOf(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }

    private static void warn(Problem problem) {
        LOG.warn("{}", problem);
    }

    /** Whether it was done in time and without failure. */
    private static boolean await(String what, CompletableFuture<?> stopping, Duration patience) {
        try {
            stopping.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            LOG.warn("{} did not stop within {} ms", what, patience.toMillis());
        } catch (ExecutionException e) {
            LOG.warn("{} did not stop in order", what, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Two threads: a flood of log-ins waits or is refused, and neither memory nor the media loops' cores are lost to it. */
    private static ThreadPoolExecutor passwordPool() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                2, 2, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(PASSWORD_QUEUE), daemons("porchlight-password"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Small: the media plane has its own loops, and management has little to do. */
    private static Vertx vertx() {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(2)
                .setInternalBlockingPoolSize(2)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    }
}
