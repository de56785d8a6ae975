package org.porchlight.relay.server;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.metrics.LoopWatch;
import org.porchlight.relay.metrics.RelayMetrics;

/** The threads of the media plane: as many event loops as cores, each with its counters and its watch. Immutable after its making. */
final class MediaLoops {
    private static final long QUIET_MILLIS = 0;
    private static final long STOP_TIMEOUT_MILLIS = 1500;

    private final EventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();
    private final IdentityHashMap<EventExecutor, LoopCounters> counters = new IdentityHashMap<>();

    MediaLoops(int count, RelayMetrics metrics, LongSupplier nanoTime) {
        group = new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("media", false, Thread.MAX_PRIORITY), EpollIoHandler.newFactory());
        int number = 1;
        for (EventExecutor executor : group) {
            EventLoop loop = (EventLoop) executor;
            loops.add(loop);
            LoopCounters own = metrics.registerLoop("media-" + number++);
            counters.put(loop, own);
            watch(loop, metrics.watch(own), nanoTime);
        }
    }

    private static void watch(EventLoop loop, LoopWatch watch, LongSupplier nanoTime) {
        long period = LoopWatch.PERIOD.toMillis();
        loop.scheduleAtFixedRate(
                () -> watch.onTick(nanoTime.getAsLong(), pendingTasks(loop)), period, period, TimeUnit.MILLISECONDS);
    }

    private static int pendingTasks(EventLoop loop) {
        return loop instanceof SingleThreadEventExecutor single ? single.pendingTasks() : 0;
    }

    EventLoopGroup group() {
        return group;
    }

    List<EventLoop> loops() {
        return loops;
    }

    /** The counters of one of these loops. */
    LoopCounters counters(EventExecutor loop) {
        LoopCounters own = counters.get(loop);
        if (own == null) {
            throw new IllegalStateException(loop + " is no media loop");
        }
        return own;
    }

    boolean isRunning() {
        return !group.isShuttingDown();
    }

    CompletionStage<Void> stop() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        group.shutdownGracefully(QUIET_MILLIS, STOP_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .addListener(future -> done.complete(null));
        return done;
    }
}
