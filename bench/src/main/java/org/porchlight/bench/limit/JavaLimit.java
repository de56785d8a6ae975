package org.porchlight.bench.limit;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.porchlight.bench.report.ProcessCpu;

/**
 * The floor measured in this process by Netty, for machines without a C compiler. The sink is a second process of the same jar. The figures
 * hold the JVM's own work too (a warm-up comes first), so they are a little above the true floor.
 */
public final class JavaLimit {
    private static final int MAX_SEGMENTS = 64;
    private static final int MAX_MESSAGE_BYTES = 65_000;
    private static final double WARM_UP_SECONDS = 2;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 20, 128 << 20);

    private final LimitMode mode;
    private final FanOut fanOut;
    private final ByteBuf frame;
    private final List<Channel> channels = new ArrayList<>();
    private final List<InetSocketAddress> peers = new ArrayList<>();

    private JavaLimit(LimitMode mode, FanOut fanOut) {
        this.mode = mode;
        this.fanOut = fanOut;
        int header = mode.isTcp() ? 4 : 0;
        int bytes = (fanOut.packets() - 1) * (fanOut.packetBytes() + header) + fanOut.lastBytes() + header;
        frame = Unpooled.directBuffer(bytes).writeZero(bytes);
    }

    /** Runs one mode; the same figures as of the C program. */
    public static Map<String, Object> measure(LimitMode mode, FanOut fanOut) throws IOException, InterruptedException {
        Process sink = sinkProcess(mode, fanOut);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        JavaLimit limit = new JavaLimit(mode, fanOut);
        try (BufferedReader told = sink.inputReader(StandardCharsets.UTF_8)) {
            String ports = told.readLine();
            if (ports == null) {
                throw new IOException("the sink did not start");
            }
            limit.open(loop, ports.split(","));
            limit.run(loop, WARM_UP_SECONDS);
            return limit.run(loop, fanOut.seconds());
        } finally {
            sink.destroyForcibly();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2_000);
            limit.frame.release();
        }
    }

    private static Process sinkProcess(LimitMode mode, FanOut fanOut) throws IOException {
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                JavaSink.class.getName(),
                mode.isTcp() ? "tcp" : "udp",
                String.valueOf(fanOut.viewers()));
        return new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void open(EventLoopGroup loop, String[] ports) throws InterruptedException {
        for (int viewer = 0; viewer < fanOut.viewers(); viewer++) {
            int port = Integer.parseInt(ports[mode.isTcp() ? 0 : viewer]);
            InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            peers.add(peer);
            if (mode.isTcp()) {
                channels.add(new Bootstrap()
                        .group(loop)
                        .channel(EpollSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .handler(new ChannelInboundHandlerAdapter())
                        .connect(peer)
                        .sync()
                        .channel());
            }
        }
        if (!mode.isTcp()) {
            channels.add(new Bootstrap()
                    .group(loop)
                    .channel(EpollDatagramChannel.class)
                    .option(ChannelOption.SO_SNDBUF, 4 << 20)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel());
        }
    }

    private Map<String, Object> run(EventLoopGroup loop, double seconds) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        double cpu = ProcessCpu.ownSeconds();
        long interval = 1_000_000_000L / fanOut.framesPerSecond();
        long frames = 0;
        long late = 0;
        long next = begin;
        try {
            while (System.nanoTime() - begin < seconds * 1e9) {
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                    continue;
                }
                if (wait < -500_000_000L) {
                    next = System.nanoTime();
                    late++;
                }
                loop.submit(this::sendFrame).get();
                frames++;
                next += interval;
            }
        } catch (ExecutionException e) {
            throw new IOException("the sender of mode " + mode.word() + " failed", e);
        }
        double wall = (System.nanoTime() - begin) / 1e9;
        double used = ProcessCpu.ownSeconds() - cpu;
        double packets = (double) frames * fanOut.viewers() * fanOut.packets();
        double bits = (double) frames
                * fanOut.viewers()
                * ((double) (fanOut.packets() - 1) * fanOut.packetBytes() + fanOut.lastBytes())
                * 8;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("seconds", wall);
        figures.put("frames", (double) frames);
        figures.put("late", (double) late);
        figures.put("packets", packets);
        figures.put("gigabits", bits / 1e9);
        figures.put("cpuNanosPerPacket", used * 1e9 / packets);
        figures.put("cpuSecondsPerGigabit", used / (bits / 1e9));
        return figures;
    }

    private void sendFrame() {
        switch (mode) {
            case TCP ->
                channels.forEach(channel -> channel.writeAndFlush(frame.retainedDuplicate(), channel.voidPromise()));
            case TCP_PACKET -> channels.forEach(channel -> sendPieces(channel, fanOut.packetBytes() + 4));
            case UDP_GSO, UDP_MMSG -> sendSegmented(channels.get(0));
            case UDP_SENDTO -> sendDatagrams(channels.get(0));
        }
    }

    private void sendPieces(Channel channel, int piece) {
        for (int at = 0; at < frame.writerIndex(); at += piece) {
            int length = Math.min(piece, frame.writerIndex() - at);
            channel.writeAndFlush(frame.retainedSlice(at, length), channel.voidPromise());
        }
    }

    private void sendSegmented(Channel socket) {
        int perMessage = Math.min(MAX_SEGMENTS, MAX_MESSAGE_BYTES / fanOut.packetBytes()) * fanOut.packetBytes();
        for (InetSocketAddress peer : peers) {
            for (int at = 0; at < frame.writerIndex(); at += perMessage) {
                ByteBuf run = frame.retainedSlice(at, Math.min(perMessage, frame.writerIndex() - at));
                socket.write(
                        run.readableBytes() > fanOut.packetBytes()
                                ? new SegmentedDatagramPacket(run, fanOut.packetBytes(), peer)
                                : new DatagramPacket(run, peer),
                        socket.voidPromise());
            }
            if (mode == LimitMode.UDP_GSO) {
                socket.flush();
            }
        }
        socket.flush();
    }

    private void sendDatagrams(Channel socket) {
        for (InetSocketAddress peer : peers) {
            for (int at = 0; at < frame.writerIndex(); at += fanOut.packetBytes()) {
                int length = Math.min(fanOut.packetBytes(), frame.writerIndex() - at);
                socket.writeAndFlush(new DatagramPacket(frame.retainedSlice(at, length), peer), socket.voidPromise());
            }
        }
    }
}
