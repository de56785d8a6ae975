package org.porchlight.relay.stream;

import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop that runs when it is told, in virtual time. Several share one {@link Time}; all run on the thread of the test, and each
 * believes to be in its loop only while it runs.
 */
public final class ManualLoop extends AbstractScheduledEventExecutor {
    /** Virtual time of all loops of a test, and who runs now. */
    public static final class Time {
        private long nanos = 1_000_000_000L;
        private @Nullable ManualLoop running;
        private List<ManualLoop> loops = List.of();

        public List<ManualLoop> loops(int count) {
            loops = java.util.stream.IntStream.range(0, count)
                    .mapToObj(i -> new ManualLoop(this))
                    .toList();
            return loops;
        }

        public long nanos() {
            return nanos;
        }

        /** Runs every loop until nobody has anything to do. */
        public void settle() {
            boolean any = true;
            while (any) {
                any = false;
                for (ManualLoop loop : loops) {
                    any |= loop.runDue();
                }
            }
        }

        /** Lets time pass, timer by timer. */
        public void advanceMillis(long millis) {
            long end = nanos + TimeUnit.MILLISECONDS.toNanos(millis);
            settle();
            while (nextDeadline() <= end) {
                nanos = Math.max(nanos, nextDeadline());
                settle();
            }
            nanos = end;
        }

        /** Lets time pass at once; timers that are over run late. */
        public void jumpMillis(long millis) {
            nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        }

        private long nextDeadline() {
            long next = Long.MAX_VALUE;
            for (ManualLoop loop : loops) {
                long deadline = loop.nextDeadlineNanos();
                next = deadline < 0 ? next : Math.min(next, deadline);
            }
            return next;
        }
    }

    private final Time time;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    private ManualLoop(Time time) {
        this.time = time;
    }

    /** Runs a task as this loop, at once. */
    public void call(Runnable task) {
        ManualLoop before = time.running;
        time.running = this;
        try {
            task.run();
        } finally {
            time.running = before;
        }
    }

    /** Runs one task that waits; false: none did. */
    public boolean runOne() {
        call(this::takeDueTimers);
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        call(task);
        return true;
    }

    private void takeDueTimers() {
        for (Runnable due = pollScheduledTask(time.nanos); due != null; due = pollScheduledTask(time.nanos)) {
            tasks.add(due);
        }
    }

    /** Runs what waits; false: nothing did. */
    public boolean runDue() {
        boolean any = false;
        while (runOne()) {
            any = true;
        }
        return any;
    }

    private long nextDeadlineNanos() {
        return nextScheduledTaskDeadlineNanos();
    }

    @Override
    @SuppressWarnings("deprecation") // the ticker that replaces it is not asked for deadlines
    protected long getCurrentTimeNanos() {
        return time.nanos;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inEventLoop() {
        return time.running == this;
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return time.running == this;
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return terminationFuture();
    }

    @Override
    public Future<?> terminationFuture() {
        return GlobalEventExecutor.INSTANCE.newFailedFuture(new UnsupportedOperationException());
    }

    @Deprecated
    @Override
    public void shutdown() {}

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}
