package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;

/**
 * The way from a stream to the viewers of one event loop: a bounded queue from one producer (the stream's loop) to one consumer (the
 * viewers' loop), one reference and at most one wake-up per batch, however many viewers there are. When both are the same loop the queue
 * is passed by.
 *
 * <p>Design note. A ring of references with one index on each side. The producer writes a slot and then its index with release order; the
 * consumer reads it with acquire order, so the slot's content is visible. {@code awake} is set by the producer that schedules the
 * consumer and cleared by the consumer before it looks at the queue, so no entry is left lying. Batches fill three quarters of the ring at
 * most; the rest is kept for joins, leaves and the end, which are never dropped. When the stream moves to another loop, the hand-over task orders
 * the two producers.
 */
final class LoopFanOut {
    static final int CAPACITY = 1024;

    private static final int MASK = CAPACITY - 1;
    private static final int MAX_BATCHES = CAPACITY * 3 / 4;

    private record Join(Subscriber subscriber, GopSnapshot snapshot) {}

    private record Leave(Subscriber subscriber) {}

    private record End(String reason) {}

    private static final Object GAP = new Object();

    private final EventExecutor consumerLoop;
    private final LoopEgress egress;
    private final Runnable drainTask = this::drain;
    private final AtomicReferenceArray<@Nullable Object> ring = new AtomicReferenceArray<>(CAPACITY);
    private final AtomicBoolean awake = new AtomicBoolean();

    // producer
    private int producerIndex;
    private int subscribers;
    private boolean gapPending;

    // consumer
    private int consumerIndex;

    // written by the consumer, read by the producer
    private volatile int consumed;
    // written by the producer, read by the consumer
    private volatile int produced;

    LoopFanOut(EventExecutor consumerLoop, LoopEgress egress) {
        this.consumerLoop = consumerLoop;
        this.egress = egress;
    }

    EventExecutor loop() {
        return consumerLoop;
    }

    /** Viewers that joined and did not leave, as the producer knows. */
    int subscribers() {
        return subscribers;
    }

    /**
     * @param snapshot owned by the callee
     * @return false when the queue has no room even for this; the snapshot is closed then
     */
    boolean join(Subscriber subscriber, GopSnapshot snapshot) {
        if (!offer(new Join(subscriber, snapshot), CAPACITY - 2)) {
            snapshot.close();
            return false;
        }
        subscribers++;
        wake();
        return true;
    }

    boolean leave(Subscriber subscriber) {
        if (!offer(new Leave(subscriber), CAPACITY - 1)) {
            return false;
        }
        subscribers--;
        wake();
        return true;
    }

    boolean end(String reason) {
        if (!offer(new End(reason), CAPACITY)) {
            return false;
        }
        subscribers = 0;
        wake();
        return true;
    }

    /**
     * @param batch borrowed
     * @param counters of the producer's loop
     */
    void batch(MediaBatch batch, LoopCounters counters) {
        if (subscribers == 0) {
            return;
        }
        if (consumerLoop.inEventLoop() && isEmpty()) {
            egress.onBatch(batch);
            egress.onEndOfBatches();
            return;
        }
        if (gapPending && offer(GAP, MAX_BATCHES)) {
            gapPending = false;
        }
        batch.retain();
        if (gapPending || !offer(batch, MAX_BATCHES)) {
            batch.release();
            gapPending = true;
            counters.increment(Counter.FAN_OUT_OVERFLOWS);
            return;
        }
        counters.increment(Counter.HANDOVERS);
        wake();
    }

    private boolean isEmpty() {
        return consumed == producerIndex;
    }

    private boolean offer(Object entry, int limit) {
        int at = producerIndex;
        if (at - consumed >= limit) {
            return false;
        }
        ring.setPlain(at & MASK, entry);
        producerIndex = at + 1;
        produced = at + 1;
        return true;
    }

    private void wake() {
        if (awake.compareAndSet(false, true)) {
            if (consumerLoop.inEventLoop()) {
                drain();
            } else {
                consumerLoop.execute(drainTask);
            }
        }
    }

    private void drain() {
        awake.set(false);
        boolean any = false;
        int at = consumerIndex;
        while (at != produced) {
            Object entry = ring.getPlain(at & MASK);
            ring.setPlain(at & MASK, null);
            at++;
            consumerIndex = at;
            consumed = at;
            any = true;
            tell(entry);
        }
        if (any) {
            egress.onEndOfBatches();
        }
    }

    private void tell(@Nullable Object entry) {
        if (entry instanceof MediaBatch batch) {
            try {
                egress.onBatch(batch);
            } finally {
                batch.release();
            }
        } else if (entry instanceof Join join) {
            egress.onJoin(join.subscriber(), join.snapshot());
        } else if (entry instanceof Leave leave) {
            egress.onLeave(leave.subscriber());
        } else if (entry instanceof End end) {
            egress.onEnd(end.reason());
        } else if (entry == GAP) {
            egress.onGap();
        }
    }
}
