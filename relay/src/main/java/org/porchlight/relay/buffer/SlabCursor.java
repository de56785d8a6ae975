package org.porchlight.relay.buffer;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The place where the next bytes of one connection or stream go: a current slab and a write index in it. Reads go one after the other
 * into the free space of the same slab, so that a kept packet pins little more than itself and its neighbours.
 *
 * <p>Owner: one event loop. {@link #close()} gives the current slab back; packets that others keep hold references of their own.
 *
 * <p>The first {@link #HEADROOM} bytes of a slab stay free, so that each packet, also the first, has room for an interleaved header
 * (RFC 2326 section 10.12) in front of it.
 */
public final class SlabCursor implements AutoCloseable {
    /** Bytes in front of each packet that belong to it: {@code $}, channel, length. */
    public static final int HEADROOM = 4;

    private final SlabPool pool;
    private int slabBytes = SlabPool.MIN_SLAB_BYTES;
    private @Nullable ByteBuf slab;
    private int writeIndex;

    /** @param slabBytes size of the slabs to take, see {@link #resize} */
    public SlabCursor(SlabPool pool, int slabBytes) {
        this.pool = pool;
        resize(slabBytes);
    }

    /** The current slab, lent until the next call that may roll. */
    public ByteBuf slab() {
        ByteBuf current = slab;
        if (current == null) {
            current = pool.acquire(slabBytes);
            slab = current;
            writeIndex = HEADROOM;
        }
        return current;
    }

    /** Index in {@link #slab()} of the first free byte. */
    public int writeIndex() {
        return writeIndex;
    }

    public int writableBytes() {
        ByteBuf current = slab;
        return current == null ? slabBytes - HEADROOM : current.capacity() - writeIndex;
    }

    /** Size of the slabs taken from now on, rounded up to a size of {@link SlabPool} within its bounds. */
    public void resize(int bytes) {
        slabBytes = SlabPool.sizeFor(Math.min(bytes, SlabPool.MAX_SLAB_BYTES));
    }

    /**
     * The free space of the current slab as a buffer to read a socket into; the caller owns it and calls {@link #advance} with what
     * was read. Does not roll while it has a byte free: roll with {@link #rollKeeping} first if that is too little.
     */
    public ByteBuf readView() {
        if (slab != null && slab.capacity() == writeIndex) {
            roll(slabBytes);
        }
        ByteBuf current = slab();
        return current.retainedSlice(writeIndex, current.capacity() - writeIndex)
                .clear();
    }

    /** So many bytes were written behind {@link #writeIndex()}. */
    public void advance(int bytes) {
        writeIndex += bytes;
    }

    /**
     * Takes a fresh slab and carries the bytes from {@code from} to the write index over to it: the beginning of a packet whose end is
     * still to come.
     *
     * @param minFree bytes that must be free behind them
     * @return where those bytes begin now
     */
    public int rollKeeping(int from, int minFree) {
        ByteBuf old = slab();
        int kept = writeIndex - from;
        ByteBuf fresh = pool.acquire(Math.max(slabBytes, HEADROOM + kept + minFree));
        fresh.setBytes(HEADROOM, old, from, kept);
        slab = fresh;
        writeIndex = HEADROOM + kept;
        old.release();
        return HEADROOM;
    }

    /**
     * Copies one packet behind the last one, with {@link #HEADROOM} in front.
     *
     * @param src borrowed
     * @return index in {@link #slab()}, asked for after this call, of the first copied byte
     */
    public int append(ByteBuf src, int index, int length) {
        if (writableBytes() < HEADROOM + length) {
            roll(Math.max(slabBytes, HEADROOM + length + HEADROOM));
        }
        ByteBuf current = slab();
        int offset = writeIndex == HEADROOM ? HEADROOM : writeIndex + HEADROOM;
        current.setBytes(offset, src, index, length);
        writeIndex = offset + length;
        return offset;
    }

    private void roll(int bytes) {
        ByteBuf old = slab;
        slab = pool.acquire(bytes);
        writeIndex = HEADROOM;
        if (old != null) {
            old.release();
        }
    }

    @Override
    public void close() {
        ByteBuf old = slab;
        slab = null;
        writeIndex = HEADROOM;
        if (old != null) {
            old.release();
        }
    }
}
