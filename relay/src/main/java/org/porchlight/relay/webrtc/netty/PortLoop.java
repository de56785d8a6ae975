package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.DatagramTransport;
import org.porchlight.relay.egress.netty.UdpSender;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.webrtc.ice.DatagramKind;
import org.porchlight.relay.webrtc.ice.IceTransport;
import org.porchlight.relay.webrtc.ice.StunMessage;
import org.porchlight.relay.webrtc.ice.StunWriter;
import org.porchlight.relay.webrtc.session.Reception;
import org.porchlight.relay.webrtc.session.SessionEnd;

/** One loop's share of the port: its UDP socket and the sessions that live here. Owner: the loop, but for {@link #handedOver}. */
final class PortLoop extends ChannelInboundHandlerAdapter {
    /** Deadlines of sessions are seconds. */
    private static final long TICK_MILLIS = 250;

    private final EventLoop executor;
    private final LoopCounters counters;
    private final WebRtcSettings settings;
    private final SessionDirectory directory;
    private final StunGauge gauge;
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private final Set<HostedSession> sessions = new LinkedHashSet<>();
    private final Map<PortLoop, HandedPackets> handed = new HashMap<>();
    private @Nullable Channel channel;
    private @Nullable UdpSender sender;
    private boolean batching;
    private boolean unflushed;

    /** Shared: raised by loops that hand over to this one, lowered here. */
    private final AtomicInteger handedOver = new AtomicInteger();

    PortLoop(EventLoop executor, WebRtcSettings settings, SessionDirectory directory, int salt) {
        this.executor = executor;
        this.counters = settings.counters().apply(executor);
        this.settings = settings;
        this.directory = directory;
        this.gauge = new StunGauge(salt);
    }

    EventLoop executor() {
        return executor;
    }

    LoopCounters counters() {
        return counters;
    }

    AtomicInteger handedOver() {
        return handedOver;
    }

    /** The socket is bound; on the loop. */
    void begin(Channel bound) {
        channel = bound;
        sender = new UdpSender(bound, bound);
        var ticks = executor.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        bound.closeFuture().addListener(closed -> ticks.cancel(false));
    }

    /** For media of this loop's sessions. */
    DatagramTransport sender() {
        return Objects.requireNonNull(sender);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object received) {
        batching = true;
        try {
            if (received instanceof DatagramPacket packet) {
                onDatagram(packet.content(), packet.sender());
            }
        } finally {
            ReferenceCountUtil.release(received);
        }
    }

    private void onDatagram(ByteBuf packet, InetSocketAddress source) {
        HostedSession session;
        if (isStun(packet)) {
            session = sessionOfCheck(packet, source);
        } else {
            session = directory.byUdpAddress(source);
            if (session == null) {
                counters.increment(Counter.WEBRTC_DISCARDED_UNKNOWN);
            }
        }
        if (session == null) {
            return;
        }
        if (session.home() == this) {
            receive(session, IceTransport.UDP, source, packet, this);
        } else {
            handLater(session, IceTransport.UDP, source, packet);
        }
    }

    private static boolean isStun(ByteBuf packet) {
        return DatagramKind.of(packet, packet.readerIndex(), packet.readableBytes()) == DatagramKind.STUN;
    }

    /** A packet of a TCP connection on this loop that belongs to a session. */
    void receiveFramed(HostedSession session, InetSocketAddress source, ByteBuf packet) {
        if (session.home() != this) {
            handLater(session, IceTransport.TCP, source, packet);
        } else if (!isStun(packet) || parseCheck(packet) == session) {
            receive(session, IceTransport.TCP, source, packet, this);
        }
    }

    /** The session of a STUN message, which lies parsed in {@link #message} then; null: nobody's. */
    private @Nullable HostedSession parseCheck(ByteBuf packet) {
        if (message.parse(packet, packet.readerIndex(), packet.readableBytes()) != StunMessage.Parsing.OK) {
            counters.increment(Counter.WEBRTC_DISCARDED_MALFORMED);
            return null;
        }
        HostedSession session = directory.byUfrag(message.localUfrag());
        if (session == null) {
            counters.increment(Counter.WEBRTC_DISCARDED_UNKNOWN);
        }
        return session;
    }

    /** The session of a STUN message from an address that may send one more now; as {@link #parseCheck}. */
    @Nullable
    HostedSession sessionOfCheck(ByteBuf packet, InetSocketAddress source) {
        if (!gauge.admits(source, settings.nowNanos())) {
            counters.increment(Counter.WEBRTC_DISCARDED_RATE);
            return null;
        }
        return parseCheck(packet);
    }

