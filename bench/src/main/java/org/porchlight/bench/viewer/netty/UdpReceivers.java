package org.porchlight.bench.viewer.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.BindException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.NumberPair;

/** An RTP and an RTCP socket of one viewer on neighbouring ports. Owner: the viewer's event loop, on which it is also bound. */
final class UdpReceivers {
    private static final int ATTEMPTS = 64;
    private static final int DATAGRAM_BYTES = 2_048;
    private static final int COALESCED_BYTES = 65_535;

    private final Channel rtp;
    private final Channel rtcp;

    /** Takes RTP packets, on the loop. */
    interface Sink {
        void onRtp(ByteBuf buf, int offset, int length);
    }

    private UdpReceivers(Channel rtp, Channel rtcp) {
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    /** Called on the loop itself, where registration and bind of a datagram channel complete at once (a Bootstrap would defer the bind). */
    static UdpReceivers bind(EventLoop loop, ViewerSwarm.Settings settings, Sink sink) throws BindException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Channel first = tryBind(loop, settings, sink, 0);
            if (first == null) {
                break;
            }
            int port = ((InetSocketAddress) first.localAddress()).getPort();
            Channel second = port % 2 == 0 ? tryBind(loop, settings, null, port + 1) : null;
            if (second != null) {
                return new UdpReceivers(first, second);
            }
            first.close();
        }
        throw new BindException("no two neighbouring UDP ports free");
    }

    private static @Nullable Channel tryBind(
            EventLoop loop, ViewerSwarm.Settings settings, @Nullable Sink sink, int port) {
        boolean coalesced = settings.gro() && sink != null;
        EpollDatagramChannel channel = new EpollDatagramChannel();
        channel.config()
                .setReceiveBufferSize(sink == null ? 4_096 : settings.receiveBufferBytes())
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(coalesced ? COALESCED_BYTES : DATAGRAM_BYTES)
                        .maxMessagesPerRead(64));
        if (coalesced) {
            channel.config().setOption(EpollChannelOption.UDP_GRO, true);
        }
        channel.pipeline().addLast(new Receiver(sink));
        if (loop.register(channel).isSuccess()
                && channel.bind(new InetSocketAddress("0.0.0.0", port)).isSuccess()) {
            return channel;
        }
        channel.close();
        return null;
    }

    NumberPair ports() {
        return new NumberPair(
                ((InetSocketAddress) rtp.localAddress()).getPort(),
                ((InetSocketAddress) rtcp.localAddress()).getPort());
    }

    void setReading(boolean reading) {
        rtp.config().setAutoRead(reading);
    }

    void close() {
        rtp.close();
        rtcp.close();
    }

    private static final class Receiver extends ChannelInboundHandlerAdapter {
        private final @Nullable Sink sink;

        Receiver(@Nullable Sink sink) {
            this.sink = sink;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket datagram = (DatagramPacket) message;
            try {
                if (sink == null) {
                    return;
                }
                ByteBuf content = datagram.content();
                int segment = datagram instanceof SegmentedDatagramPacket segmented && segmented.segmentSize() > 0
                        ? segmented.segmentSize()
                        : content.readableBytes();
                for (int at = content.readerIndex(); at < content.writerIndex(); at += segment) {
                    sink.onRtp(content, at, Math.min(segment, content.writerIndex() - at));
                }
            } finally {
                datagram.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // ICMP errors of ports that are gone say nothing about this viewer
        }
    }
}
