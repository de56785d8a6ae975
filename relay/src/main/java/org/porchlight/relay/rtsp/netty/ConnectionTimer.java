package org.porchlight.relay.rtsp.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a connection: armed after everything that may have moved its next deadline, and moved forward only, so that a deadline
 * that is put off costs nothing until it would have been. Owner: the connection's loop.
 */
final class ConnectionTimer {
    private final EventExecutor loop;
    private final LongSupplier nanoTime;
    private final Runnable onDue;

    private @Nullable ScheduledFuture<?> pending;
    private long pendingNanos;
    private boolean stopped;

    /** @param onDue run on the loop at the deadline or before; it does what is due, if anything is, and arms anew */
    ConnectionTimer(EventExecutor loop, LongSupplier nanoTime, Runnable onDue) {
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.onDue = onDue;
    }

    /** @param dueNanos the next deadline; {@link Long#MAX_VALUE}: none */
    void arm(long dueNanos) {
        if (dueNanos == Long.MAX_VALUE || stopped) {
            return;
        }
        ScheduledFuture<?> before = pending;
        if (before != null) {
            if (pendingNanos - dueNanos <= 0) {
                return;
            }
            before.cancel(false);
        }
        pendingNanos = dueNanos;
        pending = loop.schedule(this::fire, Math.max(0, dueNanos - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    }

    private void fire() {
        pending = null;
        if (!stopped) {
            onDue.run();
        }
    }

    /** Never fires again; may be repeated. */
    void stop() {
        stopped = true;
        ScheduledFuture<?> before = pending;
        pending = null;
        if (before != null) {
            before.cancel(false);
        }
    }
}
