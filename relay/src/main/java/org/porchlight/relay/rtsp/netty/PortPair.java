package org.porchlight.relay.rtsp.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.NumberPair;

/**
 * Two of our UDP ports for one direction of media: an even one for RTP and the next for RTCP (RFC 3550 section 11). Owner: the loop on
 * which it was opened, which closes it.
 */
final class PortPair {
    private static final int TRIES = 24;
    private static final int SOCKET_BUFFER_BYTES = 2 << 20;
    private static final int MAX_DATAGRAM = 65_535;
    private static final int READS_PER_WAKE_UP = 64;

    private final Channel rtp;
    private final Channel rtcp;

    private PortPair(Channel rtp, Channel rtcp) {
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    /** Makes the handler of one of the ports; called more often than there are ports. */
    interface Handlers {
        ChannelHandler handlerFor(boolean rtcpPort);
    }

    /**
     * Looks for two free neighbours.
     *
     * @param opened gets them on the loop, or null when there are none; not before this method has returned
     */
    static void open(EventLoop loop, InetAddress local, Handlers handlers, Consumer<@Nullable PortPair> opened) {
        loop.execute(() -> attempt(loop, local, handlers, opened, TRIES));
    }

    private static void attempt(
            EventLoop loop, InetAddress local, Handlers handlers, Consumer<@Nullable PortPair> opened, int tries) {
        if (tries == 0) {
            opened.accept(null);
            return;
        }
        bind(loop, local, 0, handlers.handlerFor(false)).addListener(first -> {
            if (!first.isSuccess()) {
                opened.accept(null);
                return;
            }
            Channel even = ((ChannelFuture) first).channel();
            int port = portOf(even);
            if ((port & 1) != 0) {
                even.close();
                attempt(loop, local, handlers, opened, tries - 1);
                return;
            }
            bind(loop, local, port + 1, handlers.handlerFor(true)).addListener(second -> {
                if (second.isSuccess()) {
                    opened.accept(new PortPair(even, ((ChannelFuture) second).channel()));
                } else {
                    even.close();
                    attempt(loop, local, handlers, opened, tries - 1);
                }
            });
        });
    }

    private static ChannelFuture bind(EventLoop loop, InetAddress local, int port, ChannelHandler handler) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(MAX_DATAGRAM).maxMessagesPerRead(READS_PER_WAKE_UP))
                .handler(handler)
                .bind(local, port);
    }

    Channel rtp() {
        return rtp;
    }

    Channel rtcp() {
        return rtcp;
    }

    NumberPair numbers() {
        return new NumberPair(portOf(rtp), portOf(rtcp));
    }

    private static int portOf(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    void close() {
        rtp.close();
        rtcp.close();
    }
}
