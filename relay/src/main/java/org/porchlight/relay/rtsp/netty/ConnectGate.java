package org.porchlight.relay.rtsp.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.client.ConnectBudget;

/**
 * One {@link ConnectBudget} for all sources of a relay. Callable from any loop; the budget itself lives on one loop, which sources visit twice for
 * each connection.
 */
public final class ConnectGate {
    private final EventExecutor owner;
    private final LongSupplier nanoTime;

    // owner only
    private final ConnectBudget budget;
    private @Nullable ScheduledFuture<?> timer;

    /** A place in the line, until it is closed. */
    public final class Pass {
        private ConnectBudget.@Nullable Slot slot;
        private boolean closed;

        private Pass() {}

        /** Gives the place back; any thread, may be repeated. */
        public void close() {
            owner.execute(() -> {
                ConnectBudget.Slot taken = slot;
                closed = true;
                slot = null;
                if (taken != null) {
                    budget.release(taken, nanoTime.getAsLong());
                    arm();
                }
            });
        }
    }

    /** @param owner the loop that keeps the budget */
    public ConnectGate(EventExecutor owner, ConnectBudget.Limits limits, LongSupplier nanoTime) {
        this.owner = owner;
        this.nanoTime = nanoTime;
        this.budget = new ConnectBudget(limits);
    }

    /**
     * Asks for the right to connect.
     *
     * @param host compared as it is
     * @param loop where {@code granted} runs, not before this method has returned
     */
    public Pass enter(String host, EventExecutor loop, Runnable granted) {
        Pass pass = new Pass();
        owner.execute(() -> {
            if (!pass.closed) {
                pass.slot = budget.acquire(host, nanoTime.getAsLong(), () -> loop.execute(granted));
                arm();
            }
        });
        return pass;
    }

    private void arm() {
        ScheduledFuture<?> armed = timer;
        if (armed != null) {
            armed.cancel(false);
            timer = null;
        }
        long now = nanoTime.getAsLong();
        long next = budget.nextDeadlineNanos(now);
        if (next != Long.MAX_VALUE) {
            timer = owner.schedule(
                    () -> {
                        timer = null;
                        budget.onDeadline(nanoTime.getAsLong());
                        arm();
                    },
                    Math.max(0, next - now),
                    TimeUnit.NANOSECONDS);
        }
    }
}
