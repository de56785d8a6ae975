package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/** RTCP packet types and how RTCP is told from RTP. */
public final class RtcpType {
    /** Sender report, RFC 3550 section 6.4.1. */
    public static final int SR = 200;
    /** Receiver report, RFC 3550 section 6.4.2. */
    public static final int RR = 201;
    /** Source description, RFC 3550 section 6.5. */
    public static final int SDES = 202;
    /** RFC 3550 section 6.6. */
    public static final int BYE = 203;
    /** RFC 3550 section 6.7. */
    public static final int APP = 204;
    /** Transport layer feedback, RFC 4585 section 6.2. */
    public static final int RTPFB = 205;
    /** Payload-specific feedback, RFC 4585 section 6.3. */
    public static final int PSFB = 206;

    private RtcpType() {}

    /**
     * Whether a packet is RTCP, on whatever channel or port it came: version 2 and a packet type of 192 to 223 (RFC 5761 section 4).
     *
     * @param buf borrowed
     * @param offset absolute index of the packet
     */
    public static boolean isRtcp(ByteBuf buf, int offset, int length) {
        if (length < 4 || buf.getUnsignedByte(offset) >>> 6 != 2) {
            return false;
        }
        int type = buf.getUnsignedByte(offset + 1);
        return type >= 192 && type <= 223;
    }
}
