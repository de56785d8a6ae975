package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.DatagramTransport;
import org.porchlight.relay.webrtc.dtls.DtlsConnection;
import org.porchlight.relay.webrtc.dtls.DtlsListener;
import org.porchlight.relay.webrtc.ice.IceCredentials;
import org.porchlight.relay.webrtc.ice.IcePath;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.ice.StunMessage;
import org.porchlight.relay.webrtc.ice.StunWriter;
import org.porchlight.relay.webrtc.session.Reception;
import org.porchlight.relay.webrtc.session.SessionEnd;
import org.porchlight.relay.webrtc.session.SessionListener;
import org.porchlight.relay.webrtc.session.SessionOutlet;
import org.porchlight.relay.webrtc.session.SessionPlan;
import org.porchlight.relay.webrtc.session.WebRtcSession;

/**
 * A session on the node's port. Owner: its home, one of the port's loops, which changes once at most, before the handshake; {@link #execute}
 * finds it. Ends itself, by {@link #close}, or with its port.
 */
public final class HostedSession {
    private static final long TCP_LINGER_MILLIS = 500;

    private final WebRtcPort port;
    private final SessionPlan plan;
    private final SessionListener listener;
    private final WebRtcSession core;
    private volatile PortLoop home;

    // The home's.
    private final Set<String> ufrags = new HashSet<>();
    private final List<IcePath> paths = new ArrayList<>(2);
    private final Map<InetSocketAddress, IceTcpConnection> tcp = new HashMap<>(2);
    private @Nullable TcpTransport tcpTransport;

    HostedSession(WebRtcPort port, PortLoop home, SessionPlan plan, SessionListener listener, long nowNanos) {
        this.port = port;
        this.home = home;
        this.plan = plan;
        this.listener = listener;
        ufrags.add(plan.local().ufrag());
        core = new WebRtcSession(plan, port.settings().ciphers(), nowNanos, new Outlet(), new Inlet());
    }

    /** What the core asks of the port. */
    private final class Outlet implements SessionOutlet {
        @Override
        public void offerPacket(ByteBuf packet, IcePath path) {
            if (path.transport() == IceTransport.UDP) {
                home.offerDatagram(packet, path.remote());
                return;
            }
            IceTcpConnection connection = tcp.get(path.remote());
            if (connection == null) {
                packet.release();
            } else {
                connection.offerPacket(packet);
            }
        }

        @Override
        public DtlsLink openDtls(DtlsListener session) {
            DtlsConnection connection = port.settings().dtls().open(plan.dtls(), home.executor(), session);
            return new DtlsLink() {
                @Override
                public void receive(ByteBuf datagram) {
                    connection.receive(datagram);
                }

                @Override
                public void close() {
                    connection.close();
                }
            };
        }

        @Override
        public void onRetired(String localUfrag) {
            ufrags.remove(localUfrag);
            port.directory().forget(localUfrag, HostedSession.this);
        }
    }

    /** What the core tells, passed on; the end also to the directory. */
    private final class Inlet implements SessionListener {
        @Override
        public void onConnected(WebRtcSession session, long nowNanos) {
            listener.onConnected(session, nowNanos);
        }

        @Override
        public void onPath(IcePath path) {
            listener.onPath(path);
        }

        @Override
        public void onRtp(ByteBuf packet, int index, int length, long nowNanos) {
            listener.onRtp(packet, index, length, nowNanos);
        }

        @Override
        public void onRtcp(ByteBuf packet, int index, int length, long nowNanos) {
            listener.onRtcp(packet, index, length, nowNanos);
        }

        @Override
        public void onEnded(SessionEnd end) {
            leave(end);
            listener.onEnded(end);
        }
    }

