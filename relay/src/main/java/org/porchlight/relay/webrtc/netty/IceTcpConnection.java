package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.webrtc.ice.TcpFraming;

/**
 * A connection of ICE over TCP (RFC 6544, passive side): framed packets (RFC 4571), the first of which must be a check for one of our sessions; then it
 * is that session's for good. Owner: its channel's loop. Closed by its session, by the peer, or when no session's check came in time.
 */
final class IceTcpConnection extends ChannelInboundHandlerAdapter {
    /** Longest packet taken; a path of 1,500 bytes carries none longer. */
    private static final int MAX_PACKET = 2048;

    private static final long FIRST_CHECK_MILLIS = 10_000;

    private final PortLoop loop;
    private final Channel channel;
    private final InetSocketAddress remote;
    private @Nullable ByteBuf pending;
    private @Nullable HostedSession session;

    IceTcpConnection(PortLoop loop, Channel channel, InetSocketAddress remote) {
        this.loop = loop;
        this.channel = channel;
        this.remote = remote;
        channel.eventLoop().schedule(this::closeUnlessUsed, FIRST_CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void closeUnlessUsed() {
        if (session == null) {
            close();
        }
    }

    Channel channel() {
        return channel;
    }

    /** Any thread. */
    void close() {
        channel.close();
    }

    /**
     * Sends one packet.
     *
     * @param packet owned by the callee
     */
    void offerPacket(ByteBuf packet) {
        ByteBuf framed = channel.alloc().directBuffer(TcpFraming.HEADER_LENGTH + packet.readableBytes());
        TcpFraming.writeHeader(framed, packet.readableBytes());
        framed.writeBytes(packet);
        packet.release();
        channel.writeAndFlush(framed, channel.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = pending;
        pending = null;
        if (before != null) {
            before.writeBytes(in);
            in.release();
            in = before;
        }
        try {
            if (!takeFrames(in)) {
                close();
            } else if (in.isReadable()) {
                keep(in);
            }
        } finally {
            in.release();
        }
    }

    /** @return false: what comes is no framing or nobody's session */
    private boolean takeFrames(ByteBuf in) {
        while (true) {
            int length = TcpFraming.next(in, MAX_PACKET);
            if (length == TcpFraming.NEED_MORE) {
                return true;
            }
            if (length == TcpFraming.TOO_LONG) {
                loop.counters().increment(Counter.WEBRTC_DISCARDED_MALFORMED);
                return false;
            }
            if (length > 0 && !takePacket(in.slice(in.readerIndex(), length))) {
                return false;
            }
            in.skipBytes(length);
        }
    }

    private boolean takePacket(ByteBuf packet) {
        HostedSession owner = session;
        if (owner == null) {
            owner = loop.sessionOfCheck(packet, remote);
            if (owner == null) {
                return false;
            }
            session = owner;
            attach(owner);
        }
        loop.receiveFramed(owner, remote, packet);
        return true;
    }

    private void attach(HostedSession owner) {
        if (owner.home() == loop) {
            owner.addConnection(remote, this);
        } else {
            owner.execute(() -> owner.addConnection(remote, this));
        }
    }

    /** At most one incomplete frame. */
    private void keep(ByteBuf in) {
        ByteBuf rest = channel.alloc().directBuffer(2 * MAX_PACKET);
        rest.writeBytes(in);
        pending = rest;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        loop.endOfRead();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ByteBuf rest = pending;
        pending = null;
        if (rest != null) {
            rest.release();
        }
        HostedSession owner = session;
        if (owner != null) {
            owner.execute(() -> owner.removeConnection(remote, this));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        close();
    }
}
