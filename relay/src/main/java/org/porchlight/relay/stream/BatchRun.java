package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches one after the other, with a reference of each and an account of what they hold. Owner: the loop of the stream's source.
 */
final class BatchRun {
    private final GopBudget budget;
    private final ArrayDeque<MediaBatch> batches = new ArrayDeque<>();
    private long bytes;
    private long pinnedBytes;

    BatchRun(GopBudget budget) {
        this.budget = budget;
    }

    int size() {
        return batches.size();
    }

    /** Media bytes. */
    long bytes() {
        return bytes;
    }

    /** Capacity of the slabs that they keep from being reused. */
    long pinnedBytes() {
        return pinnedBytes;
    }

    @Nullable
    MediaBatch first() {
        return batches.peekFirst();
    }

    /** @param batch borrowed, retained here */
    void addLast(MediaBatch batch) {
        account(batch, batches.peekLast(), 1);
        batches.addLast((MediaBatch) batch.retain());
    }

    void dropFirst() {
        MediaBatch batch = batches.removeFirst();
        account(batch, batches.peekFirst(), -1);
        batch.release();
    }

    void dropLast() {
        MediaBatch batch = batches.removeLast();
        account(batch, batches.peekLast(), -1);
        batch.release();
    }

    /** Drops what stands before a batch; everything if it is not here. */
    void dropBefore(@Nullable MediaBatch kept) {
        while (!batches.isEmpty() && batches.peekFirst() != kept) {
            dropFirst();
        }
    }

    void clear() {
        dropBefore(null);
    }

    /** Moves everything to the end of another run. */
    void moveTo(BatchRun other) {
        for (MediaBatch batch : batches) {
            other.addLast(batch);
        }
        clear();
    }

    /** Adds each to a list, retained for its reader. */
    void retainInto(List<MediaBatch> copy) {
        for (MediaBatch batch : batches) {
            copy.add((MediaBatch) batch.retain());
        }
    }

    /** Neighbours in one slab pin it once. */
    @SuppressWarnings("ReferenceEquality") // the same memory, not equal bytes
    private void account(MediaBatch batch, @Nullable MediaBatch neighbour, int sign) {
        long change = (long) sign * batch.bytes();
        bytes += change;
        budget.add(change);
        ByteBuf slab = batch.slab();
        if (neighbour == null || neighbour.slab() != slab) {
            pinnedBytes += (long) sign * slab.capacity();
        }
    }
}