    private void leave(SessionEnd end) {
        SessionDirectory directory = port.directory();
        ufrags.forEach(ufrag -> directory.forget(ufrag, this));
        ufrags.clear();
        paths.forEach(path -> directory.removePath(path, this));
        paths.clear();
        directory.leave(this);
        home.forget(this, end);
        if (!tcp.isEmpty()) {
            // Its last word, DTLS's close_notify, is still being written.
            home.executor().schedule(this::closeConnections, TCP_LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void closeConnections() {
        List.copyOf(tcp.values()).forEach(IceTcpConnection::close);
    }

    PortLoop home() {
        return home;
    }

    /** Runs a task on the loop that owns the session, now or soon; any thread. */
    public void execute(Runnable task) {
        PortLoop before = home;
        before.executor().execute(() -> {
            if (home == before) {
                task.run();
            } else {
                execute(task);
            }
        });
    }

    /** The session; its loop only. */
    public WebRtcSession session() {
        assert home.executor().inEventLoop();
        return core;
    }

    /** The loop that owns the session, for good once it is connected. */
    public EventLoop loop() {
        return home.executor();
    }

    /** Takes a STUN message that this loop has just parsed. */
    Reception receiveCheck(
            StunMessage message,
            IceTransport transport,
            InetSocketAddress source,
            PortLoop arrivedOn,
            long nowNanos,
            StunWriter writer) {
        Reception reception = core.receiveCheck(message, transport, source, nowNanos, writer);
        if (reception == Reception.VALID_CHECK) {
            addPath(transport, source);
            if (arrivedOn != home && core.isMovable()) {
                moveTo(arrivedOn);
            }
        }
        return reception;
    }

    Reception receive(ByteBuf packet, IceTransport transport, InetSocketAddress source, long nowNanos) {
        return core.receive(packet, packet.readerIndex(), packet.readableBytes(), transport, source, nowNanos);
    }

    private void addPath(IceTransport transport, InetSocketAddress source) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).is(transport, source)) {
                return;
            }
        }
        prunePaths();
        IcePath path = new IcePath(transport, source);
        if (port.directory().addPath(path, this)) {
            paths.add(path);
        }
    }

    /** Forgets the addresses that the agent has given up. */
    private void prunePaths() {
        for (int i = paths.size() - 1; i >= 0; i--) {
            IcePath path = paths.get(i);
            if (!core.isValidPath(path.transport(), path.remote())) {
                paths.remove(i);
                port.directory().removePath(path, this);
            }
        }
    }

    void tick(long nowNanos) {
        if (core.nextDeadlineNanos() - nowNanos <= 0) {
            core.onDeadline(nowNanos);
        }
        prunePaths();
    }

    private void moveTo(PortLoop other) {
        home.release(this);
        // The last that this loop does with it; whoever sees the new home sees all that was done here.
        home = other;
        other.executor().execute(() -> other.adopt(this));
    }

    /** A TCP connection has spoken for this session; its loop. */
    void addConnection(InetSocketAddress source, IceTcpConnection connection) {
        if (core.isEnded()) {
            connection.close();
            return;
        }
        IceTcpConnection before = tcp.put(source, connection);
        if (before != null && before != connection) {
            before.close();
        }
    }

    void removeConnection(InetSocketAddress source, IceTcpConnection connection) {
        if (tcp.remove(source, connection)) {
            core.onTcpClosed(source);
            prunePaths();
        }
    }

    /**
     * The way to the session's path for media. Asked again whenever the path changes.
     *
     * @param path as told by {@link SessionListener#onPath}
     */
    public DatagramTransport transport(IcePath path) {
        if (path.transport() == IceTransport.UDP) {
            return home.sender();
        }
        TcpTransport transport = tcpTransport;
        if (transport == null) {
            transport = new TcpTransport(this::channel);
            tcpTransport = transport;
        }
        return transport;
    }

    private @Nullable Channel channel(InetSocketAddress remote) {
        IceTcpConnection connection = tcp.get(remote);
        return connection == null ? null : connection.channel();
    }

    /** Ends it; any thread. */
    public void close() {
        execute(core::close);
    }

    /**
     * ICE restart; any thread.
     *
     * @param random of cryptographic strength
     * @return our new credentials, for the answer; fails when the session has ended
     */
    public CompletionStage<IceCredentials> restart(IceCredentials newRemote, RandomGenerator random) {
        IceCredentials fresh = IceCredentials.generate(random);
        CompletableFuture<IceCredentials> done = new CompletableFuture<>();
        execute(() -> {
            if (core.isEnded() || !port.directory().alias(fresh.ufrag(), this)) {
                done.completeExceptionally(new IllegalStateException("the session has ended"));
                return;
            }
            ufrags.add(fresh.ufrag());
            core.restart(fresh, newRemote);
            done.complete(fresh);
        });
        return done;
    }
}
