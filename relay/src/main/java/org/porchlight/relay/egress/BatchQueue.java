package org.porchlight.relay.egress;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What waits for one viewer, in order: a ring that is read by index, so that a look at all of it makes no object. Owner: the viewer's loop. */
final class BatchQueue {
    private @Nullable PreparedBatch[] ring = new PreparedBatch[4];
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The i-th from the front. */
    PreparedBatch get(int i) {
        PreparedBatch batch = i < size ? ring[slot(i)] : null;
        if (batch == null) {
            throw new IndexOutOfBoundsException(i + " of " + size);
        }
        return batch;
    }

    PreparedBatch getFirst() {
        return get(0);
    }

    @Nullable
    PreparedBatch peekFirst() {
        return size == 0 ? null : get(0);
    }

    void addLast(PreparedBatch batch) {
        growIfFull();
        ring[slot(size)] = batch;
        size++;
    }

    void addFirst(PreparedBatch batch) {
        growIfFull();
        head = (head - 1) & (ring.length - 1);
        ring[head] = batch;
        size++;
    }

    PreparedBatch removeFirst() {
        PreparedBatch first = get(0);
        ring[head] = null;
        head = slot(1);
        size--;
        return first;
    }

    private int slot(int i) {
        return (head + i) & (ring.length - 1);
    }

    private void growIfFull() {
        if (size < ring.length) {
            return;
        }
        @Nullable PreparedBatch[] larger = Arrays.copyOf(ring, ring.length * 2);
        for (int i = 0; i < size; i++) {
            larger[i] = ring[slot(i)];
        }
        Arrays.fill(larger, size, larger.length, null);
        ring = larger;
        head = 0;
    }
}
