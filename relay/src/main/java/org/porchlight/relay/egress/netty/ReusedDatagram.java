package org.porchlight.relay.egress.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.IllegalReferenceCountException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/**
 * A message to one recipient that becomes another one when it has been sent: the channel wants an object per message, and this way it is the
 * same few. Owner: the loop of its channel, on which the channel also releases it.
 */
final class ReusedDatagram extends SegmentedDatagramPacket {
    private static final InetSocketAddress NOWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int MAX_POOLED = 1024;

    /** Messages that wait to be used again. Owner: as above. */
    static final class Pool {
        private final ArrayDeque<ReusedDatagram> free = new ArrayDeque<>();

        /**
         * A message.
         *
         * @param content owned by the message
         * @param segment size of each datagram but the last
         */
        ReusedDatagram take(ByteBuf content, int segment, InetSocketAddress recipient) {
            ReusedDatagram datagram = free.isEmpty() ? new ReusedDatagram(this) : free.removeLast();
            datagram.content = content;
            datagram.segment = segment;
            datagram.recipient = recipient;
            datagram.references = 1;
            return datagram;
        }

        private void giveBack(ReusedDatagram datagram) {
            datagram.content = Unpooled.EMPTY_BUFFER;
            datagram.recipient = NOWHERE;
            if (free.size() < MAX_POOLED) {
                free.addLast(datagram);
            }
        }
    }

    private final Pool pool;
    private ByteBuf content = Unpooled.EMPTY_BUFFER;
    private InetSocketAddress recipient = NOWHERE;
    private int segment = 1;
    private int references;

    private ReusedDatagram(Pool pool) {
        super(Unpooled.EMPTY_BUFFER, 1, NOWHERE);
        this.pool = pool;
    }

    @Override
    public ByteBuf content() {
        return content;
    }

    @Override
    public InetSocketAddress recipient() {
        return recipient;
    }

    @Override
    public int segmentSize() {
        return segment;
    }

    @Override
    public int refCnt() {
        return references;
    }

    @Override
    public ReusedDatagram retain() {
        return retain(1);
    }

    @Override
    public ReusedDatagram retain(int increment) {
        references += increment;
        return this;
    }

    @Override
    public ReusedDatagram touch() {
        content.touch();
        return this;
    }

    @Override
    public ReusedDatagram touch(Object hint) {
        content.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return release(1);
    }

    @Override
    public boolean release(int decrement) {
        if (references < decrement) {
            throw new IllegalReferenceCountException(references, -decrement);
        }
        references -= decrement;
        if (references > 0) {
            return false;
        }
        // The slice may share the count of its parent, so what it answers does not tell whether this message is done.
        content.release();
        pool.giveBack(this);
        return true;
    }
}
