package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.buffer.SlabCursor;

/**
 * Where a connection's reads go: into the free space of a slab while media comes in, into small buffers otherwise. Set it as the channel's
 * {@code RECVBUF_ALLOCATOR} before its first read; one per channel. Owner: the channel's loop.
 *
 * <p>With a slab in use, the buffer that arrives in {@code channelRead} is a view of the slab's free space: the handler calls
 * {@link SlabCursor#advance} with what was read, releases the view and parses the slab itself.
 */
public final class SlabReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int READS_PER_WAKE_UP = 16;
    private static final int SMALL_BYTES = 4096;

    private @Nullable SlabCursor cursor;

    public SlabReads() {
        super(READS_PER_WAKE_UP);
    }

    /** Reads go into this cursor's slab from now on; null: into small buffers. Takes effect with the next read. */
    public void use(@Nullable SlabCursor slabs) {
        cursor = slabs;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface names it; nothing else implements reads
    public Handle newHandle() {
        return new SlabHandle();
    }

    private final class SlabHandle extends MaxMessageHandle {
        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            SlabCursor slabs = cursor;
            return slabs == null ? allocator.directBuffer(SMALL_BYTES) : slabs.readView();
        }

        @Override
        public int guess() {
            SlabCursor slabs = cursor;
            return slabs == null ? SMALL_BYTES : slabs.writableBytes();
        }
    }
}
