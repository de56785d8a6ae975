package org.porchlight.relay.egress.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.porchlight.relay.egress.ByteTransport;
import org.porchlight.relay.egress.Pieces;
import org.porchlight.relay.egress.TestPieces;

class LoopbackSocketsTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BlockingQueue<EpollSocketChannel> accepted = new LinkedBlockingQueue<>();

    /** The two ways, the first also with buffers that tell no address. */
    enum Way {
        GATHERING,
        GATHERING_WITHOUT_ADDRESSES,
        PIPELINE
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private EpollSocketChannel connect(Socket client) throws Exception {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.SO_SNDBUF, 16_384)
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override
                    protected void initChannel(EpollSocketChannel channel) {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void exceptionCaught(io.netty.channel.ChannelHandlerContext ctx, Throwable cause) {
                                ctx.close();
                            }
                        });
                        accepted.add(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        client.setReceiveBufferSize(16_384);
        client.connect(server.localAddress());
        EpollSocketChannel channel = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
        server.close().sync();
        return channel;
    }

    private static ByteTransport transport(Way way, EpollSocketChannel channel) {
        return way == Way.PIPELINE
                ? new PipelineTransport(channel)
                : new GatheringSocket(channel, new GatheringSocket.IoVector());
    }

    /** Sends pieces of a buffer one gathering after the other, until all have left. Runs on the channel's loop. */
    private static final class Sender {
        private static final int MAX_PIECE = 4000;

        final ByteTransport transport;
        final ByteBuf data;
        final Random random = new Random(3);
        final CompletableFuture<Integer> done = new CompletableFuture<>();
        final Pieces pieces = new Pieces();
        int at;
        int blocks;

        Sender(ByteTransport transport, ByteBuf data) {
            this.transport = transport;
            this.data = data;
        }

        void run() {
            while (at < data.writerIndex()) {
                TestPieces.clear(pieces);
                int count = 1 + random.nextInt(Pieces.CAPACITY);
                int end = at;
                for (int i = 0; i < count && end < data.writerIndex(); i++) {
                    int length = Math.min(1 + random.nextInt(MAX_PIECE), data.writerIndex() - end);
                    assertThat(TestPieces.add(pieces, data, end, end + length)).isTrue();
                    end += length;
                }
                long taken = transport.send(pieces);
                if (taken < 0) {
                    done.complete(at);
                    return;
                }
                assertThat(taken).isLessThanOrEqualTo(pieces.bytes());
                at += (int) taken;
                if (taken < pieces.bytes()) {
                    blocks++;
                    int rest = Math.min(1000, data.writerIndex() - at);
                    ByteBuf slice = data.retainedSlice(at, rest);
                    at += rest;
                    transport.whenWritable(slice, this::run);
                    return;
                }
            }
            done.complete(at);
        }
    }

    private static ByteBuf random(Way way, int bytes) {
        byte[] content = new byte[bytes];
        new Random(9).nextBytes(content);
        ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer(bytes).writeBytes(content);
        return way == Way.GATHERING_WITHOUT_ADDRESSES ? new AddresslessBuffer(direct) : direct;
    }

    /** As on a JVM without Unsafe. */
    private static final class AddresslessBuffer extends io.netty.buffer.UnpooledDirectByteBuf {
        AddresslessBuffer(ByteBuf content) {
            super(ByteBufAllocator.DEFAULT, content.readableBytes(), content.readableBytes());
            writeBytes(content);
            content.release();
        }

        @Override
        public boolean hasMemoryAddress() {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void everyByteArrivesInOrderAtASlowReader(Way way) throws Exception {
        try (Socket client = new Socket()) {
            EpollSocketChannel channel = connect(client);
            ByteBuf data = random(way, 3_000_000);
            byte[] expected = new byte[3_000_000];
            data.getBytes(0, expected);
            Sender sender = new Sender(transport(way, channel), data);
            channel.eventLoop().execute(() -> {
                // An answer that was not flushed yet goes first.
                channel.write(Unpooled.copiedBuffer("RTSP/1.0 200 OK\r\n\r\n", StandardCharsets.US_ASCII));
                sender.run();
            });
            byte[] got = client.getInputStream().readNBytes(19 + expected.length);
            assertThat(new String(got, 0, 19, StandardCharsets.US_ASCII)).isEqualTo("RTSP/1.0 200 OK\r\n\r\n");
            assertThat(Arrays.equals(got, 19, got.length, expected, 0, expected.length))
                    .isTrue();
            assertThat(sender.done.get(10, TimeUnit.SECONDS)).isEqualTo(expected.length);
            assertThat(sender.blocks).isPositive();
            channel.close().sync();
            data.release();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aPeerThatResetsIsNoticed(Way way) throws Exception {
        ByteBuf data = random(way, 3_000_000);
        Socket client = new Socket();
        EpollSocketChannel channel = connect(client);
        Sender sender = new Sender(transport(way, channel), data);
        channel.eventLoop().submit(sender::run).sync();
        assertThat(sender.done).as("it does not read").isNotDone();
        assertThat(sender.blocks).isPositive();
        int sent = sender.at;
        assertThat(sent).isLessThan(data.writerIndex());
        client.setSoLinger(true, 0);
        client.close();
        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        channel.eventLoop().submit(sender::run).sync();
        assertThat(sender.done.get(10, TimeUnit.SECONDS)).isBetween(sent, data.writerIndex() - 1);
        data.release();
    }

    @Test
    void anAbruptCloseDiscardsWhatTheKernelHolds() throws Exception {
        ByteBuf data = random(Way.GATHERING, 500_000);
        try (Socket client = new Socket()) {
            EpollSocketChannel channel = connect(client);
            Sender sender = new Sender(transport(Way.GATHERING, channel), data);
            channel.eventLoop().submit(sender::run).sync();
            channel.config().setSoLinger(0);
            channel.close().sync();
            IOException reset = null;
            int read = 0;
            try {
                while (client.getInputStream().read() >= 0) {
                    read++;
                }
            } catch (IOException e) {
                reset = e;
            }
            assertThat(reset).isNotNull();
            assertThat(read).isLessThan(sender.at);
        }
        data.release();
    }

    @Test
    void runsOfDatagramsArriveOneByOne() throws Exception {
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            channels.add(new Bootstrap()
                    .group(group)
                    .channel(EpollDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel());
        }
        try (DatagramSocket rtp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket rtcp = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            rtp.setSoTimeout(10_000);
            rtcp.setSoTimeout(10_000);
            ByteBuf data = random(Way.GATHERING, 60 * 1000 + 2000 * 3);
            channels.get(0)
                    .eventLoop()
                    .submit(() -> {
                        UdpSender sender = new UdpSender(channels.get(0), channels.get(1));
                        InetSocketAddress to = (InetSocketAddress) rtp.getLocalSocketAddress();
                        assertThat(sender.isWritable()).isTrue();
                        sender.send(data, 10, 10 + 20 * 1000 + 77, 1000, to, false);
                        sender.send(data, 5, 105, 100, (InetSocketAddress) rtcp.getLocalSocketAddress(), true);
                        // Larger than a path takes: one by one.
                        sender.send(data, 0, 4500, 2000, to, false);
                        sender.flush();
                    })
                    .sync();
            int at = 10;
            for (int i = 0; i < 21; i++) {
                at += assertArrives(rtp, data, at, i < 20 ? 1000 : 77);
            }
            at = 0;
            for (int length : new int[] {2000, 2000, 500}) {
                at += assertArrives(rtp, data, at, length);
            }
            assertArrives(rtcp, data, 5, 100);
            for (Channel channel : channels) {
                channel.close().sync();
            }
            assertThat(data.refCnt()).isEqualTo(1);
            data.release();
        }
    }

    private static int assertArrives(DatagramSocket socket, ByteBuf data, int at, int length) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(packet);
        byte[] expected = new byte[length];
        data.getBytes(at, expected);
        assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(expected);
        return length;
    }
}
