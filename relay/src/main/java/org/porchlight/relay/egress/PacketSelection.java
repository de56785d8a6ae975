package org.porchlight.relay.egress;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Packets of a ring that leave together. Scratch; holds no references of its own. Owner: one viewer. */
final class PacketSelection {
    /** One segmented send takes no more. */
    static final int CAPACITY = DatagramRuns.MAX_SEGMENTS;

    private final @Nullable PacketizedBatch[] batches = new PacketizedBatch[CAPACITY];
    private final int[] indices = new int[CAPACITY];
    private int count;
    private int bytes;

    void clear() {
        Arrays.fill(batches, 0, count, null);
        count = 0;
        bytes = 0;
    }

    void add(PacketizedBatch batch, int i, int length) {
        batches[count] = batch;
        indices[count] = i;
        count++;
        bytes += length;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    int count() {
        return count;
    }

    /** Bytes of all when they are protected. */
    int bytes() {
        return bytes;
    }

    PacketizedBatch batch(int n) {
        PacketizedBatch batch = n < count ? batches[n] : null;
        if (batch == null) {
            throw new IndexOutOfBoundsException(n + " of " + count);
        }
        return batch;
    }

    int index(int n) {
        return indices[n];
    }
}
