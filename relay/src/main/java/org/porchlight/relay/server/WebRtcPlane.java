package org.porchlight.relay.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.RelayMetrics;
import org.porchlight.relay.stream.PublishRule;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.webrtc.dtls.DtlsEndpoint;
import org.porchlight.relay.webrtc.dtls.DtlsSettings;
import org.porchlight.relay.webrtc.netty.EstimatedRate;
import org.porchlight.relay.webrtc.netty.MediaEnvironment;
import org.porchlight.relay.webrtc.netty.WebRtcMedia;
import org.porchlight.relay.webrtc.netty.WebRtcPort;
import org.porchlight.relay.webrtc.netty.WebRtcSettings;
import org.porchlight.relay.webrtc.srtp.CipherChoice;
import org.porchlight.relay.webrtc.whip.EdgeAdmission;
import org.porchlight.relay.webrtc.whip.WhipEdge;
import org.porchlight.relay.webrtc.whip.vertx.LayerJson;
import org.porchlight.relay.webrtc.whip.vertx.WhipHandler;

/** Everything of WebRTC, put together: handshakes, the one port, and what answers offers. Owner: the relay, which closes it before its loops. */
final class WebRtcPlane {
    private final DtlsEndpoint dtls;
    private final WebRtcPort port;
    private final WhipEdge edge;
    private final BoundPort bound;

    private record BoundPort(ListenAddress configured, InetSocketAddress local) {}

    /** What it takes from the relay. */
    record Surroundings(
            MediaLoops loops,
            StreamHub hub,
            Sessions sessions,
            Admission admission,
            RelayMetrics metrics,
            Supplier<StalenessContract> staleness,
            Function<String, PublishRule> publishRule,
            ToLongFunction<String> maxBitsPerSecond,
            SecureRandom random,
            LongSupplier nanoTime,
            Clock clock) {}

    private WebRtcPlane(DtlsEndpoint dtls, WebRtcPort port, WhipEdge edge, BoundPort bound) {
        this.dtls = dtls;
        this.port = port;
        this.edge = edge;
        this.bound = bound;
    }

    /** Opens the port. Takes a tenth of a second, most of it to find the fastest cipher; not for event loops. */
    static WebRtcPlane open(
            ListenAddress address, List<InetAddress> publicAddresses, int maxSessions, Surroundings from)
            throws BindFailure, InterruptedException {
        DtlsEndpoint dtls = new DtlsEndpoint(
                DtlsSettings.forProcessors(Runtime.getRuntime().availableProcessors()), from.random(), from.clock());
        WebRtcSettings settings = new WebRtcSettings(
                dtls,
                CipherChoice.measure(from.nanoTime()).provider(),
                from.loops()::counters,
                from.nanoTime(),
                maxSessions,
                maxSessions);
        WebRtcPort port = new WebRtcPort(from.loops().group(), settings, from.random());
        InetSocketAddress local;
        try {
            local = port.listen(address.toSocketAddress()).toCompletableFuture().get();
        } catch (ExecutionException e) {
            dtls.close();
            throw new BindFailure("webrtc.listen", address, e.getCause() == null ? e : e.getCause());
        }
        List<InetSocketAddress> addresses = reachable(local, publicAddresses);
        MediaEnvironment environment = new MediaEnvironment(
                from.hub(),
                from.sessions(),
                from.staleness(),
                from.metrics()::record,
                () -> addresses,
                () -> EstimatedRate.beginning(from.nanoTime().getAsLong()),
                from.publishRule(),
                from.maxBitsPerSecond(),
                from.random());
        WhipEdge edge = new WhipEdge(new WhipEdge.Parts(
                new EdgeAdmission(from.admission(), from.sessions()::mark, counter -> count(from.loops(), counter)),
                new WebRtcMedia(port, environment),
                LayerJson::read,
                List.of(),
                maxSessions,
                from.random(),
                counter -> count(from.loops(), counter)));
        return new WebRtcPlane(dtls, port, edge, new BoundPort(address, local));
    }

    /** Counters have one writer each, their loop. */
    private static void count(MediaLoops loops, Counter counter) {
        var first = loops.loops().get(0);
        first.execute(() -> loops.counters(first).increment(counter));
    }

    /** The addresses that clients are told, the most useful first. */
    private static List<InetSocketAddress> reachable(InetSocketAddress local, List<InetAddress> publicAddresses) {
        List<InetAddress> addresses = new ArrayList<>(publicAddresses);
        if (addresses.isEmpty()) {
            addresses.addAll(local.getAddress().isAnyLocalAddress() ? own() : List.of(local.getAddress()));
        }
        return addresses.stream()
                .limit(WebRtcConfiguration.MAX_PUBLIC_ADDRESSES)
                .map(address -> new InetSocketAddress(address, local.getPort()))
                .toList();
    }

    /** The machine's addresses; those that only itself can use last, for a browser beside the relay. */
    private static List<InetAddress> own() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLinkLocalAddress() && !address.isMulticastAddress())
                    .sorted(Comparator.comparing(InetAddress::isLoopbackAddress)
                            .thenComparing(Inet6Address.class::isInstance))
                    .toList();
        } catch (SocketException e) {
            return List.of(InetAddress.getLoopbackAddress());
        }
    }

    Relay.BoundListener listener() {
        return new Relay.BoundListener(
                "webrtc", bound.configured(), bound.local().getPort());
    }

    /** For one HTTP server. */
    HttpEdge httpEdge(Vertx vertx) {
        WhipHandler handler = new WhipHandler(vertx, edge);
        return new HttpEdge() {
            @Override
            public boolean serves(String path) {
                return WhipHandler.serves(path);
            }

            @Override
            public void handle(HttpServerRequest request) {
                handler.handle(request);
            }
        };
    }

    /** Ends all sessions; completes when the sockets are closed. */
    CompletionStage<Void> close() {
        return port.close().whenComplete((done, failure) -> dtls.close());
    }
}
