package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;

/**
 * The way from a stream to the viewers of one event loop: a bounded queue from one producer (the stream's loop) to one consumer (the
 * viewers' loop), one reference and at most one wake-up per batch, however many viewers there are. When both are the same loop the queue
 * is passed by.
 *
 * <p>Design note. A ring of references with one index on each side. The producer writes a slot and then its index with release order; the
 * consumer reads it with acquire order, so the slot's content is visible. {@code awake} is set by the producer that schedules the
 * consumer and cleared by the consumer before it looks at the queue, so no entry is left lying. Batches fill three quarters of the ring at
 * most; the rest is kept for joins and leaves, which are refused rather than dropped; the end stands beside the ring and always finds
 * room. When the stream moves to another loop, the hand-over task orders the two producers.
 */
final class LoopFanOut {
    static final int CAPACITY = 1024;

    private static final int MASK = CAPACITY - 1;
    private static final int MAX_BATCHES = CAPACITY * 3 / 4;

    private record Join(Subscriber subscriber, GopSnapshot snapshot) {}

    private record Leave(Subscriber subscriber) {}

    private record Keyframe(Subscriber subscriber, GopSnapshot snapshot) {}

    private static final Object GAP = new Object();

    private final EventExecutor consumerLoop;
    private final LoopEgress egress;
    private final LoopCounters consumerCounters;
    private final Runnable drainTask = this::drain;
    private final AtomicReferenceArray<@Nullable Object> ring = new AtomicReferenceArray<>(CAPACITY);
    private final AtomicBoolean awake = new AtomicBoolean();

    // producer
    private final Set<Subscriber> members = Collections.newSetFromMap(new IdentityHashMap<>());
    private int producerIndex;
    private boolean gapPending;

    // consumer
    private int consumerIndex;
    private boolean telling;
    private boolean endTold;

    // written by the consumer, read by the producer
    private volatile int consumed;
    // written by the producer, read by the consumer; the end is written last of all
    private volatile int produced;
    private volatile @Nullable String endReason;

    LoopFanOut(EventExecutor consumerLoop, LoopEgress egress, LoopCounters consumerCounters) {
        this.consumerLoop = consumerLoop;
        this.egress = egress;
        this.consumerCounters = consumerCounters;
    }

    EventExecutor loop() {
        return consumerLoop;
    }

    /** Viewers that joined and did not leave, as the producer knows. */
    int subscribers() {
        return members.size();
    }

    boolean has(Subscriber subscriber) {
        return members.contains(subscriber);
    }

    /**
     * @param snapshot owned by the callee
     * @return false when the queue has no room even for this; the snapshot is closed then
     */
    boolean join(Subscriber subscriber, GopSnapshot snapshot) {
        tellGap(CAPACITY - 2);
        if (!offer(new Join(subscriber, snapshot), CAPACITY - 2)) {
            snapshot.close();
            return false;
        }
        members.add(subscriber);
        wake();
        return true;
    }

    /**
     * @param snapshot owned by the callee
     * @return false when the queue has no room; the snapshot is closed then
     */
    boolean keyframe(Subscriber subscriber, GopSnapshot snapshot) {
        tellGap(MAX_BATCHES);
        if (gapPending || !offer(new Keyframe(subscriber, snapshot), MAX_BATCHES)) {
            snapshot.close();
            return false;
        }
        wake();
        return true;
    }

    /** False when the queue has no room; the viewer is still a member then. */
    boolean leave(Subscriber subscriber) {
        if (!offer(new Leave(subscriber), CAPACITY)) {
            return false;
        }
        members.remove(subscriber);
        wake();
        return true;
    }

    /** Nothing may be produced after this call. */
    void end(String reason) {
        members.clear();
        endReason = reason;
        wake();
    }

    /**
     * @param batch borrowed
     * @param counters of the producer's loop
     * @param more another one follows at once: the viewers write both together
     */
    void batch(MediaBatch batch, LoopCounters counters, boolean more) {
        if (members.isEmpty()) {
            return;
        }
        if (consumerLoop.inEventLoop() && consumed == producerIndex && !gapPending && !telling) {
            tellAtOnce(batch, more);
            return;
        }
        tellGap(MAX_BATCHES);
        batch.retain();
        if (gapPending || !offer(batch, MAX_BATCHES)) {
            batch.release();
            gapPending = true;
            counters.increment(Counter.FAN_OUT_OVERFLOWS);
            wake();
            return;
        }
        counters.increment(Counter.HANDOVERS);
        counters.adjust(Level.FAN_OUT_QUEUED, 1);
        if (!more) {
            wake();
        }
    }

    private void tellAtOnce(MediaBatch batch, boolean more) {
        telling = true;
        try {
            egress.onBatch(batch);
            if (!more) {
                egress.onEndOfBatches();
            }
        } finally {
            telling = false;
        }
    }

    /** What was lost stands in the queue where it is missing, before anything that came later. */
    private void tellGap(int limit) {
        if (gapPending && offer(GAP, limit)) {
            gapPending = false;
        }
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
            if (consumerLoop.inEventLoop() && !telling) {
                drain();
            } else {
                consumerLoop.execute(drainTask);
            }
        }
    }

    private void drain() {
        awake.set(false);
        // Read before the queue: what was produced before the end is told before it.
        String end = endReason;
        boolean done = tellWaiting();
        if (!done) {
            // Other work of this loop gets its turn.
            if (awake.compareAndSet(false, true)) {
                consumerLoop.execute(drainTask);
            }
        } else if (end != null && !endTold) {
            endTold = true;
            egress.onEnd(end);
        }
    }

    /** Tells one ring's worth at most; true when nothing is left. */
    private boolean tellWaiting() {
        int at = consumerIndex;
        int last = at + CAPACITY;
        boolean any = false;
        telling = true;
        try {
            while (at != produced && at != last) {
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
        } finally {
            telling = false;
        }
        return at == produced;
    }

    private void tell(@Nullable Object entry) {
        if (entry instanceof MediaBatch batch) {
            consumerCounters.adjust(Level.FAN_OUT_QUEUED, -1);
            try {
                egress.onBatch(batch);
            } finally {
                batch.release();
            }
        } else if (entry instanceof Join join) {
            egress.onJoin(join.subscriber(), join.snapshot());
        } else if (entry instanceof Keyframe keyframe) {
            egress.onKeyframeCached(keyframe.subscriber(), keyframe.snapshot());
        } else if (entry instanceof Leave leave) {
            egress.onLeave(leave.subscriber());
        } else if (entry == GAP) {
            egress.onGap();
        }
    }
}
