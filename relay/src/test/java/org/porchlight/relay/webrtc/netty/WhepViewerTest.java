package org.porchlight.relay.webrtc.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.StreamName;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.egress.LoopViewers;
import org.porchlight.relay.egress.SendRate;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.GopBudget;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.webrtc.dtls.DtlsEndpoint;
import org.porchlight.relay.webrtc.dtls.DtlsSettings;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.negotiation.Agreement;
import org.porchlight.relay.webrtc.negotiation.ClientOffer;
import org.porchlight.relay.webrtc.negotiation.LocalTransport;
import org.porchlight.relay.webrtc.srtp.CipherProvider;
import org.porchlight.relay.webrtc.whip.MediaCreation;
import org.porchlight.relay.webrtc.whip.MediaOffer;
import org.porchlight.relay.webrtc.whip.MediaSession;

/** From an offer to pictures on a real socket: negotiation, checks, handshake, SRTP and the viewer, with a camera that never stops. */
class WhepViewerTest {
    private static final int WANTED = 300;

    private final SecureRandom random = new SecureRandom();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Map<EventExecutor, LoopCounters> counters = new ConcurrentHashMap<>();
    private final BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<CutReceipt> receipts = new LinkedBlockingQueue<>();
    private final DtlsEndpoint endpoint =
            new DtlsEndpoint(DtlsSettings.forProcessors(2), random, InstantSource.system());
    private final DtlsEndpoint clients =
            new DtlsEndpoint(DtlsSettings.forProcessors(2), random, InstantSource.system());
    private final List<SocketPeer> peers = new ArrayList<>();
    private final StreamHub hub;
    private final Sessions sessions;
    private final WebRtcPort port;
    private final WebRtcMedia media;
    private final InetSocketAddress address;
    private int permits;

