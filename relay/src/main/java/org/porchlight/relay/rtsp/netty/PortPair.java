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
import org.porchlight.relay.rtsp.NumberPair;

/**
 * Two of our UDP ports for one direction of media: an even one for RTP and the next for RTCP (RFC 3550 section 11). Owner: the loop on
 * which it was opened, which closes it.
 */
final class PortPair {
    private static final int TRIES = 24;
    /** Room for a burst of keyframe packets; the kernel caps it at {@code net.core.rmem_max} and {@code wmem_max}. */
    private static final int SOCKET_BUFFER_BYTES = 2 << 20;

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
     * @param local address to bind
     * @param reads where datagrams are read; closed by the caller, after the ports
     * @param opened gets them on the loop, or null when there are none; not before this method has returned
     */
    static void open(
            EventLoop loop,
            InetAddress local,
            ReusedReads reads,
            Handlers handlers,
            Consumer<@Nullable PortPair> opened) {
        Search search = new Search(loop, local, reads, handlers, opened);
        loop.execute(() -> search.attempt(TRIES));
    }

    /** Asks the kernel for a port until it is an even one whose neighbour is free. */
    private record Search(
            EventLoop loop,
            InetAddress local,
            ReusedReads reads,
            Handlers handlers,
            Consumer<@Nullable PortPair> opened) {
        void attempt(int tries) {
            if (tries == 0) {
                opened.accept(null);
                return;
            }
            bind(0, handlers.handlerFor(false)).addListener(first -> {
                if (!first.isSuccess()) {
                    opened.accept(null);
                    return;
                }
                Channel even = ((ChannelFuture) first).channel();
                int port = portOf(even);
                if ((port & 1) != 0) {
                    even.close();
                    attempt(tries - 1);
                    return;
                }
                bind(port + 1, handlers.handlerFor(true)).addListener(second -> {
                    if (second.isSuccess()) {
                        opened.accept(new PortPair(even, ((ChannelFuture) second).channel()));
                    } else {
                        even.close();
                        attempt(tries - 1);
                    }
                });
            });
        }

        private ChannelFuture bind(int port, ChannelHandler handler) {
            return new Bootstrap()
                    .group(loop)
                    .channel(EpollDatagramChannel.class)
                    .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                    .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, reads)
                    .handler(handler)
                    .bind(local, port);
        }
    }

    Channel rtp() {
        return rtp;
    }

    Channel rtcp() {
        return rtcp;
    }

    /** Sends a datagram from one of the ports; {@code payload} is given away. */
    void send(boolean fromRtcpPort, ByteBuf payload, InetSocketAddress to) {
        Channel channel = fromRtcpPort ? rtcp : rtp;
        channel.writeAndFlush(new DatagramPacket(payload, to), channel.voidPromise());
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
