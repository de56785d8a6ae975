package org.porchlight.relay.egress.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.porchlight.relay.egress.DatagramTransport;

/**
 * Datagrams of all viewers of one loop, by that loop's pair of sockets. Runs of equal-sized packets leave as one GSO message each, all
 * messages between two flushes as one {@code sendmmsg}. Owner: the channels' loop.
 *
 * <p>A frame for a thousand viewers is far more than a channel should hold, so every {@link #MAX_QUEUED} messages go to the kernel at once: as
 * many as one {@code sendmmsg} takes. What the kernel does not take stays in the channel, and above its high-water mark
 * {@link #isWritable} says so.
 */
public final class UdpSender implements DatagramTransport {
    /** Messages that one {@code sendmmsg} of Netty takes. */
    static final int MAX_QUEUED = 64;

    /** Larger segments than this would not fit the path; such packets go one by one and the kernel fragments them. */
    private static final int MAX_SEGMENT_BYTES = 1452;

    /** Above what is queued between two flushes: 64 messages of at most 64 KiB. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(4 << 20, 8 << 20);

    private final Port rtp;
    private final Port rtcp;
    private final boolean segmentation;

    /**
     * The slices of the messages that are queued, to be used again: the viewers of a group get the same ranges one after the other, and the
     * channel does not move a message's indexes. Each of those messages holds a reference, so the slices live until the flush.
     */
    private static final class RecentSlices {
        /** More ranges than a frame has of most cameras. */
        private static final int MOST = 8;

        private final ByteBuf[] slices = new ByteBuf[MOST];
        private final ByteBuf[] wholes = new ByteBuf[MOST];
        private final int[] starts = new int[MOST];
        private int count;

        @SuppressWarnings("ReferenceEquality") // equal bytes in another buffer are not the same message
        ByteBuf retained(ByteBuf whole, int start, int length) {
            for (int i = 0; i < count; i++) {
                if (wholes[i] == whole && starts[i] == start && slices[i].readableBytes() == length) {
                    return slices[i].retain();
                }
            }
            ByteBuf slice = whole.retainedSlice(start, length);
            if (count < MOST) {
                slices[count] = slice;
                wholes[count] = whole;
                starts[count++] = start;
            }
            return slice;
        }

        void clear() {
            Arrays.fill(slices, 0, count, Unpooled.EMPTY_BUFFER);
            Arrays.fill(wholes, 0, count, Unpooled.EMPTY_BUFFER);
            count = 0;
        }
    }

    /** One of the two sockets. */
    private static final class Port {
        private final Channel channel;
        private final ReusedDatagram.Pool datagrams = new ReusedDatagram.Pool();
        private int queued;
        private final RecentSlices slices = new RecentSlices();

        Port(Channel channel) {
            this.channel = channel;
            channel.config().setWriteBufferWaterMark(WATER_MARK);
        }

        void queue(ByteBuf data, int start, int length, int segment, InetSocketAddress recipient) {
            channel.write(
                    datagrams.take(slices.retained(data, start, length), segment, recipient), channel.voidPromise());
            queued++;
            if (queued >= MAX_QUEUED) {
                flush();
            }
        }

        void flush() {
            if (queued > 0) {
                queued = 0;
                slices.clear();
                channel.flush();
            }
        }
    }

    /**
     * Sends by these sockets and sets their water marks.
     *
     * @param rtp datagram channel of the even port
     * @param rtcp datagram channel of the odd port
     */
    public UdpSender(Channel rtp, Channel rtcp) {
        this.rtp = new Port(rtp);
        this.rtcp = new Port(rtcp);
        this.segmentation = EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    @Override
    public boolean isWritable() {
        return rtp.channel.isWritable();
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
        Port port = report ? rtcp : rtp;
        int length = end - start;
        if (length <= segment || (segmentation && segment <= MAX_SEGMENT_BYTES)) {
            port.queue(data, start, length, segment, recipient);
            return;
        }
        for (int at = start; at < end; at += segment) {
            port.queue(data, at, Math.min(segment, end - at), segment, recipient);
        }
    }

    @Override
    public void flush() {
        rtp.flush();
        rtcp.flush();
    }
}
