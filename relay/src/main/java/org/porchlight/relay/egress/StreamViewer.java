package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;

/**
 * A viewer over a byte stream: RTSP interleaved on TCP, TLS or a tunnel. Owner: its loop.
 *
 * <p>Design note. Batches wait in a queue of references; a flush offers them to the socket in one gathering send. When the socket is full in the
 * middle of a frame, the rest of that one frame goes to the transport, which sends it when it can and then calls back; everything else stays in
 * the queue, where it can still be dropped. So a viewer that stops reading holds one frame in user space, and at most the contract's age of
 * shared slabs.
 */
public final class StreamViewer extends Viewer {
    private static final int FRAME_HEADER = 4;

    private final ByteTransport transport;
    private final Pieces pieces;
    private final BatchQueue queue = new BatchQueue();
    private int headRange;
    private int headOffset;
    private int queuedBytes;
    private boolean blocked;
    private long lastProgressNanos;
    private @Nullable Burst burst;
    private long burstDeadlineNanos;
    /** Has joined with a cached GOP and did not reach the live edge yet. */
    private boolean catchingUp;
    /** The head of the queue is a batch of the burst; live ones wait behind it. */
    private boolean headIsBurst;

    /** @param pieces scratch of the loop, shared by its viewers */
    public StreamViewer(ViewerSetting setting, ViewKey key, ByteTransport transport, Pieces pieces) {
        super(setting, key, StalenessLadder.TO_THE_END);
        this.transport = transport;
        this.pieces = pieces;
        this.lastProgressNanos = nanoTime.getAsLong();
    }

    @Override
    boolean hasBacklog() {
        return blocked || burst != null || !queue.isEmpty();
    }

    @Override
    void beginBurst(Burst cached) {
        burst = cached;
        catchingUp = true;
        burstDeadlineNanos = nanoTime.getAsLong() + contract.burstAge().toNanos();
    }

    @Override
    void enqueue(PreparedBatch prepared, int fromRange, long nowNanos) {
        int from = fromRange;
        if (blocked && isStale(nowNanos)) {
            dropQueue(nowNanos);
            if (isClosed() || !mayEnter(prepared)) {
                return;
            }
            from = Math.max(0, prepared.entryRange());
        }
        PreparedBatch kept = from == 0 ? (PreparedBatch) prepared.retain() : prepared.from(from);
        queue.addLast(kept);
        if (queue.size() == 1) {
            resetHead();
        }
        addQueued(kept.bytes());
    }

    private void addQueued(int bytes) {
        queuedBytes += bytes;
        counters.adjust(Level.VIEWER_QUEUED_BYTES, bytes);
    }

    private boolean isFrozen(long nowNanos) {
        return blocked && nowNanos - lastProgressNanos > contract.maxFrozen().toNanos();
    }

    private boolean isStale(long nowNanos) {
        if (isFrozen(nowNanos)) {
            return true;
        }
        if (queuedBytes > contract.maxBytes()) {
            return true;
        }
        if (catchingUp) {
            return nowNanos - burstDeadlineNanos > 0;
        }
        PreparedBatch oldest = queue.peekFirst();
        return oldest != null
                && nowNanos - oldest.arrivalNanos() > contract.maxAge().toNanos();
    }

    private void dropQueue(long nowNanos) {
        long packets = 0;
        for (int i = 0; i < queue.size(); i++) {
            packets += queue.get(i).packets();
        }
        long bytes = queuedBytes;
        boolean frozen = isFrozen(nowNanos);
        discardQueue();
        if (frozen) {
            counters.increment(Counter.STALE_DISCONNECTED);
            close("too_slow", true);
        } else {
            dropToKeyframe(packets, bytes, nowNanos);
        }
    }

    @Override
    void discardQueue() {
        Burst cached = burst;
        burst = null;
        headIsBurst = false;
        catchingUp = false;
        if (cached != null) {
            cached.close();
        }
        while (!queue.isEmpty()) {
            queue.removeFirst().release();
        }
        addQueued(-queuedBytes);
    }

