package org.porchlight.bench.limit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.StringJoiner;

/** Second process of {@link JavaLimit}: takes and throws away. Prints its ports on one line and ends with its standard input. */
public final class JavaSink {

    private JavaSink() {}

    /** Throws away what comes. */
    @ChannelHandler.Sharable
    private static final class Discard extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    @SuppressWarnings("SystemOut") // the ports are what the other process waits for
    public static void main(String[] args) throws IOException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Discard discard = new Discard();
        StringJoiner ports = new StringJoiner(",");
        if (args[0].equals("tcp")) {
            Channel listener = new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerSocketChannel.class)
                    .option(ChannelOption.SO_BACKLOG, 4_096)
                    .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(256 << 10))
                    .childHandler(discard)
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .syncUninterruptibly()
                    .channel();
            ports.add(String.valueOf(((InetSocketAddress) listener.localAddress()).getPort()));
        } else {
            int sockets = Integer.parseInt(args[1]);
            for (int i = 0; i < sockets; i++) {
                Channel socket = new Bootstrap()
                        .group(loop)
                        .channel(EpollDatagramChannel.class)
                        .option(ChannelOption.SO_RCVBUF, 512 << 10)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(2_048).maxMessagesPerRead(64))
                        .handler(discard)
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .syncUninterruptibly()
                        .channel();
                ports.add(String.valueOf(((InetSocketAddress) socket.localAddress()).getPort()));
            }
        }
        System.out.println(ports);
        while (System.in.read() >= 0) {
            // until the other process is gone
        }
        System.exit(0);
    }
}
