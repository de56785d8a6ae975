package org.porchlight.relay.webrtc.dtls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A server and a client whose datagrams meet in memory, on one thread that owns both, past a link that the test may disturb. */
final class DtlsPair implements AutoCloseable {
    static final Duration RESEND = Duration.ofMillis(50);

    final ExecutorService loop = Executors.newSingleThreadExecutor();
    final DtlsEndpoint serverEndpoint;
    final DtlsEndpoint clientEndpoint;
    final Side server = new Side(this);
    final Side client = new Side(this);
    /** What becomes of a datagram, told its sender and how many that sender has sent before: none, itself, several. */
    BiFunction<Side, byte[], List<byte[]>> link = (from, datagram) -> List.of(datagram);

    /** One end; its fields belong to the loop. */
    static final class Side implements DtlsListener {
        final CompletableFuture<DtlsKeys> keys = new CompletableFuture<>();
        final CompletableFuture<DtlsFailure> closed = new CompletableFuture<>();
        final List<byte[]> sent = new ArrayList<>();

        @Nullable
        DtlsConnection connection;

        private final DtlsPair pair;

        @Nullable
        Side peer;

        Side(DtlsPair pair) {
            this.pair = pair;
        }

        DtlsConnection connection() {
            return Objects.requireNonNull(connection);
        }

        @Override
        public void offerDatagram(ByteBuf datagram) {
            byte[] bytes = ByteBufUtil.getBytes(datagram);
            datagram.release();
            sent.add(bytes);
            for (byte[] arriving : pair.link.apply(this, bytes)) {
                pair.arrive(Objects.requireNonNull(peer), arriving);
            }
        }

        @Override
        public void onConnected(DtlsKeys agreed) {
            keys.complete(agreed);
        }

        @Override
        public void onClosed(DtlsFailure reason) {
            closed.complete(reason);
            keys.completeExceptionally(new IllegalStateException("closed: " + reason));
        }
    }

    DtlsPair() {
        this(settings(Duration.ofSeconds(10), 1200), settings(Duration.ofSeconds(10), 1200));
    }

    DtlsPair(DtlsSettings serverSettings, DtlsSettings clientSettings) {
        serverEndpoint = new DtlsEndpoint(serverSettings, new SecureRandom(), InstantSource.system());
        clientEndpoint = new DtlsEndpoint(clientSettings, new SecureRandom(), InstantSource.system());
        server.peer = client;
        client.peer = server;
    }

    static DtlsSettings settings(Duration timeout, int maxDatagramBytes) {
        return new DtlsSettings(4, 2, 8, timeout, RESEND, maxDatagramBytes, Duration.ofDays(1));
    }

    void arrive(Side at, byte[] bytes) {
        ByteBuf datagram = Unpooled.wrappedBuffer(bytes);
        if (at == server && server.connection == null) {
            server.connection = serverEndpoint.open(Objects.requireNonNull(serverSetup), loop, server);
        }
        at.connection().receive(datagram);
        datagram.release();
    }

    private @Nullable DtlsSetup serverSetup;

    void start() {
        start(
                List.of(clientEndpoint.identity().fingerprint()),
                List.of(serverEndpoint.identity().fingerprint()));
    }

    void start(List<Fingerprint> expectedByServer, List<Fingerprint> expectedByClient) {
        serverSetup = new DtlsSetup(DtlsRole.SERVER, serverEndpoint.identity(), expectedByServer);
        DtlsSetup clientSetup = new DtlsSetup(DtlsRole.CLIENT, clientEndpoint.identity(), expectedByClient);
        onLoop(() -> client.connection = clientEndpoint.open(clientSetup, loop, client));
    }

    void onLoop(Runnable task) {
        try {
            loop.submit(task).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static <T> T soon(CompletableFuture<T> future) {
        try {
            return future.get(15, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        serverEndpoint.close();
        clientEndpoint.close();
        loop.shutdownNow();
    }
}
