package org.porchlight.relay.egress.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import org.porchlight.relay.egress.DatagramTransport;

/**
 * Datagrams of all viewers of one loop, by that loop's pair of sockets. Runs of equal-sized packets leave as one GSO message each, all
 * messages between two flushes as one {@code sendmmsg}. Owner: the channels' loop.
 */
public final class UdpSender implements DatagramTransport {
    /** Larger segments than this would not fit the path; such packets go one by one and the kernel fragments them. */
    private static final int MAX_SEGMENT_BYTES = 1452;

    private final Channel rtp;
    private final Channel rtcp;
    private final boolean segmentation;
    private boolean rtpDirty;
    private boolean rtcpDirty;

    /**
     * @param rtp datagram channel of the even port
     * @param rtcp datagram channel of the odd port
     */
    public UdpSender(Channel rtp, Channel rtcp) {
        this.rtp = rtp;
        this.rtcp = rtcp;
        this.segmentation = EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    @Override
    public boolean isWritable() {
        return rtp.isWritable();
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
        Channel channel = report ? rtcp : rtp;
        rtpDirty |= !report;
        rtcpDirty |= report;
        int length = end - start;
        if (length <= segment) {
            channel.write(new DatagramPacket(data.retainedSlice(start, length), recipient), channel.voidPromise());
        } else if (segmentation && segment <= MAX_SEGMENT_BYTES) {
            channel.write(
                    new SegmentedDatagramPacket(data.retainedSlice(start, length), segment, recipient),
                    channel.voidPromise());
        } else {
            for (int at = start; at < end; at += segment) {
                int size = Math.min(segment, end - at);
                channel.write(new DatagramPacket(data.retainedSlice(at, size), recipient), channel.voidPromise());
            }
        }
    }

    @Override
    public void flush() {
        if (rtpDirty) {
            rtpDirty = false;
            rtp.flush();
        }
        if (rtcpDirty) {
            rtcpDirty = false;
            rtcp.flush();
        }
    }
}
