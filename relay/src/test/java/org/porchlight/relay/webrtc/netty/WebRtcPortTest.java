package org.porchlight.relay.webrtc.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.webrtc.dtls.DtlsEndpoint;
import org.porchlight.relay.webrtc.dtls.DtlsFailure;
import org.porchlight.relay.webrtc.dtls.DtlsSettings;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.SessionPlan;
import org.porchlight.relay.webrtc.srtp.CipherProvider;

/** The port with real sockets on the loopback interface, two loops, and peers that shake hands for real. */
class WebRtcPortTest {
    private static final int ECHOES = 50;

    private final SecureRandom random = new SecureRandom();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Map<Object, LoopCounters> counters = new HashMap<>();
    private final DtlsEndpoint endpoint =
            new DtlsEndpoint(DtlsSettings.forProcessors(2), random, InstantSource.system());
    private final DtlsEndpoint clients =
            new DtlsEndpoint(DtlsSettings.forProcessors(2), random, InstantSource.system());
    private final List<SocketPeer> peers = new ArrayList<>();
    private final WebRtcPort port;
    private final InetSocketAddress address;

    WebRtcPortTest() {
        group.forEach(loop -> counters.put(loop, new LoopCounters("loop")));
        WebRtcSettings settings = new WebRtcSettings(
                endpoint,
                CipherProvider.jdk(),
                loop -> Objects.requireNonNull(counters.get(loop)),
                System::nanoTime,
                50,
                5);
        port = new WebRtcPort(group, settings, random);
        address = soon(port.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    @AfterEach
    void close() {
        peers.forEach(SocketPeer::close);
        soon(port.close());
        endpoint.close();
        clients.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static <T> T soon(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private long count(Counter counter) {
        return counters.values().stream().mapToLong(of -> of.value(counter)).sum();
    }

    /** A session with its listener and a peer for it that has not started yet. */
    private SocketPeer peer(SocketPeer.Wire wire, EchoListener listener) {
        IceCredentials local = IceCredentials.generate(random);
        IceCredentials remote = IceCredentials.generate(random);
        SessionPlan plan = new SessionPlan(
                local, remote, endpoint.identity(), List.of(clients.identity().fingerprint()));
        HostedSession session = port.open(plan, listener).orElseThrow();
        listener.hosted.complete(session);
        SocketPeer peer = new SocketPeer(wire, clients, endpoint.identity().fingerprint(), remote, local, ECHOES);
        peers.add(peer);
        return peer;
    }

    @Test
    void manyPeersOnOnePortEachGetTheirOwnPacketsOnOneLoop() throws Exception {
        List<EchoListener> listeners = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            EchoListener listener = new EchoListener();
            listeners.add(listener);
            peer(SocketPeer.Wire.udp(address), listener).start();
        }
        Set<Thread> threads = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            soon(peers.get(i).keys);
            threads.add(soon(listeners.get(i).connected));
            peers.get(i).sendMedia(0, ECHOES / 2);
        }
        long handedOver = count(Counter.HANDOVERS);
        for (SocketPeer peer : peers) {
            peer.sendMedia(ECHOES / 2, ECHOES / 2);
        }
        for (SocketPeer peer : peers) {
            assertThat(peer.awaitEchoes()).isTrue();
            assertThat(peer.echoed).hasSize(ECHOES);
        }
        assertThat(threads).as("loops that have sessions").hasSize(2);
        assertThat(count(Counter.HANDOVERS))
                .as("packets that arrived on another loop once connected")
                .isEqualTo(handedOver);
    }

    @Test
    void nothingIsLeftOfASessionWhosePeerSaysGoodBye() throws Exception {
        EchoListener listener = new EchoListener();
        SocketPeer peer = peer(SocketPeer.Wire.udp(address), listener);
        peer.start();
        soon(peer.keys);
        soon(listener.connected);
        assertThat(port.directory().size()).isEqualTo(3);
        peer.leave();
        assertThat(soon(listener.ended)).isEqualTo(SessionEnd.PEER_CLOSED);
        assertThat(port.sessions()).isZero();
        assertThat(port.directory().size()).isZero();
        assertThat(count(Counter.WEBRTC_CLOSED_PEER)).isEqualTo(1);
    }

    @Test
    void closingASessionTellsItsPeer() throws Exception {
        EchoListener listener = new EchoListener();
        SocketPeer peer = peer(SocketPeer.Wire.udp(address), listener);
        peer.start();
        soon(peer.keys);
        soon(listener.connected);
        soon(listener.hosted).close();
        assertThat(soon(peer.closed)).isEqualTo(DtlsFailure.PEER_CLOSED);
        assertThat(soon(listener.ended)).isEqualTo(SessionEnd.CLOSED);
    }

    @Test
    void aPeerOnTcpIsServedAsOneOnUdp() throws Exception {
        List<EchoListener> listeners = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            EchoListener listener = new EchoListener();
            listeners.add(listener);
            peer(SocketPeer.Wire.tcp(address), listener).start();
        }
        for (int i = 0; i < 3; i++) {
            soon(peers.get(i).keys);
            soon(listeners.get(i).connected);
            peers.get(i).sendMedia(0, ECHOES);
        }
        for (SocketPeer peer : peers) {
            assertThat(peer.awaitEchoes()).isTrue();
        }
        soon(listeners.get(0).hosted).close();
        assertThat(soon(peers.get(0).closed)).isEqualTo(DtlsFailure.PEER_CLOSED);
        soon(peers.get(0).disconnected);
    }

    @Test
    void aTcpConnectionThatSpeaksForNoSessionIsClosed() throws Exception {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(new byte[] {0, 4, 1, 2, 3, 4});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(new byte[] {'G', 'E', 'T', ' '});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void oneConnectionTooManyIsClosed() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            sockets.add(new Socket(address.getAddress(), address.getPort()));
        }
        int closed = 0;
        for (Socket socket : sockets) {
            socket.setSoTimeout(500);
            try (socket) {
                closed += socket.getInputStream().read() == -1 ? 1 : 0;
            } catch (java.net.SocketTimeoutException e) {
                // Still open, as it should be.
            }
        }
        assertThat(closed).isEqualTo(1);
    }