    WhepViewerTest() {
        List<EventExecutor> loops = new ArrayList<>();
        group.forEach(loops::add);
        hub = new StreamHub(
                loops,
                new StreamSettings(
                        new GopBudget(64 << 20, 8 << 20),
                        new SlabPool(2),
                        (stream, loop) ->
                                new LoopViewers(loop, ByteBufAllocator.DEFAULT, counters(loop), System::nanoTime),
                        this::counters,
                        System::nanoTime,
                        nanos -> System.currentTimeMillis() * 1_000_000L + (nanos - System.nanoTime()),
                        random::nextInt,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        DatagramLimit.ETHERNET_BYTES));
        sessions = new Sessions(new Listening(), hub);
        WebRtcSettings settings =
                new WebRtcSettings(endpoint, CipherProvider.jdk(), this::counters, System::nanoTime, 50, 50);
        port = new WebRtcPort(group, settings, random);
        address = soon(port.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        media = new WebRtcMedia(
                port,
                new MediaEnvironment(
                        hub,
                        sessions,
                        () -> StalenessContract.DEFAULT,
                        (timing, nanos) -> {},
                        () -> List.of(address),
                        () -> SendRate.UNKNOWN,
                        camera -> PublishRule.OFF,
                        camera -> 50_000_000,
                        random));
        startCamera((EventLoop) loops.get(0));
    }

    private LoopCounters counters(EventExecutor loop) {
        return counters.computeIfAbsent(loop, l -> new LoopCounters("loop"));
    }

    private long count(Counter counter) {
        return counters.values().stream().mapToLong(c -> c.value(counter)).sum();
    }

    private void startCamera(EventLoop loop) {
        Stream stream = hub.open("gate", Rendition.MAIN);
        TestCamera camera = new TestCamera(1);
        CompletableFuture<Ingest> attached = new CompletableFuture<>();
        loop.execute(() -> stream.attach(
                        loop,
                        new StreamDescription(List.of(TestCamera.VIDEO)),
                        new IngestOptions(true, false, () -> {}, () -> false))
                .whenComplete((ingest, failure) -> attached.complete(ingest)));
        Ingest ingest = soon(attached);
        int[] frame = new int[1];
        loop.scheduleAtFixedRate(
                () -> {
                    long now = System.nanoTime();
                    for (byte[] packet : frame[0]++ % 25 == 0 ? camera.keyframe(20_000) : camera.frame(6000)) {
                        ingest.datagram(0, Unpooled.wrappedBuffer(packet), 0, packet.length, now);
                    }
                    ingest.endOfRead(now);
                },
                0,
                40,
                TimeUnit.MILLISECONDS);
    }

    @AfterEach
    void close() {
        peers.forEach(SocketPeer::close);
        soon(port.close());
        for (Stream stream : List.copyOf(hub.streams())) {
            soon(hub.remove(stream.camera(), stream.rendition(), "test_over"));
        }
        endpoint.close();
        clients.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static <T> T soon(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private MediaOffer offer(String camera, String description) {
        return new MediaOffer(
                false,
                new StreamName(camera, Rendition.MAIN),
                new Answer.Permit("session-" + ++permits, "ann", "", false, Instant.MAX, 1),
                sessions.mark(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 5555),
                description);
    }

    private ClientOffer clientOffer(IceCredentials own, Codec codec) {
        return ClientOffer.toWatch(
                List.of(codec),
                new LocalTransport(own, List.of(), clients.identity().fingerprint(), 1, "peer", random::nextInt));
    }

    private record Watching(MediaSession session, SocketPeer peer, Agreement agreement) {}

    private Watching watch(boolean tcp) throws Exception {
        IceCredentials own = IceCredentials.generate(random);
        ClientOffer client = clientOffer(own, Codec.H264);
        MediaCreation made = soon(media.create(offer("gate", client.description())));
        assertThat(made).isInstanceOf(MediaCreation.Created.class);
        MediaCreation.Created created = (MediaCreation.Created) made;
        Agreement agreement = client.accept(created.answer());
        SocketPeer peer = new SocketPeer(
                tcp ? SocketPeer.Wire.tcp(address) : SocketPeer.Wire.udp(address),
                clients,
                agreement.remote().fingerprints().get(0),
                own,
                agreement.remote().credentials(),
                WANTED);
        peers.add(peer);
        peer.start();
        return new Watching(created.session(), peer, agreement);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWatcherGetsEveryPacketFromItsFirstKeyframeOn(boolean tcp) throws Exception {
        Watching watching = watch(tcp);
        assertThat(watching.peer().awaitEchoes()).isTrue();
        watching.session().close("teardown");
        soon(watching.session().ended());
        List<Integer> numbers = watching.peer().echoed.stream().sorted().toList();
        assertThat(numbers.get(numbers.size() - 1) - numbers.get(0))
                .as("sequence numbers without a gap")
                .isEqualTo(numbers.size() - 1);
        SessionReport report = Objects.requireNonNull(reports.poll(10, TimeUnit.SECONDS));
        assertThat(report.reason()).isEqualTo("teardown");
        assertThat(report.packets()).isGreaterThanOrEqualTo(WANTED);
        assertThat(port.directory().size()).isZero();
        assertThat(count(Counter.VIEWERS_TEARDOWN)).isEqualTo(1);
    }

    @Test
    void aLostPictureIsAnsweredFromTheCache() throws Exception {
        Watching watching = watch(false);
        assertThat(watching.peer().awaitEchoes()).isTrue();
        int ssrc = watching.agreement().media().get(0).ssrc();
        for (int i = 0; i < 100 && count(Counter.KEYFRAMES_FROM_CACHE) == 0; i++) {
            watching.peer()
                    .sendRtcp(ByteBuffer.allocate(12)
                            .putInt(0x81ce0002)
                            .putInt(1)
                            .putInt(ssrc)
                            .array());
            soon(CompletableFuture.supplyAsync(
                    () -> true, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS)));
        }
        assertThat(count(Counter.KEYFRAMES_FROM_CACHE)).isPositive();
    }

    @Test
    void aCutEndsItAtOnceAndIsReceipted() throws Exception {
        Watching watching = watch(false);
        assertThat(watching.peer().awaitEchoes()).isTrue();
        sessions.cut(new Cut("cut-1", Cut.Scope.CAMERA, "gate", 2, "waiver_withdrawn"));
        soon(watching.session().ended());
        CutReceipt receipt = Objects.requireNonNull(receipts.poll(10, TimeUnit.SECONDS));
        assertThat(receipt.sessions()).isEqualTo(1);
        assertThat(Objects.requireNonNull(reports.poll(10, TimeUnit.SECONDS)).reason())
                .isEqualTo("waiver_withdrawn");
        soon(watching.peer().closed);
        assertThat(count(Counter.VIEWERS_CUT)).isEqualTo(1);
    }

    @Test
    void aCutBeforeTheOfferIsAnsweredRefusesIt() {
        ClientOffer client = clientOffer(IceCredentials.generate(random), Codec.H264);
        MediaOffer offer = offer("gate", client.description());
        sessions.cut(new Cut("cut-1", Cut.Scope.PERSON, "ann", 2, "gone"));
        assertThat(soon(media.create(offer))).isEqualTo(new MediaCreation.Refused(MediaCreation.Refusal.CUT, ""));
        assertThat(reports).isEmpty();
    }

    @Test
    void refusalsSayWhy() {
        ClientOffer other = clientOffer(IceCredentials.generate(random), Codec.VP9);
        assertThat(refusal(offer("gate", other.description()))).isEqualTo(MediaCreation.Refusal.NO_CODEC_IN_COMMON);
        assertThat(refusal(offer("gate", "hello"))).isEqualTo(MediaCreation.Refusal.BROKEN_OFFER);
        assertThat(refusal(offer("nowhere", other.description()))).isEqualTo(MediaCreation.Refusal.NO_SUCH_STREAM);
        assertThat(port.sessions()).isZero();
    }

    private MediaCreation.@Nullable Refusal refusal(MediaOffer offer) {
        return soon(media.create(offer)) instanceof MediaCreation.Refused refused ? refused.refusal() : null;
    }

    /** Remembers what it is told. */
    private final class Listening implements Admission {
        @Override
        public CompletionStage<Answer> mayView(ViewRequest request) {
            throw new IllegalStateException("asked by HTTP, not here");
        }

        @Override
        public CompletionStage<Answer> mayPublish(PublishRequest request) {
            throw new IllegalStateException("asked by HTTP, not here");
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
