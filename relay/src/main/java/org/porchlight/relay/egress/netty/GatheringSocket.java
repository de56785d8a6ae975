package org.porchlight.relay.egress.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.porchlight.relay.egress.ByteTransport;
import org.porchlight.relay.egress.Pieces;

/**
 * A viewer's plain TCP connection: one {@code write} or {@code writev} per flush, straight from the shared buffers, without an object, a
 * copy or a promise. Owner: the channel's loop.
 *
 * <p>Design note. What the protocol writes (answers to requests) goes through the channel as usual. Media goes past it to the file
 * descriptor, but only while the channel's own outbound buffer is empty, so bytes never overtake each other. When the kernel is full, the rest
 * of the cut frame is written through the channel, which waits for the socket to become writable; its completion is the call-back. Frames are
 * atomic: nothing can come between the two parts of one.
 */
public final class GatheringSocket implements ByteTransport {
    /** struct iovec on 64-bit Linux: base address and length. */
    private static final int IOVEC_BYTES = 16;

    /** Scratch of one loop for the kernel's vector of addresses. Owner: that loop. */
    public static final class IoVector {
        private final ByteBuffer memory =
                ByteBuffer.allocateDirect(Pieces.CAPACITY * IOVEC_BYTES).order(ByteOrder.nativeOrder());
        private final long address = Buffer.memoryAddress(memory);
    }

    private final EpollSocketChannel channel;
    private final IoVector vector;

    public GatheringSocket(EpollSocketChannel channel, IoVector vector) {
        this.channel = channel;
        this.vector = vector;
    }

    @Override
    public long send(Pieces pieces) {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        if (outbound == null || !channel.isActive()) {
            return -1;
        }
        if (outbound.size() > 0 || outbound.totalPendingWriteBytes() > 0) {
            return 0;
        }
        try {
            return pieces.count() == 1 ? write(pieces) : writev(pieces);
        } catch (IOException e) {
            // The peer has gone; the channel will see it as well and close in its own way.
            return -1;
        }
    }

    private long write(Pieces pieces) throws IOException {
        ByteBuf buffer = pieces.buffer(0);
        if (buffer.hasMemoryAddress()) {
            return channel.fd().writeAddress(buffer.memoryAddress(), pieces.start(0), pieces.end(0));
        }
        ByteBuffer nio = buffer.nioBuffer(pieces.start(0), pieces.end(0) - pieces.start(0));
        return channel.fd().write(nio, nio.position(), nio.limit());
    }

    private long writev(Pieces pieces) throws IOException {
        ByteBuffer memory = vector.memory;
        for (int i = 0; i < pieces.count(); i++) {
            ByteBuf buffer = pieces.buffer(i);
            int at = i * IOVEC_BYTES;
            memory.putLong(at, addressOf(buffer, pieces.start(i)));
            memory.putLong(at + 8, pieces.end(i) - pieces.start(i));
        }
        return channel.fd().writevAddresses(vector.address, pieces.count());
    }

    /** Without Unsafe a buffer knows no address: the view that tells it costs an object, and is of this loop alone. */
    private static long addressOf(ByteBuf buffer, int index) {
        if (buffer.hasMemoryAddress()) {
            return buffer.memoryAddress() + index;
        }
        ByteBuffer nio = buffer.nioBuffer(index, 1);
        return Buffer.memoryAddress(nio) + nio.position();
    }

    @Override
    public void whenWritable(ByteBuf rest, Runnable callback) {
        channel.writeAndFlush(rest).addListener((ChannelFutureListener) future -> {
            if (future.isSuccess()) {
                callback.run();
            }
        });
    }
}
