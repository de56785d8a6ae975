package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A short list of buffer ranges to send together. Reused; holds no references of its own. Owner: one loop. */
public final class Pieces {
    /** Ranges in one gathering send. */
    public static final int CAPACITY = 64;

    private final @Nullable ByteBuf[] buffers = new ByteBuf[CAPACITY];
    private final int[] starts = new int[CAPACITY];
    private final int[] ends = new int[CAPACITY];
    private int count;
    private long bytes;

    void clear() {
        for (int i = 0; i < count; i++) {
            buffers[i] = null;
        }
        count = 0;
        bytes = 0;
    }

    /** False when full. */
    boolean add(ByteBuf buffer, int start, int end) {
        if (count == CAPACITY) {
            return false;
        }
        buffers[count] = buffer;
        starts[count] = start;
        ends[count] = end;
        count++;
        bytes += end - start;
        return true;
    }

    public int count() {
        return count;
    }

    public long bytes() {
        return bytes;
    }

    /** Borrowed. */
    public ByteBuf buffer(int i) {
        ByteBuf buffer = i < count ? buffers[i] : null;
        if (buffer == null) {
            throw new IndexOutOfBoundsException("piece " + i + " of " + count);
        }
        return buffer;
    }

    /** Absolute index of the first byte. */
    public int start(int i) {
        return starts[i];
    }

    /** Absolute index behind the last byte. */
    public int end(int i) {
        return ends[i];
    }
}
