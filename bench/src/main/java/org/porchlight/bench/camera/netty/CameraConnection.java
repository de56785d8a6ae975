package org.porchlight.bench.camera.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.CameraPlayback;
import org.porchlight.bench.camera.CameraSession;
import org.porchlight.bench.camera.FleetCounters;
import org.porchlight.bench.rtsp.RtspFramedHandler;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;

/** One client of the camera server. Owner: the loop of its connection. */
final class CameraConnection extends RtspFramedHandler {
    private final CameraSession session;
    private final UdpPair udp;
    private final FleetCounters counters;
    private final Runnable onClosed;
    private @Nullable ChannelHandlerContext context;
    private @Nullable PlaybackDriver driver;
    private @Nullable Future<?> reboot;

    CameraConnection(CameraSession session, UdpPair udp, FleetCounters counters, Runnable onClosed) {
        super(InterleavedFramer.Limits.server());
        this.session = session;
        this.udp = udp;
        this.counters = counters;
        this.onClosed = onClosed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void onMessage(RtspMessage message) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !(message instanceof RtspRequest request)) {
            return;
        }
        CameraSession.Reaction reaction = session.onRequest(request, System.nanoTime());
        if (reaction.response() != null) {
            ctx.writeAndFlush(RtspEncoder.encode(reaction.response(), ctx.alloc()), ctx.voidPromise());
        }
        switch (reaction.action()) {
            case NONE -> {}
            case START -> start(ctx);
            case STOP -> stop();
            case CLOSE -> ctx.close();
        }
    }

    private void start(ChannelHandlerContext ctx) {
        Camera camera = session.camera();
        CameraPlayback playback = session.playback();
        if (camera == null || playback == null) {
            return;
        }
        FrameSender sender =
                new FrameSender(ctx.channel(), udp, camera.media().tracks().size(), session.transports());
        PlaybackDriver started = new PlaybackDriver(camera, playback, sender, ctx.channel(), counters);
        driver = started;
        started.start();
        long untilReboot = camera.reboots().untilNext(System.nanoTime());
        if (untilReboot != Long.MAX_VALUE) {
            reboot = ctx.executor().schedule(() -> reboot(ctx), untilReboot, TimeUnit.NANOSECONDS);
        }
    }

    /** As a camera that loses power: the connection is reset, nothing is said. */
    private void reboot(ChannelHandlerContext ctx) {
        counters.reboots.increment();
        ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        ctx.close();
    }

    private void stop() {
        if (driver != null) {
            driver.stop();
            driver = null;
        }
        if (reboot != null) {
            reboot.cancel(false);
            reboot = null;
        }
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
        stop();
        onClosed.run();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        counters.sendFailures.increment();
        ctx.close();
    }
}
