package org.porchlight.bench.viewer.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.net.BindException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.rtsp.RtspFramedHandler;
import org.porchlight.bench.viewer.CutTally;
import org.porchlight.bench.viewer.VideoTally;
import org.porchlight.bench.viewer.ViewerPlan;
import org.porchlight.bench.viewer.ViewerSession;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspResponse;

/** One viewer. Owner: the loop of its connection, on which its UDP sockets are too. */
final class ViewerConnection extends RtspFramedHandler {
    /** One pair for video and one for audio. */
    private static final int UDP_TRACKS = 2;

    private static final int SLOW_READ_BYTES = 2_048;

    private final ViewerSwarm.Loop loop;
    private final ViewerPlan plan;
    private final ViewerSession session;
    private final List<UdpReceivers> receivers = new ArrayList<>();
    private @Nullable VideoTally video;
    private @Nullable ChannelHandlerContext context;
    private int videoChannel = -1;
    private int videoPort = -1;
    private long readEpochNanos;
    private boolean playing;
    private boolean frozen;
    private boolean leaving;
    private boolean vanishing;
    private long lastPacketEpochNanos;
    private long endedEpochNanos;
    private @Nullable Future<?> keepalive;
    private @Nullable Future<?> manners;

    ViewerConnection(ViewerSwarm.Loop loop, ViewerPlan plan) throws BindException {
        super(InterleavedFramer.Limits.client());
        this.loop = loop;
        this.plan = plan;
        List<NumberPair> ports = new ArrayList<>();
        if (loop.settings.udp()) {
            try {
                for (int track = 0; track < UDP_TRACKS; track++) {
                    int index = track;
                    UdpReceivers receiver = UdpReceivers.bind(
                            loop.eventLoop, loop.settings, (buf, at, length) -> onDatagram(index, buf, at, length));
                    receivers.add(receiver);
                    ports.add(receiver.ports());
                }
            } catch (BindException e) {
                closeSockets();
                throw e;
            }
        }
        session = new ViewerSession(plan.target().uri(), ports, loop.settings.login(), loop.random.split());
    }

    ViewerPlan plan() {
        return plan;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        loop.tally.joined++;
        request(ctx);
    }

    private void request(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(RtspEncoder.encode(session.nextRequest(), ctx.alloc()), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        readEpochNanos = epochNanos();
        super.channelRead(ctx, message);
    }

    @Override
    public void onMessage(RtspMessage message) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !(message instanceof RtspResponse response)) {
            return;
        }
        switch (session.onResponse(response)) {
            case REQUEST -> request(ctx);
            case PLAY -> {
                prepare();
                request(ctx);
            }
            case PLAYING -> onPlaying(ctx);
            case NOTHING -> {}
            case FAILED -> {
                loop.tally.refused++;
                loop.refusals.merge(response.status(), 1, Integer::sum);
                ctx.close();
            }
        }
    }

    /** The tally must stand before PLAY is sent: media may come before its answer. */
    private void prepare() {
        List<ViewerSession.Track> tracks = session.tracks();
        for (int track = 0; track < tracks.size(); track++) {
            ViewerSession.Track described = tracks.get(track);
            if (described.video()) {
                videoChannel = described.channel();
                videoPort = track;
                VideoTally tally = new VideoTally(
                        loop.mediaTally(plan.manners()), described.hevc(), plan.camera(), loop.settings.stallNanos());
                tally.onPlay(epochNanos());
                video = tally;
            }
        }
    }

    private void onPlaying(ChannelHandlerContext ctx) {
        playing = true;
        loop.playing++;
        int seconds = session.keepaliveSeconds();
        keepalive = ctx.executor().scheduleAtFixedRate(() -> keepAlive(ctx), seconds, seconds, TimeUnit.SECONDS);
        switch (plan.manners()) {
            case GOOD -> {}
            case FROZEN -> {
                if (loop.measuring) {
                    freeze(ctx);
                }
            }
            case SLOW -> readSlowly(ctx);
            case VANISHING -> {
                long after = (long) (loop.settings.vanishAfterNanos() * (0.5 + loop.random.nextDouble()));
                manners = ctx.executor().schedule(() -> vanish(ctx), after, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void keepAlive(ChannelHandlerContext ctx) {
        if (!frozen) {
            request(ctx);
        }
    }

    private void freeze(ChannelHandlerContext ctx) {
        frozen = true;
        ctx.channel().config().setAutoRead(false);
        receivers.forEach(receiver -> receiver.setReading(false));
    }

    private void readSlowly(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(false);
        long interval = SLOW_READ_BYTES * 1_000_000_000L / Math.max(1, loop.settings.slowBytesPerSecond());
        manners = ctx.executor().scheduleAtFixedRate(ctx::read, interval, interval, TimeUnit.NANOSECONDS);
    }

    private void vanish(ChannelHandlerContext ctx) {
        vanishing = true;
        loop.tally.vanished++;
        ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        ctx.close();
    }

    @Override
    public void onInterleaved(int channel, int offset, int length) {
        if (channel == videoChannel && video != null) {
            lastPacketEpochNanos = readEpochNanos;
            video.onPacket(frameView(), offset, length, readEpochNanos);
        }
    }

    private void onDatagram(int track, ByteBuf buf, int offset, int length) {
        if (track == videoPort && video != null) {
            lastPacketEpochNanos = epochNanos();
            video.onPacket(buf, offset, length, lastPacketEpochNanos);
        }
    }

    void beginWindow() {
        if (video != null) {
            video.beginWindow(epochNanos());
        }
        if (plan.manners() == ViewerPlan.Manners.FROZEN && playing && context != null) {
            freeze(context);
        }
    }

    /** The loop has new tallies. */
    void adoptTallies() {
        if (video != null) {
            video.adopt(loop.mediaTally(plan.manners()));
        }
    }

    void endWindow() {
        if (video == null) {
            return;
        }
        if (plan.manners() == ViewerPlan.Manners.GOOD) {
            video.close();
        } else {
            video.beginWindow(epochNanos());
        }
    }

    /** Whether a cut shows at it: it reads whatever comes, and had a picture. */
    boolean isWitness() {
        return plan.manners() == ViewerPlan.Manners.GOOD && lastPacketEpochNanos != 0;
    }

    void tell(CutTally tally) {
        tally.add(lastPacketEpochNanos, endedEpochNanos);
    }

    void leave() {
        leaving = true;
        ChannelHandlerContext ctx = context;
        if (ctx == null || !ctx.channel().isActive()) {
            return;
        }
        if (playing && !frozen) {
            ctx.writeAndFlush(RtspEncoder.encode(session.teardown(), ctx.alloc()));
        }
        ctx.close();
    }

    void closeSockets() {
        receivers.forEach(UdpReceivers::close);
    }

    @Override
    public void onFatal(FramingError error) {
        loop.tally.disconnected++;
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        boolean slow = frozen || plan.manners() == ViewerPlan.Manners.SLOW;
        if (playing) {
            loop.playing--;
            if (!leaving && !vanishing) {
                if (slow) {
                    loop.tally.slowDisconnected++;
                } else {
                    loop.tally.disconnected++;
                }
            }
            if (!leaving && plan.manners() == ViewerPlan.Manners.GOOD && video != null) {
                video.close();
            }
        }
        if (keepalive != null) {
            keepalive.cancel(false);
        }
        if (manners != null) {
            manners.cancel(false);
        }
        endedEpochNanos = epochNanos();
        if (!loop.watchingCut) {
            closeSockets();
        }
        loop.onClosed(this, vanishing || (slow && loop.settings.comeBack()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    static long epochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
