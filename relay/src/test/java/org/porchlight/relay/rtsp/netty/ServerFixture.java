package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.egress.LoopViewers;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.server.ServerAuthentication;
import org.porchlight.relay.rtsp.server.ServerNonces;
import org.porchlight.relay.rtsp.server.ServerPolicy;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.GopBudget;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;

/** A server on loopback with a hub behind it and an admission that permits everybody and remembers what it was told. */
final class ServerFixture implements AutoCloseable {
    /** Viewers that got their first keyframe. */
    final AtomicInteger firstKeyframes = new AtomicInteger();
    /** What descriptions waited, in ns. */
    final Queue<Long> describeWaits = new ConcurrentLinkedQueue<>();

    final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    final Map<EventExecutor, LoopCounters> counters = new ConcurrentHashMap<>();
    final BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();
    final BlockingQueue<CutReceipt> receipts = new LinkedBlockingQueue<>();
    final Queue<String> asked = new ConcurrentLinkedQueue<>();
    final StreamHub hub;
    final Sessions sessions;
    final RtspServer server;
    final InetSocketAddress address;

    private LoopCounters counters(EventExecutor loop) {
        return counters.computeIfAbsent(loop, l -> new LoopCounters("loop"));
    }

    ServerFixture(ServerPolicy policy, PublishRule rule, int maxPerAddress) {
        this(policy, rule, maxPerAddress, null);
    }

    ServerFixture(ServerPolicy policy, PublishRule rule, int maxPerAddress, @Nullable Supplier<SslContext> tls) {
        List<EventExecutor> loops = new ArrayList<>();
        group.forEach(loops::add);
        SlabPool slabs = new SlabPool(2);
        AtomicInteger ssrc = new AtomicInteger(1000);
        hub = new StreamHub(
                loops,
                new StreamSettings(
                        new GopBudget(64 << 20, 8 << 20),
                        slabs,
                        (stream, loop) ->
                                new LoopViewers(loop, ByteBufAllocator.DEFAULT, counters(loop), System::nanoTime),
                        this::counters,
                        System::nanoTime,
                        nanos -> System.currentTimeMillis() * 1_000_000L + (nanos - System.nanoTime()),
                        ssrc::incrementAndGet,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        DatagramLimit.ETHERNET_BYTES));
        PermitAll admission = new PermitAll();
        sessions = new Sessions(admission, hub);
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        server = new RtspServer(
                group,
                new RtspServerSettings(
                        hub,
                        sessions,
                        admission,
                        policy,
                        new ServerAuthentication(
                                new ServerNonces(secret, Duration.ofMinutes(5)), admission::challenges),
                        () -> StalenessContract.DEFAULT,
                        camera -> camera.startsWith("closed") ? PublishRule.OFF : rule,
                        camera -> camera.startsWith("narrow") ? 64_000 : 1_000_000_000L,
                        this::record,
                        new SecureRandom(),
                        10_000,
                        maxPerAddress));
        address = await(server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls));
    }

    static ServerFixture open() {
        return new ServerFixture(ServerPolicy.DEFAULT, PublishRule.REPLACE, 500);
    }

    RtspSocket connect() throws java.io.IOException {
        return new RtspSocket(address);
    }

    /** Listens on one more address; its port. */
    InetSocketAddress listen(InetSocketAddress more) {
        return await(server.listen(more, null));
    }

    private void record(Timing timing, long nanos) {
        if (timing == Timing.FIRST_KEYFRAME) {
            firstKeyframes.incrementAndGet();
        } else if (timing == Timing.DESCRIBE_WAIT) {
            describeWaits.add(nanos);
        }
    }

    long level(Level level) {
        return counters.values().stream().mapToLong(c -> c.value(level)).sum();
    }

    long count(Counter counter) {
        return counters.values().stream().mapToLong(c -> c.value(counter)).sum();
    }

    SessionReport nextReport() throws InterruptedException {
        SessionReport report = reports.poll(10, TimeUnit.SECONDS);
        if (report == null) {
            throw new AssertionError("no session has ended");
        }
        return report;
    }

    @Override
    public void close() {
        await(server.close());
        for (var stream : List.copyOf(hub.streams())) {
            await(hub.remove(stream.camera(), stream.rendition(), "test_over"));
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private final class PermitAll implements Admission {
        private final AtomicInteger next = new AtomicInteger(1);

        private CompletionStage<Answer> permit(String what, String camera) {
            asked.add(what + " " + camera);
            return CompletableFuture.completedStage(
                    new Answer.Permit("session-" + next.getAndIncrement(), "ann", "", false, Instant.MAX, 1));
        }

        @Override
        public CompletionStage<Answer> mayView(ViewRequest request) {
            return permit("view", request.camera());
        }

        @Override
        public CompletionStage<Answer> mayPublish(PublishRequest request) {
            return permit("publish", request.camera());
        }

        @Override
        public List<Challenge> challenges() {
            return List.of();
        }

        @Override
        public void onSessionEnded(SessionReport report) {
            reports.add(report);
        }

        @Override
        public void onCutReceipt(CutReceipt receipt) {
            receipts.add(receipt);
        }

        @Override
        public void connect(Signals signals) {}
    }
}
