package org.porchlight.bench.camera.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.camera.Camera;
import org.porchlight.bench.camera.CameraOutput;
import org.porchlight.bench.camera.CameraPlayback;
import org.porchlight.bench.camera.FleetCounters;
import org.porchlight.bench.camera.LiveEncoder;

/** Runs a playback on its event loop: arms its timer, hands live frames over. Closed by the connection it serves. Owner: that loop. */
final class PlaybackDriver {
    private final Camera camera;
    private final CameraPlayback playback;
    private final CameraOutput output;
    private final Channel channel;
    private final EventLoop loop;
    private final FleetCounters counters;
    private final LiveEncoder.@Nullable Listener listener;
    private long startNanos;
    private @Nullable Future<?> timer;
    private boolean stopped;

    PlaybackDriver(
            Camera camera, CameraPlayback playback, CameraOutput output, Channel channel, FleetCounters counters) {
        this.camera = camera;
        this.playback = playback;
        this.output = output;
        this.channel = channel;
        this.counters = counters;
        loop = channel.eventLoop();
        listener = camera.live() == null
                ? null
                : template -> loop.execute(() -> {
                    if (!stopped) {
                        playback.live(
                                template,
                                Math.max(0, System.nanoTime() - startNanos),
                                epochNanos(),
                                channel.alloc(),
                                output);
                    }
                });
    }

    /** Starts within one frame time, each camera of a fleet at another moment of it. */
    void start() {
        assert loop.inEventLoop();
        counters.sessions.incrementAndGet();
        counters.sessionsStarted.increment();
        double share = camera.spec().number() * 0.6180339887 % 1;
        startNanos = System.nanoTime() + (long) (share * camera.media().videoFrameNanos());
        playback.start(startNanos);
        LiveEncoder live = camera.live();
        if (live != null && listener != null) {
            live.add(listener);
        }
        arm();
    }

    private void run() {
        if (!stopped) {
            playback.onDeadline(System.nanoTime(), epochNanos(), channel.alloc(), output);
            arm();
        }
    }

    private void arm() {
        long delay = Math.max(0, playback.nextDeadlineNanos() - System.nanoTime());
        timer = loop.schedule(this::run, delay, TimeUnit.NANOSECONDS);
    }

    void stop() {
        assert loop.inEventLoop();
        if (stopped) {
            return;
        }
        stopped = true;
        counters.sessions.decrementAndGet();
        if (timer != null) {
            timer.cancel(false);
        }
        LiveEncoder live = camera.live();
        if (live != null && listener != null) {
            live.remove(listener);
        }
    }

    static long epochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
