package org.porchlight.bench.camera.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.CameraGate;
import org.porchlight.bench.camera.CameraSession;
import org.porchlight.bench.camera.FleetCounters;

/** Serves the fleet by RTSP on one port. Close it before its event loops. */
public final class CameraServer implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 20_000;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private final Channel listener;
    private final Map<EventExecutor, UdpPair> udpPairs;

    private CameraServer(Channel listener, Map<EventExecutor, UdpPair> udpPairs) {
        this.listener = listener;
        this.udpPairs = udpPairs;
    }

    /**
     * Binds and serves.
     *
     * @param port 0: any
     * @param gate null: everybody may watch
     * @throws BindException when the address is taken
     */
    public static CameraServer start(
            EventLoopGroup loops,
            String address,
            int port,
            List<Camera> cameras,
            @Nullable CameraGate gate,
            FleetCounters counters,
            long seed)
            throws BindException {
        Map<String, Camera> byName = cameras.stream()
                .collect(Collectors.toMap(camera -> camera.spec().name(), Function.identity()));
        Map<EventExecutor, UdpPair> udpPairs = new HashMap<>();
        for (EventExecutor loop : loops) {
            udpPairs.put(loop, UdpPair.bind((EventLoop) loop, address));
        }
        Map<EventExecutor, UdpPair> pairs = Map.copyOf(udpPairs);
        AtomicInteger connections = new AtomicInteger();
        SplittableRandom seeds = new SplittableRandom(seed);
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1_024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.incrementAndGet() > MAX_CONNECTIONS) {
                            connections.decrementAndGet();
                            channel.close();
                            return;
                        }
                        UdpPair udp = pairs.get(channel.eventLoop());
                        SplittableRandom random;
                        synchronized (seeds) {
                            random = seeds.split();
                        }
                        if (udp == null) {
                            throw new IllegalStateException("a loop that was not there at the start");
                        }
                        CameraSession session = new CameraSession(byName, gate, udp.ports(), counters, random);
                        channel.pipeline()
                                .addLast(new CameraConnection(session, udp, counters, connections::decrementAndGet));
                    }
                })
                .bind(address, port)
                .syncUninterruptibly()
                .channel();
        return new CameraServer(listener, pairs);
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        udpPairs.values().forEach(UdpPair::close);
    }
}
