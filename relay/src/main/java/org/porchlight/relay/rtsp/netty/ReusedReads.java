package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Reads every datagram of some channels of one loop into the same buffer, because what is kept of it is copied before the next read.
 * Handlers must not keep the datagram. Owner: the loop; closed by whoever made it, after the channels.
 */
final class ReusedReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int MAX_DATAGRAM = 65_535;
    private static final int READS_PER_WAKE_UP = 64;

    private @Nullable ByteBuf buffer;
    private boolean closed;

    ReusedReads() {
        super(READS_PER_WAKE_UP);
    }

    @Override
    @SuppressWarnings("deprecation") // the interface names it; nothing else implements reads
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return lend(allocator);
            }

            @Override
            public int guess() {
                return MAX_DATAGRAM;
            }
        };
    }

    private ByteBuf lend(ByteBufAllocator allocator) {
        if (closed) {
            return allocator.directBuffer(MAX_DATAGRAM);
        }
        ByteBuf current = buffer;
        if (current == null) {
            current = allocator.directBuffer(MAX_DATAGRAM, MAX_DATAGRAM);
            buffer = current;
        } else if (current.refCnt() > 1) {
            return allocator.directBuffer(MAX_DATAGRAM, MAX_DATAGRAM);
        }
        return current.retain().clear();
    }

    void close() {
        closed = true;
        ByteBuf current = buffer;
        buffer = null;
        if (current != null) {
            current.release();
        }
    }
}
