package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/** The way by which datagrams of many viewers leave one loop. Owner: that loop. */
public interface DatagramTransport {
    /** Whether the socket takes more now; false: what is sent now is better dropped. */
    boolean isWritable();

    /**
     * Queues datagrams for one viewer until {@link #flush}.
     *
     * @param data borrowed
     * @param segment size of each datagram but the last
     * @param recipient resolved address of the track's RTP or RTCP port
     * @param report RTCP: leaves by the RTCP port
     */
    void send(ByteBuf data, int start, int end, int segment, java.net.InetSocketAddress recipient, boolean report);

    /** Hands all that was queued to the kernel. */
    void flush();
}
