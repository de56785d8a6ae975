package org.porchlight.relay.webrtc.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.util.Objects;
import org.porchlight.relay.rtp.RtpHeader;

/** Checks before a cipher gets to work: libcrypto takes bare addresses and would not notice. */
final class PacketBounds {
    private PacketBounds() {}

    /** The length of header, prefix and payload together, in bytes. */
    static int check(
            ByteBuf out,
            int rtpIndex,
            int headerLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength) {
        if (headerLength < RtpHeader.FIXED_LENGTH || prefixLength < 0) {
            throw new IndexOutOfBoundsException("header of " + headerLength + " bytes, prefix of " + prefixLength);
        }
        check(out, rtpIndex, Math.addExact(headerLength, prefixLength));
        check(payload, payloadIndex, payloadLength);
        return Math.addExact(headerLength + prefixLength, payloadLength);
    }

    static void check(ByteBuf buf, int index, int length) {
        Objects.checkFromIndexSize(index, length, buf.capacity());
        if (buf.refCnt() == 0) {
            throw new IllegalReferenceCountException(0);
        }
    }
}
