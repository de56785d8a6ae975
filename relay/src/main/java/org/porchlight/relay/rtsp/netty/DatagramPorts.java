package org.porchlight.relay.rtsp.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An even UDP port for RTP and the next one for RTCP (RFC 3550 section 11). Owner: the loop on which it was opened.
 */
final class DatagramPorts {
    private static final int TRIES = 24;
    /** Room for a burst of keyframe packets; the kernel caps it at {@code net.core.rmem_max}. */
    private static final int RECEIVE_BUFFER_BYTES = 2 << 20;

    private final Channel rtp;
    private final Channel rtcp;

    private DatagramPorts(Channel rtp, Channel rtcp) {
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    /** Makes handlers for the two channels. */
    interface Handlers {
        ChannelHandler forPort(boolean rtcpPort);
    }

    /**
     * Looks for a free pair.
     *
     * @param local address to bind
     * @param opened gets the pair, or null when there is none; on the loop, not before this method has returned
     */
    static void open(
            EventLoop loop,
            InetAddress local,
            ReusedReads reads,
            Handlers handlers,
            Consumer<@Nullable DatagramPorts> opened) {
        loop.execute(() -> tryOpen(loop, local, reads, handlers, opened, TRIES));
    }

    private static void tryOpen(
            EventLoop loop,
            InetAddress local,
            ReusedReads reads,
            Handlers handlers,
            Consumer<@Nullable DatagramPorts> opened,
            int tries) {
        if (tries == 0) {
            opened.accept(null);
            return;
        }
        bind(loop, local, 0, reads, handlers.forPort(false)).addListener(first -> {
            if (!first.isSuccess()) {
                opened.accept(null);
                return;
            }
            Channel one = ((ChannelFuture) first).channel();
            int port = ((InetSocketAddress) one.localAddress()).getPort();
            boolean even = (port & 1) == 0;
            int partner = even ? port + 1 : port - 1;
            bind(loop, local, partner, reads, handlers.forPort(true)).addListener(second -> {
                Channel two = ((ChannelFuture) second).channel();
                if (second.isSuccess() && even) {
                    opened.accept(new DatagramPorts(one, two));
                    return;
                }
                one.close();
                two.close();
                tryOpen(loop, local, reads, handlers, opened, tries - 1);
            });
        });
    }

    private static ChannelFuture bind(
            EventLoop loop, InetAddress local, int port, ReusedReads reads, ChannelHandler handler) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, reads)
                .handler(handler)
                .bind(local, port);
    }

    int rtpPort() {
        return ((InetSocketAddress) rtp.localAddress()).getPort();
    }

    int rtcpPort() {
        return ((InetSocketAddress) rtcp.localAddress()).getPort();
    }

    /** Sends a datagram from one of the ports; {@code payload} is given away. */
    void send(boolean fromRtcpPort, ByteBuf payload, InetSocketAddress to) {
        Channel channel = fromRtcpPort ? rtcp : rtp;
        channel.writeAndFlush(new DatagramPacket(payload, to), channel.voidPromise());
    }

    void close() {
        rtp.close();
        rtcp.close();
    }
}
