package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtsp.client.CameraCredentials;
import org.porchlight.relay.rtsp.client.CameraDiagnosis.State;
import org.porchlight.relay.rtsp.client.CameraQuirk;
import org.porchlight.relay.rtsp.client.CameraTrust;
import org.porchlight.relay.rtsp.client.ClientSettings;
import org.porchlight.relay.rtsp.client.ClientTrack;
import org.porchlight.relay.rtsp.client.ConnectBudget;
import org.porchlight.relay.rtsp.client.ReconnectPolicy;
import org.porchlight.relay.rtsp.client.RtspUrl;
import org.porchlight.relay.rtsp.client.SourceFailure;
import org.porchlight.relay.rtsp.client.SourcePlan;
import org.porchlight.relay.rtsp.client.TransportChoice;
import org.porchlight.relay.rtsp.netty.ScriptedCamera.Behaviour;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.GopBudget;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.LoopEgress;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;
import org.porchlight.relay.stream.Subscriber;

class RtspSourceTest {
    private static final long PATIENCE_SECONDS = 20;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final LoopCounters counters = new LoopCounters("test");
    private final SlabPool slabs = new SlabPool(1);
    private final HostLookup lookup = new HostLookup();
    private final BlockingQueue<Integer> packets = new LinkedBlockingQueue<>();
    private final List<RtspSource> sources = new ArrayList<>();
    private final Queue<Long> connectTimes = new ConcurrentLinkedQueue<>();
    private final StreamHub hub = new StreamHub(List.of(loop), streamSettings());
    private final Stream stream = hub.open("cam", Rendition.MAIN);
    private @Nullable ScriptedCamera camera;
    private @Nullable CameraCredentials credentials;

    private StreamSettings streamSettings() {
        return new StreamSettings(
                new GopBudget(64 << 20, 16 << 20),
                slabs,
                (of, on) -> new Egress(),
                executor -> counters,
                System::nanoTime,
                nanos -> System.currentTimeMillis() * 1_000_000,
                () -> 4711,
                Duration.ofSeconds(PATIENCE_SECONDS),
                Duration.ofMillis(50),
                Duration.ofSeconds(PATIENCE_SECONDS),
                DatagramLimit.ETHERNET_BYTES);
    }

    private final class Egress implements LoopEgress {
        @Override
        public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
            snapshot.close();
        }

        @Override
        public void onLeave(Subscriber subscriber) {}

        @Override
        public void onBatch(MediaBatch batch) {
            for (int i = 0; i < batch.count(); i++) {
                if ((batch.flags(i) & MediaBatch.REPORT) == 0) {
                    packets.add(batch.length(i));
                }
            }
        }

        @Override
        public void onGap() {}

        @Override
        public void onEndOfBatches() {}