    /** On a session's home: one packet, of which STUN lies parsed in {@link #message}. */
    private void receive(
            HostedSession session,
            IceTransport transport,
            InetSocketAddress source,
            ByteBuf packet,
            PortLoop arrivedOn) {
        long now = settings.nowNanos();
        count(
                isStun(packet)
                        ? session.receiveCheck(message, transport, source, arrivedOn, now, writer)
                        : session.receive(packet, transport, source, now));
    }

    private void count(Reception reception) {
        counters.increment(
                switch (reception) {
                    case TAKEN, VALID_CHECK, HARMLESS -> Counter.WEBRTC_RECEIVED;
                    case UNAUTHENTICATED, AUTH_FAILED -> Counter.WEBRTC_DISCARDED_UNAUTHENTICATED;
                    case REPLAYED -> Counter.WEBRTC_DISCARDED_REPLAYED;
                    case UNKNOWN_PATH, ENDED -> Counter.WEBRTC_DISCARDED_UNKNOWN;
                    case NO_KEYS -> Counter.WEBRTC_DISCARDED_EARLY;
                    case MALFORMED -> Counter.WEBRTC_DISCARDED_MALFORMED;
                });
    }

    /**
     * A packet for a session that may live on another loop.
     *
     * @param packet borrowed
     */
    private void handLater(HostedSession session, IceTransport transport, InetSocketAddress source, ByteBuf packet) {
        PortLoop target = session.home();
        if (!handed.computeIfAbsent(target, to -> new HandedPackets(this, to))
                .gather(session, transport, source, packet)) {
            counters.increment(Counter.WEBRTC_DISCARDED_BUSY);
        }
    }

    /** Packets that arrived on another loop. Owner of the packets. */
    void takeOver(List<HandedPackets.Packet> batch, PortLoop from) {
        counters.increment(Counter.HANDOVERS);
        batching = true;
        handedOver.addAndGet(-batch.size());
        for (HandedPackets.Packet one : batch) {
            ByteBuf packet = one.packet();
            try {
                takeOver(one, packet, from);
            } finally {
                packet.release();
            }
        }
        endOfRead();
    }

    private void takeOver(HandedPackets.Packet one, ByteBuf packet, PortLoop from) {
        HostedSession session = one.session();
        if (session.home() != this) {
            handLater(session, one.transport(), one.source(), packet);
            return;
        }
        if (!isStun(packet) || parseCheck(packet) == session) {
            receive(session, one.transport(), one.source(), packet, from);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        endOfRead();
    }

    /** What the packets just read have caused is sent and handed over. */
    void endOfRead() {
        batching = false;
        flush();
        handed.values().forEach(HandedPackets::flush);
    }

    private void flush() {
        Channel bound = channel;
        if (unflushed && bound != null) {
            unflushed = false;
            bound.flush();
        }
    }

    /**
     * Sends a packet from this loop's socket.
     *
     * @param packet owned by the callee
     */
    void offerDatagram(ByteBuf packet, InetSocketAddress recipient) {
        Channel bound = channel;
        if (bound == null) {
            packet.release();
            return;
        }
        bound.write(new DatagramPacket(packet, recipient), bound.voidPromise());
        unflushed = true;
        if (!batching) {
            flush();
        }
    }

    private void tick() {
        long now = settings.nowNanos();
        for (HostedSession session : new ArrayList<>(sessions)) {
            session.tick(now);
        }
    }

    /** A new session lives here. */
    void open(HostedSession session) {
        counters.increment(Counter.WEBRTC_OPENED);
        adopt(session);
    }

    /** A session lives here from now on. */
    void adopt(HostedSession session) {
        if (!session.session().isEnded()) {
            sessions.add(session);
        }
    }

    /** A session lives elsewhere from now on. */
    void release(HostedSession session) {
        sessions.remove(session);
    }

    /** A session has ended. */
    void forget(HostedSession session, SessionEnd end) {
        sessions.remove(session);
        counters.increment(
                switch (end) {
                    case NEVER_CONNECTED -> Counter.WEBRTC_CLOSED_NEVER_CONNECTED;
                    case HANDSHAKE_TIMEOUT, HANDSHAKE_FAILED -> Counter.WEBRTC_CLOSED_HANDSHAKE;
                    case OVERLOADED -> Counter.WEBRTC_CLOSED_OVERLOADED;
                    case CONSENT_EXPIRED -> Counter.WEBRTC_CLOSED_CONSENT;
                    case PEER_CLOSED -> Counter.WEBRTC_CLOSED_PEER;
                    case CLOSED -> Counter.WEBRTC_CLOSED_US;
                });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // An ICMP error of somebody's network: consent tells when a peer is gone.
        counters.increment(Counter.WEBRTC_SOCKET_ERRORS);
    }
}
