package org.porchlight.bench.camera.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.BindException;
import java.net.InetSocketAddress;
import org.porchlight.relay.rtsp.NumberPair;

/**
 * An RTP and an RTCP socket on neighbouring ports, shared by all UDP sessions of one event loop: a thousand cameras need two sockets. What
 * comes in (receiver reports, hole punching) is thrown away. Owner: that loop.
 */
final class UdpPair implements AutoCloseable {
    private static final int ATTEMPTS = 64;
    private static final int SEND_BUFFER_BYTES = 4 << 20;
    /** Many sessions share the socket: a second of all of them may wait before one leaves frames out. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 << 20, 64 << 20);

    private final Channel rtp;
    private final Channel rtcp;

    private UdpPair(Channel rtp, Channel rtcp) {
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    /** Binds an even port and the next; waits, so not to be called on a loop. */
    static UdpPair bind(EventLoop loop, String address) throws BindException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Channel first = bind(loop, address, 0);
            int port = ((InetSocketAddress) first.localAddress()).getPort();
            if (port % 2 == 0) {
                Channel second = tryBind(loop, address, port + 1);
                if (second != null) {
                    return new UdpPair(first, second);
                }
            }
            first.close().syncUninterruptibly();
        }
        throw new BindException("no two neighbouring UDP ports free on " + address);
    }

    private static Channel bind(EventLoop loop, String address, int port) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ReferenceCountUtil.release(message);
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        // A port that nobody listens on any more; the RTSP connection tells when the session is over.
                    }
                })
                .bind(address, port)
                .syncUninterruptibly()
                .channel();
    }

    private static @org.jspecify.annotations.Nullable Channel tryBind(EventLoop loop, String address, int port) {
        try {
            return bind(loop, address, port);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) { // Netty throws the checked BindException from syncUninterruptibly
            return null;
        }
    }

    Channel rtp() {
        return rtp;
    }

    Channel rtcp() {
        return rtcp;
    }

    NumberPair ports() {
        return new NumberPair(
                ((InetSocketAddress) rtp.localAddress()).getPort(),
                ((InetSocketAddress) rtcp.localAddress()).getPort());
    }

    @Override
    public void close() {
        rtp.close();
        rtcp.close();
    }
}