    @Test
    void oneSessionTooManyIsRefused() throws Exception {
        for (int i = 0; i < 50; i++) {
            peer(SocketPeer.Wire.udp(address), new EchoListener());
        }
        SessionPlan plan = new SessionPlan(
                IceCredentials.generate(random),
                IceCredentials.generate(random),
                endpoint.identity(),
                List.of(clients.identity().fingerprint()));
        assertThat(port.open(plan, new EchoListener())).isEmpty();
        assertThat(port.sessions()).isEqualTo(50);
    }

    @Test
    void garbageBesideALiveSessionHurtsNobodyAndGetsNoAnswer() throws Exception {
        EchoListener listener = new EchoListener();
        SocketPeer peer = peer(SocketPeer.Wire.udp(address), listener);
        peer.start();
        soon(peer.keys);
        soon(listener.connected);
        peer.sendMedia(0, ECHOES / 2);
        Random dice = new Random(5);
        try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 5000; i++) {
                byte[] bytes = new byte[1 + dice.nextInt(300)];
                dice.nextBytes(bytes);
                if (i % 2 == 0) {
                    bytes[0] = new byte[] {0, 1, 22, (byte) 0x80}[dice.nextInt(4)];
                }
                stranger.send(new DatagramPacket(bytes, bytes.length, address));
            }
            peer.sendMedia(ECHOES / 2, ECHOES / 2);
            assertThat(peer.awaitEchoes()).isTrue();
            stranger.setSoTimeout(100);
            assertThat(answered(stranger)).isFalse();
        }
        assertThat(count(Counter.WEBRTC_DISCARDED_UNKNOWN)).isPositive();
        assertThat(count(Counter.WEBRTC_DISCARDED_RATE)).isPositive();
        assertThat(listener.ended).isNotDone();
    }

    private static boolean answered(DatagramSocket socket) throws java.io.IOException {
        try {
            socket.receive(new DatagramPacket(new byte[10], 10));
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void aRestartedSessionListensToItsNewCredentials() throws Exception {
        EchoListener listener = new EchoListener();
        SocketPeer peer = peer(SocketPeer.Wire.udp(address), listener);
        peer.start();
        soon(peer.keys);
        HostedSession session = soon(listener.hosted);
        IceCredentials fresh = soon(session.restart(IceCredentials.generate(random), random));
        assertThat(port.directory().byUfrag(fresh.ufrag())).isSameAs(session);
        session.close();
        soon(listener.ended);
        assertThat(port.directory().size()).isZero();
    }
}