    @Override
    void onTick(long nowNanos) {
        if (isFrozen(nowNanos)) {
            dropQueue(nowNanos);
        } else {
            recoverIfKeptUp(nowNanos);
        }
    }

    @Override
    void flush(long nowNanos) {
        while (!blocked && !isClosed()) {
            refillFromBurst();
            if (queue.isEmpty()) {
                catchingUp = false;
                return;
            }
            collect();
            long wanted = pieces.bytes();
            long taken = transport.send(pieces);
            pieces.clear();
            counters.increment(Counter.SENT_WRITES);
            if (taken < 0) {
                close("disconnected", true);
                return;
            }
            if (taken > 0) {
                lastProgressNanos = nowNanos;
                advance(taken, nowNanos);
            }
            if (taken < wanted) {
                block(nowNanos);
            }
        }
    }

    private void refillFromBurst() {
        Burst cached = burst;
        if (cached == null || headIsBurst) {
            return;
        }
        PreparedBatch next = cached.next();
        if (next == null) {
            burst = null;
            cached.close();
            return;
        }
        queue.addFirst(next);
        headIsBurst = true;
        resetHead();
        addQueued(next.bytes());
    }

    private void resetHead() {
        PreparedBatch head = queue.peekFirst();
        headRange = 0;
        headOffset = head == null ? 0 : head.start(0);
    }

    /** A batch of the burst goes alone, as the next one is made ready behind it; live batches go together. */
    private void collect() {
        int batches = headIsBurst ? 1 : queue.size();
        for (int i = 0; i < batches; i++) {
            if (!collect(queue.get(i), i == 0)) {
                return;
            }
        }
    }

    /** False when there is no room for more pieces. */
    private boolean collect(PreparedBatch batch, boolean isHead) {
        ByteBuf data = batch.data();
        for (int range = isHead ? headRange : 0; range < batch.ranges(); range++) {
            int start = isHead && range == headRange ? headOffset : batch.start(range);
            if (!pieces.add(data, start, batch.end(range))) {
                return false;
            }
        }
        return true;
    }

    /** So many bytes of the queue have left. */
    private void advance(long bytes, long nowNanos) {
        long left = bytes;
        long packets = 0;
        while (left > 0) {
            PreparedBatch head = queue.getFirst();
            int rest = head.end(headRange) - headOffset;
            if (left < rest) {
                headOffset += (int) left;
                break;
            }
            left -= rest;
            packets += head.packets(headRange);
            headRange++;
            if (headRange < head.ranges()) {
                headOffset = head.start(headRange);
            } else {
                if (head.hasKeyframeEnd()) {
                    onKeyframeSent(nowNanos);
                }
                queue.removeFirst().release();
                headIsBurst = false;
                resetHead();
            }
        }
        addQueued((int) -bytes);
        countSent(packets, bytes, nowNanos);
    }

    /** The socket is full: the frame that it cut, or the next one, goes to the transport; everything else stays droppable. */
    private void block(long nowNanos) {
        blocked = true;
        PreparedBatch head = queue.getFirst();
        int length = frameEnd(head) - headOffset;
        ByteBuf rest = head.data().retainedSlice(headOffset, length);
        advance(length, nowNanos);
        transport.whenWritable(rest, this::onWritable);
    }

    /** End of the frame in which the head's offset lies. */
    private int frameEnd(PreparedBatch head) {
        int at = head.start(headRange);
        while (at <= headOffset) {
            at += FRAME_HEADER + head.data().getUnsignedShort(at + 2);
        }
        return at;
    }

    private void onWritable() {
        if (isClosed()) {
            return;
        }
        long now = nanoTime.getAsLong();
        lastSendNanos = now;
        lastProgressNanos = now;
        if (isStale(now)) {
            dropQueue(now);
        }
        blocked = false;
        flush(now);
    }
}
