package org.porchlight.relay.webrtc.ice;

import io.netty.buffer.ByteBuf;

/**
 * What a packet on a shared port is, told by its first bytes (RFC 7983 section 7; RTCP among RTP by RFC 5761 section 4).
 *
 * <pre>
 *   0..3     STUN
 *  20..63    DTLS
 * 128..191   RTP or RTCP: RTCP when the second byte is 192..223
 * </pre>
 *
 * <p>ZRTP (16..19) and TURN channels (64..79) are not spoken here and count as {@link #OTHER}.
 */
public enum DatagramKind {
    STUN,
    DTLS,
    RTP,
    RTCP,
    OTHER;

    /**
     * Looks at one packet.
     *
     * @param buf borrowed
     * @param index absolute index of the first byte
     * @param length bytes of the packet, 0 or more
     */
    public static DatagramKind of(ByteBuf buf, int index, int length) {
        if (length < 2) {
            return OTHER;
        }
        int first = buf.getUnsignedByte(index);
        if (first <= 3) {
            return STUN;
        }
        if (first >= 128 && first <= 191) {
            int second = buf.getUnsignedByte(index + 1);
            return second >= 192 && second <= 223 ? RTCP : RTP;
        }
        return first >= 20 && first <= 63 ? DTLS : OTHER;
    }
}
