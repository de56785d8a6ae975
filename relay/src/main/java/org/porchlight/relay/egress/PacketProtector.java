package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/** Encrypts the packets of one viewer (SRTP, RFC 3711). Owner: the viewer's loop. */
public interface PacketProtector {
    /** Bytes that {@link #protectRtp} adds to a packet. */
    int rtpOverhead();

    /** Bytes that {@link #protectRtcp} adds to a compound packet. */
    int rtcpOverhead();

    /**
     * Protects an RTP packet: encrypts the prefix and the payload into {@code out}, and appends what authenticates it. A packet may be protected
     * again later, for a retransmission, with the same bytes.
     *
     * @param out borrowed; header and prefix stand at {@code rtpIndex}, the rest is written behind; indices are neither used nor moved
     * @param headerLength of the RTP header with CSRCs and extension, in bytes
     * @param prefixLength bytes of plaintext that stand in {@code out} behind the header
     * @param payload borrowed, only read; shared by all viewers
     * @return the packet's whole length; negative: it may not be sent
     */
    int protectRtp(
            ByteBuf out,
            int rtpIndex,
            int headerLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength);

    /**
     * Protects a compound RTCP packet in place.
     *
     * @param out borrowed; the packet stands at {@code index}
     * @return the whole length; negative: it may not be sent
     */
    int protectRtcp(ByteBuf out, int index, int length);
}
