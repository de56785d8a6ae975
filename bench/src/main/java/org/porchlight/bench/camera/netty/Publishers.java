package org.porchlight.bench.camera.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.net.BindException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.FleetCounters;
import org.porchlight.bench.camera.PublisherSession;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.bench.rtsp.RtspFramedHandler;
import org.porchlight.bench.rtsp.RtspTarget;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspResponse;

/** The fleet as publishers: each connects, publishes, and comes back a second after its connection ends. */
public final class Publishers implements AutoCloseable {
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int KEEPALIVE_SECONDS = 25;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final Map<EventExecutor, UdpPair> udpPairs;
    private final FleetCounters counters;
    private final @Nullable Login login;
    private final boolean overUdp;
    private volatile boolean closed;

    private Publishers(
            Map<EventExecutor, UdpPair> udpPairs, FleetCounters counters, @Nullable Login login, boolean overUdp) {
        this.udpPairs = udpPairs;
        this.counters = counters;
        this.login = login;
        this.overUdp = overUdp;
    }

    /**
     * Starts all of them.
     *
     * @param pattern {@code rtsp://host:port/path{}}
     */
    public static Publishers start(
            EventLoopGroup loops,
            List<Camera> cameras,
            String pattern,
            boolean overUdp,
            @Nullable Login login,
            FleetCounters counters,
            long seed)
            throws BindException {
        Map<EventExecutor, UdpPair> pairs = new HashMap<>();
        for (EventExecutor loop : loops) {
            pairs.put(loop, UdpPair.bind((EventLoop) loop, "0.0.0.0"));
        }
        Publishers publishers = new Publishers(Map.copyOf(pairs), counters, login, overUdp);
        SplittableRandom seeds = new SplittableRandom(seed);
        for (Camera camera : cameras) {
            RtspTarget target = RtspTarget.of(pattern, camera.spec().number());
            publishers.connect(loops.next(), camera, target, seeds.split());
        }
        return publishers;
    }

    private void connect(EventLoop loop, Camera camera, RtspTarget target, SplittableRandom random) {
        if (closed) {
            return;
        }
        UdpPair udp = udpPairs.get(loop);
        if (udp == null) {
            throw new IllegalStateException("a loop that was not there at the start");
        }
        PublisherSession session =
                new PublisherSession(camera, target.uri(), overUdp ? udp.ports() : null, login, random);
        Runnable again = () -> loop.schedule(
                () -> connect(loop, camera, target, random),
                Math.max(
                        RETRY_NANOS,
                        camera.reboots().isDown(System.nanoTime())
                                ? camera.reboots().downNanos()
                                : 0),
                TimeUnit.NANOSECONDS);
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 4 << 20))
                .handler(new Connection(camera, session, udp, counters, random, again))
                .connect(target.host(), target.port());
        connected.addListener(future -> {
            if (!future.isSuccess()) {
                counters.connectFailures.increment();
                again.run();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        udpPairs.values().forEach(UdpPair::close);
    }

    /** One publishing connection. Owner: its loop. */
    private static final class Connection extends RtspFramedHandler {
        private final Camera camera;
        private final PublisherSession session;
        private final UdpPair udp;
        private final FleetCounters counters;
        private final SplittableRandom random;
        private final Runnable again;
        private @Nullable ChannelHandlerContext context;
        private @Nullable PlaybackDriver driver;
        private @Nullable Future<?> keepalive;
        private @Nullable Future<?> reboot;

        Connection(
                Camera camera,
                PublisherSession session,
                UdpPair udp,
                FleetCounters counters,
                SplittableRandom random,
                Runnable again) {
            super(InterleavedFramer.Limits.client());
            this.camera = camera;
            this.session = session;
            this.udp = udp;
            this.counters = counters;
            this.random = random;
            this.again = again;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            context = ctx;
            request(ctx);
        }

        private void request(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(RtspEncoder.encode(session.nextRequest(), ctx.alloc()), ctx.voidPromise());
        }

        @Override
        public void onMessage(RtspMessage message) {
            ChannelHandlerContext ctx = context;
            if (ctx == null || !(message instanceof RtspResponse response)) {
                return;
            }
            switch (session.onResponse(response)) {
                case REQUEST -> request(ctx);
                case RECORD -> record(ctx);
                case NOTHING -> {}
                case FAILED -> {
                    counters.requestsRefused.increment();
                    ctx.close();
                }
            }
        }

        private void record(ChannelHandlerContext ctx) {
            FrameSender sender =
                    new FrameSender(ctx.channel(), udp, camera.media().tracks().size(), session.transports());
            PlaybackDriver started =
                    new PlaybackDriver(camera, camera.newPlayback(counters, random), sender, ctx.channel(), counters);
            driver = started;
            started.start();
            keepalive = ctx.executor()
                    .scheduleAtFixedRate(() -> request(ctx), KEEPALIVE_SECONDS, KEEPALIVE_SECONDS, TimeUnit.SECONDS);
            long untilReboot = camera.reboots().untilNext(System.nanoTime());
            if (untilReboot != Long.MAX_VALUE) {
                reboot = ctx.executor().schedule(() -> reboot(ctx), untilReboot, TimeUnit.NANOSECONDS);
            }
        }

        private void reboot(ChannelHandlerContext ctx) {
            counters.reboots.increment();
            ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            ctx.close();
        }

        @Override
        public void onInterleaved(int channel, int offset, int length) {
            // receiver reports: a synthetic camera does not adapt
        }

        @Override
        public void onFatal(FramingError error) {
            if (context != null) {
                context.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (driver != null) {
                driver.stop();
            }
            if (keepalive != null) {
                keepalive.cancel(false);
            }
            if (reboot != null) {
                reboot.cancel(false);
            }
            again.run();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            counters.sendFailures.increment();
            ctx.close();
        }
    }
}