        @Override
        public void onEnd(String reason) {}
    }

    private final Subscriber viewer = new Subscriber() {
        @Override
        public EventExecutor executor() {
            return loop;
        }

        @Override
        public void onRefused(String reason) {}
    };

    @AfterEach
    void stopEverything() throws Exception {
        for (RtspSource source : sources) {
            source.stop().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        hub.remove("cam", Rendition.MAIN, "test over").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (camera != null) {
            camera.close();
        }
        lookup.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        assertThat(slabs.bytesInUse()).as("no slab is left behind").isZero();
    }

    private SourceEnvironment environment() {
        SecureRandom random = new SecureRandom();
        return new SourceEnvironment(
                slabs,
                executor -> counters,
                System::nanoTime,
                new ConnectGate(loop, ConnectBudget.Limits.DEFAULT, System::nanoTime),
                lookup,
                random,
                connectTimes::add);
    }

    /** Impatient only where the test waits for impatience, so that a busy machine breaks no other. */
    private ClientSettings settings() {
        long second = 1_000_000_000L;
        Behaviour behaviour = camera == null ? Behaviour.GOOD : camera.behaviour();
        ClientSettings usual = ClientSettings.DEFAULT;
        return new ClientSettings(
                usual.userAgent(),
                usual.kinds(),
                behaviour == Behaviour.HANGS ? second / 2 : usual.responseNanos(),
                behaviour == Behaviour.UDP_SILENT ? second : usual.firstMediaNanos(),
                behaviour == Behaviour.UDP_SILENT ? second / 2 : usual.udpProbeNanos(),
                usual.mediaNanos(),
                second / 10,
                second,
                20_000_000);
    }

    private RtspSource pull(ScriptedCamera from, String scheme, TransportChoice transport, CameraTrust trust) {
        camera = from;
        return pull(scheme + "://127.0.0.1:" + from.port() + "/live", transport, trust);
    }

    private RtspSource pull(String url, TransportChoice transport, CameraTrust trust) {
        SourcePlan plan = new SourcePlan(
                RtspUrl.parse(url).orElseThrow().url(),
                credentials,
                transport,
                trust,
                settings(),
                new ReconnectPolicy.Settings(50_000_000, 100_000_000, 1_000_000_000));
        RtspSource source = new RtspSource(plan, stream, environment(), loop, Clock.systemUTC());
        sources.add(source);
        stream.useSource(source, false);
        return source;
    }

    private RtspSource pull(ScriptedCamera from, TransportChoice transport) {
        return pull(from, "rtsp", transport, new CameraTrust.PlatformAuthorities());
    }

    private void watch() throws Exception {
        stream.describe().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        stream.subscribe(viewer);
    }

    private void receive(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            assertThat(packets.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("packet " + i + " of " + count)
                    .isNotNull();
        }
    }

    private static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until " + what).isLessThan(deadline);
            LockSupport.parkNanos(500_000);
        }
    }

    @ParameterizedTest
    @EnumSource(TransportChoice.class)
    void pullsOverEveryTransport(TransportChoice transport) throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.GOOD), transport);
        watch();
        receive(200);
        until("it says so", () -> source.diagnosis().state() == State.PLAYING);
        boolean udp = transport == TransportChoice.UDP || transport == TransportChoice.AUTO_UDP_FIRST;
        assertThat(source.diagnosis().transport())
                .contains(udp ? ClientTrack.Transport.UDP : ClientTrack.Transport.INTERLEAVED);
        until("reports came", () -> cameraOf().reports.get() > 2);
        until("keepalives came", () -> cameraOf().requests.contains("GET_PARAMETER"));
        assertThat(source.diagnosis().quirks()).isEmpty();
        assertThat(counters.value(Counter.LOST_PACKETS)).isZero();
    }

    private ScriptedCamera cameraOf() {
        ScriptedCamera there = camera;
        if (there == null) {
            throw new IllegalStateException("no camera");
        }
        return there;
    }

    @Test
    void isNotConnectedUntilSomebodyWatchesAndClosesAfterTheLast() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.GOOD), TransportChoice.TCP);
        assertThat(cameraOf().connections.get()).isZero();
        watch();
        receive(20);
        stream.unsubscribe(viewer);
        until("it is idle", () -> source.diagnosis().state() == State.IDLE);
        until("the camera was told", () -> cameraOf().requests.contains("TEARDOWN"));
        assertThat(source.diagnosis().failures()).isZero();
        packets.clear();
        watch();
        receive(20);
    }

    @Test
    void fallsBackToTcpWhenNothingComesOverUdp() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.UDP_SILENT), TransportChoice.AUTO_UDP_FIRST);
        watch();
        receive(100);
        until(
                "it says so",
                () -> source.diagnosis().transport().equals(Optional.of(ClientTrack.Transport.INTERLEAVED)));
        assertThat(source.diagnosis().quirks()).contains(CameraQuirk.UDP_SILENT);
        assertThat(counters.value(Counter.SOURCE_TCP_FALLBACKS)).isEqualTo(1);
    }

    @Test
    void takesUdpWhenTheCameraRefusesTcpAndBothAreAllowed() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.TCP_REFUSED), TransportChoice.AUTO);
        watch();
        receive(50);
        assertThat(source.diagnosis().transport()).contains(ClientTrack.Transport.UDP);
        assertThat(source.diagnosis().quirks()).containsExactly(CameraQuirk.TRANSPORT_REFUSED);
    }

    @Test
    void tcpOnlyNeverGoesOverToUdp() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.TCP_REFUSED), TransportChoice.TCP);
        stream.describe();
        until("it failed twice", () -> source.diagnosis().failures() > 1);
        assertThat(failure(source).kind()).isEqualTo(SourceFailure.Kind.REFUSED);
        assertThat(failure(source).detail()).contains("refuses TCP").contains("set its transport to auto");
        assertThat(source.diagnosis().quirks())
                .containsExactlyInAnyOrder(CameraQuirk.TRANSPORT_REFUSED, CameraQuirk.TRANSPORT_PINNED);
        assertThat(cameraOf().transports).isNotEmpty().allMatch(asked -> asked.contains("interleaved"));
    }

    @Test
    void udpOnlyNeverGoesOverToTcpWhenUdpIsRefused() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.UDP_REFUSED), TransportChoice.UDP);
        stream.describe();
        until("it failed twice", () -> source.diagnosis().failures() > 1);
        assertThat(failure(source).kind()).isEqualTo(SourceFailure.Kind.REFUSED);
        assertThat(failure(source).detail()).contains("refuses UDP").contains("auto-udp or tcp");
        assertThat(cameraOf().transports).isNotEmpty().allMatch(asked -> asked.contains("client_port"));
    }

    @Test
    void udpOnlyNeverGoesOverToTcpWhenUdpIsSilent() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.UDP_SILENT), TransportChoice.UDP);
        watch();
        until("it failed twice", () -> source.diagnosis().failures() > 1);
        assertThat(failure(source).kind()).isEqualTo(SourceFailure.Kind.TIMEOUT);
        assertThat(failure(source).detail()).contains("open the firewall").contains("auto-udp or tcp");
        assertThat(source.diagnosis().quirks())
                .containsExactlyInAnyOrder(CameraQuirk.UDP_SILENT, CameraQuirk.TRANSPORT_PINNED);
        assertThat(counters.value(Counter.SOURCE_TCP_FALLBACKS)).isZero();
        assertThat(cameraOf().transports).isNotEmpty().allMatch(asked -> asked.contains("client_port"));
    }

    @Test
    void anEncryptedConnectionIsNeverTradedForDatagramsInClear() throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned("127.0.0.1");
        RtspSource source = pull(
                new ScriptedCamera(Behaviour.TCP_REFUSED, certificate.serverSockets()),
                "rtsps",
                TransportChoice.AUTO,
                new CameraTrust.Pinned(certificate.sha256()));
        stream.describe();
        until("it failed twice", () -> source.diagnosis().failures() > 1);
        assertThat(failure(source).kind()).isEqualTo(SourceFailure.Kind.REFUSED);
        assertThat(cameraOf().transports).isNotEmpty().allMatch(asked -> asked.contains("interleaved"));
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportChoice.class,
            names = {"TCP", "UDP"})
    void asksTheCameraForAKeyframe(TransportChoice transport) throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.KEYFRAME_ON_REQUEST), transport);
        watch();
        receive(20);
        until("other keyframes came", () -> {
            stream.requestKeyframe();
            return counters.value(Counter.RECEIVED_KEYFRAMES) >= 3;
        });
        assertThat(cameraOf().keyframeRequests.get()).isGreaterThanOrEqualTo(2).isLessThanOrEqualTo((int)
                counters.value(Counter.KEYFRAMES_REQUESTED));
        assertThat(source.diagnosis().quirks()).isEmpty();
    }

    @Test
    void tellsHowLongACameraTookToItsFirstPacketOnceForEachTimeItIsWanted() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.GOOD), TransportChoice.TCP);
        long before = System.nanoTime();
        watch();
        receive(20);
        assertThat(connectTimes)
                .singleElement()
                .satisfies(nanos -> assertThat(nanos).isBetween(1L, System.nanoTime() - before));
        stream.unsubscribe(viewer);
        until("it is idle", () -> source.diagnosis().state() == State.IDLE);
        packets.clear();
        watch();
        receive(20);
        assertThat(connectTimes).hasSize(2);
    }

    private static SourceFailure failure(RtspSource source) {
        return source.diagnosis().lastFailure().orElseThrow();
    }

    @Test
    void comesBackToACameraThatDiesAgainAndAgain() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.DIES_OFTEN), TransportChoice.TCP);
        watch();
        receive(150);
        assertThat(source.diagnosis().failures()).isGreaterThan(2);
        assertThat(source.diagnosis().lastFailure())
                .get()
                .extracting(SourceFailure::kind)
                .isEqualTo(SourceFailure.Kind.CLOSED);
        assertThat(counters.value(Counter.CONTINUED_SOURCE)).isGreaterThan(1);
    }

    @Test
    void givesUpWaitingForACameraThatHangs() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.HANGS), TransportChoice.TCP);
        stream.describe();
        until("it failed", () -> source.diagnosis().failures() > 1);
        assertThat(source.diagnosis().lastFailure())
                .get()
                .extracting(SourceFailure::kind)
                .isEqualTo(SourceFailure.Kind.TIMEOUT);
    }

    @Test
    void cutsACameraThatFloods() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.FLOODS), TransportChoice.TCP);
        watch();
        until("it was cut", () -> source.diagnosis().failures() > 0);
        assertThat(source.diagnosis().lastFailure())
                .get()
                .extracting(SourceFailure::kind)
                .isEqualTo(SourceFailure.Kind.FLOOD);
    }

    @Test
    void findsEveryFrameAmongGarbage() throws Exception {
        RtspSource source = pull(new ScriptedCamera(Behaviour.UNTIDY), TransportChoice.TCP);
        watch();
        receive(200);
        assertThat(counters.value(Counter.LOST_PACKETS)).isZero();
        assertThat(source.diagnosis().quirks()).contains(CameraQuirk.GARBAGE);
        until("it is counted", () -> counters.value(Counter.GARBAGE_RUNS) > 0);
    }

    @Test
    void tellsThatNobodyListens() throws Exception {
        int port = freePort();
        RtspSource source =
                pull("rtsp://127.0.0.1:" + port + "/x", TransportChoice.TCP, new CameraTrust.PlatformAuthorities());
        stream.describe();
        until("it failed", () -> source.diagnosis().failures() > 2);
        assertThat(source.diagnosis().lastFailure())
                .get()
                .extracting(SourceFailure::kind)
                .isEqualTo(SourceFailure.Kind.UNREACHABLE);
        assertThat(counters.value(Counter.SOURCE_FAILED_UNREACHABLE)).isGreaterThan(2);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void pullsOverTlsFromAPinnedCameraOnly() throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned("127.0.0.1");
        RtspSource source = pull(
                new ScriptedCamera(Behaviour.GOOD, certificate.serverSockets()),
                "rtsps",
                TransportChoice.TCP,
                new CameraTrust.Pinned(certificate.sha256()));
        watch();
        receive(100);
        assertThat(source.diagnosis().failures()).isZero();
    }

    @Test
    void takesTheTunnelThroughTlsToo() throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned("127.0.0.1");
        pull(
                new ScriptedCamera(Behaviour.GOOD, certificate.serverSockets()),
                "rtsps",
                TransportChoice.HTTP_TUNNEL,
                new CameraTrust.Authorities(certificate.pem()));
        watch();
        receive(100);
    }

    @ParameterizedTest
    @EnumSource(
            value = Behaviour.class,
            names = {"TUNNEL_BASIC", "TUNNEL_DIGEST", "TUNNEL_POST_DIGEST"})
    void provesItselfToTheHttpOfATunnel(Behaviour behaviour) throws Exception {
        credentials = new CameraCredentials("joe", "p:ss word");
        RtspSource source = pull(new ScriptedCamera(behaviour), TransportChoice.HTTP_TUNNEL);
        watch();
        receive(100);
        assertThat(source.diagnosis().failures()).isZero();
        if (behaviour == Behaviour.TUNNEL_BASIC) {
            assertThat(source.diagnosis().quirks()).containsExactly(CameraQuirk.BASIC_IN_CLEAR);
        } else {
            assertThat(source.diagnosis().quirks()).isEmpty();
        }
    }

    @Test
    void tellsThatTheTunnelRefusesThePassword() throws Exception {
        credentials = new CameraCredentials("joe", "wrong");
        RtspSource source = pull(new ScriptedCamera(Behaviour.TUNNEL_DIGEST), TransportChoice.HTTP_TUNNEL);
        stream.describe();
        until("it failed", () -> source.diagnosis().failures() > 0);
        assertThat(failure(source).kind()).isEqualTo(SourceFailure.Kind.CREDENTIALS);
        assertThat(failure(source).detail()).contains("refuses user and password for the HTTP tunnel");
        assertThat(cameraOf().requests).isEmpty();
    }

    @Test
    void refusesACertificateThatIsNotTheRightOne() throws Exception {
        TestCertificate certificate = TestCertificate.selfSigned("127.0.0.1");
        TestCertificate other = TestCertificate.selfSigned("127.0.0.1");
        for (CameraTrust trust : List.of(
                new CameraTrust.Pinned(other.sha256()),
                new CameraTrust.Authorities(other.pem()),
                new CameraTrust.PlatformAuthorities())) {
            try (ScriptedCamera wrong = new ScriptedCamera(Behaviour.GOOD, certificate.serverSockets())) {
                RtspSource source = pull(wrong, "rtsps", TransportChoice.TCP, trust);
                source.open();
                until("it failed", () -> source.diagnosis().failures() > 0);
                assertThat(source.diagnosis().lastFailure())
                        .get()
                        .extracting(SourceFailure::kind)
                        .isEqualTo(SourceFailure.Kind.TLS);
                assertThat(wrong.requests).isEmpty();
                source.close();
            }
        }
    }
}
