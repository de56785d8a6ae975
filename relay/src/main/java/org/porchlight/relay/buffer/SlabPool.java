package org.porchlight.relay.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Where media slabs come from: direct memory in 4 MiB chunks of its own, so that long-lived media and short-lived channel I/O do not
 * fragment each other. A slab holds packets of one stream only. Thread-safe.
 */
public final class SlabPool {
    public static final int MIN_SLAB_BYTES = 8 * 1024;
    /** Fits the largest interleaved frame (65,535 bytes and its header) with room for others. */
    public static final int MAX_SLAB_BYTES = 256 * 1024;

    private static final int PAGE_BYTES = 8192;
    private static final int CHUNK_ORDER = 9;

    private final PooledByteBufAllocator allocator;

    /** @param arenas how many threads may allocate without meeting each other; the number of media loops is right */
    public SlabPool(int arenas) {
        allocator = PooledByteBufAllocator.DEFAULT.isDirectBufferPooled()
                ? new PooledByteBufAllocator(true, 0, Math.max(1, arenas), PAGE_BYTES, CHUNK_ORDER, 0, 0, false)
                : PooledByteBufAllocator.DEFAULT;
    }

    /**
     * A slab of at least so many bytes; the caller owns its first reference.
     *
     * @param bytes rounded up to the next of four sizes per power of two, at least {@link #MIN_SLAB_BYTES}
     */
    public ByteBuf acquire(int bytes) {
        int size = sizeFor(bytes);
        return allocator.directBuffer(size, size);
    }

    /** Bytes of slabs that somebody holds. */
    public long bytesInUse() {
        return allocator.pinnedDirectMemory();
    }

    /** Bytes taken from the system, in use or kept for the next slab. */
    public long bytesReserved() {
        return allocator.metric().usedDirectMemory();
    }

    /** The size classes of the allocator below, so that nothing is wasted there: 4/4, 5/4, 6/4 and 7/4 of each power of two. */
    static int sizeFor(int bytes) {
        int atLeast = Math.max(bytes, MIN_SLAB_BYTES);
        int step = Integer.highestOneBit(atLeast - 1) >> 2;
        return (atLeast + step - 1) / step * step;
    }
}
