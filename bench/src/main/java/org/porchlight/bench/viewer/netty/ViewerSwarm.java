package org.porchlight.bench.viewer.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.rtsp.Login;
import org.porchlight.bench.viewer.CutTally;
import org.porchlight.bench.viewer.LoopTally;
import org.porchlight.bench.viewer.ViewerPlan;

/** Many viewers on few event loops. Its methods are called by the thread that made it; each {@link Loop} belongs to its event loop. */
public final class ViewerSwarm {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int READ_BYTES = 64 << 10;
    private static final long COME_BACK_NANOS = 1_000_000_000L;

    private final List<Loop> loops = new ArrayList<>();

    /**
     * How all of them watch.
     *
     * @param receiveBufferBytes of each UDP socket
     * @param slowBytesPerSecond of viewers with slow manners
     * @param vanishAfterNanos mean time until a vanishing viewer is gone
     * @param comeBack frozen and slow viewers that were sent away join again
     */
    public record Settings(
            boolean udp,
            @Nullable Login login,
            long stallNanos,
            int receiveBufferBytes,
            long slowBytesPerSecond,
            long vanishAfterNanos,
            boolean gro,
            boolean comeBack) {}

    public ViewerSwarm(EventLoopGroup group, Settings settings, long seed) {
        SplittableRandom seeds = new SplittableRandom(seed);
        for (EventExecutor executor : group) {
            loops.add(new Loop((EventLoop) executor, settings, seeds.split()));
        }
    }

    /** Schedules the joins. */
    public void start(List<ViewerPlan> plans) {
        for (int i = 0; i < plans.size(); i++) {
            ViewerPlan plan = plans.get(i);
            Loop loop = loops.get(i % loops.size());
            loop.eventLoop.schedule(() -> loop.join(plan), plan.joinNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Forgets what was counted and freezes the viewers that shall freeze. Waits for the loops. */
    public void beginWindow() throws InterruptedException {
        for (Loop loop : loops) {
            loop.eventLoop.submit(loop::beginWindow).await();
        }
    }

    /** Figures since {@link #beginWindow}, all loops together. Waits for the loops. */
    public LoopTally endWindow() throws InterruptedException {
        LoopTally sum = new LoopTally();
        for (Loop loop : loops) {
            loop.eventLoop.submit(() -> loop.endWindow(sum)).await();
        }
        return sum;
    }

    /** Viewers that watch at the moment, about. */
    public int playing() throws InterruptedException {
        int[] sum = {0};
        for (Loop loop : loops) {
            loop.eventLoop.submit(() -> sum[0] += loop.playing).await();
        }
        return sum[0];
    }

    /** Viewers that could not join or were sent away so far, about. */
    public long failures() throws InterruptedException {
        long[] sum = {0};
        for (Loop loop : loops) {
            loop.eventLoop
                    .submit(() -> sum[0] += loop.tally.connectFailures + loop.tally.refused)
                    .await();
        }
        return sum[0];
    }

    /** From now on UDP sockets stay open when their connections end, so that no packet behind a cut is missed. Waits for the loops. */
    public void watchCut() throws InterruptedException {
        for (Loop loop : loops) {
            loop.eventLoop.submit(loop::watchCut).await();
        }
    }

    /** What the viewers that were there at {@link #watchCut} have seen of the cut so far. Waits for the loops. */
    public void tellCut(CutTally tally) throws InterruptedException {
        for (Loop loop : loops) {
            loop.eventLoop
                    .submit(() -> loop.witnesses.forEach(witness -> witness.tell(tally)))
                    .await();
        }
    }

    /** Says goodbye for all. */
    public void close() throws InterruptedException {
        for (Loop loop : loops) {
            loop.eventLoop.submit(loop::leave).await();
        }
    }

    /** The viewers of one event loop. Owner: that loop. */
    static final class Loop {
        final EventLoop eventLoop;
        final Settings settings;
        final SplittableRandom random;
        final Set<ViewerConnection> connections = new LinkedHashSet<>();
        /** Why servers refused, by status, for the report. */
        final Map<Integer, Integer> refusals = new LinkedHashMap<>();

        LoopTally tally = new LoopTally();
        /** Media of viewers without good manners. */
        LoopTally badManners = new LoopTally();

        int playing;
        boolean measuring;
        boolean watchingCut;
        boolean closing;
        List<ViewerConnection> witnesses = List.of();

        Loop(EventLoop eventLoop, Settings settings, SplittableRandom random) {
            this.eventLoop = eventLoop;
            this.settings = settings;
            this.random = random;
        }

        void join(ViewerPlan plan) {
            if (closing) {
                return;
            }
            ViewerConnection connection;
            try {
                connection = new ViewerConnection(this, plan);
            } catch (java.net.BindException e) {
                tally.connectFailures++;
                return;
            }
            connections.add(connection);
            boolean slow = plan.manners() == ViewerPlan.Manners.SLOW;
            new Bootstrap()
                    .group(eventLoop)
                    .channel(EpollSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(slow ? 2_048 : READ_BYTES).maxMessagesPerRead(slow ? 1 : 16))
                    .handler(connection)
                    .connect(plan.target().host(), plan.target().port())
                    .addListener(future -> {
                        if (!future.isSuccess()) {
                            tally.connectFailures++;
                            connection.closeSockets();
                            connections.remove(connection);
                        }
                    });
        }

        void onClosed(ViewerConnection connection, boolean comesBack) {
            connections.remove(connection);
            if (comesBack && !closing) {
                eventLoop.schedule(() -> join(connection.plan()), COME_BACK_NANOS, TimeUnit.NANOSECONDS);
            }
        }

        void beginWindow() {
            measuring = true;
            startTallies();
            connections.forEach(ViewerConnection::beginWindow);
        }

        void endWindow(LoopTally sum) {
            for (ViewerConnection connection : connections) {
                connection.endWindow();
            }
            tally.playing = playing;
            sum.add(tally);
            sum.addOfBadManners(badManners);
            startTallies();
        }

        private void startTallies() {
            tally = new LoopTally();
            badManners = new LoopTally();
            connections.forEach(ViewerConnection::adoptTallies);
        }

        LoopTally mediaTally(ViewerPlan.Manners manners) {
            return manners == ViewerPlan.Manners.GOOD ? tally : badManners;
        }

        void watchCut() {
            watchingCut = true;
            witnesses = connections.stream().filter(ViewerConnection::isWitness).toList();
        }

        void leave() {
            closing = true;
            witnesses.forEach(ViewerConnection::closeSockets);
            List.copyOf(connections).forEach(ViewerConnection::leave);
        }
    }
}
