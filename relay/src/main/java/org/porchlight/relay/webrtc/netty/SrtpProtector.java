package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.egress.PacketProtector;
import org.porchlight.relay.webrtc.srtp.SrtpSender;

/** A session's SRTP as egress knows it. Owner: the session's loop; the session closes the sender, and nothing is protected afterwards. */
final class SrtpProtector implements PacketProtector {
    private final SrtpSender sender;

    SrtpProtector(SrtpSender sender) {
        this.sender = sender;
    }

    @Override
    public int rtpOverhead() {
        return sender.profile().rtpOverhead();
    }

    @Override
    public int rtcpOverhead() {
        return sender.profile().rtcpOverhead();
    }

    @Override
    public int protectRtp(
            ByteBuf out,
            int rtpIndex,
            int headerLength,
            int prefixLength,
            ByteBuf payload,
            int payloadIndex,
            int payloadLength) {
        return sender.protectRtp(out, rtpIndex, headerLength, prefixLength, payload, payloadIndex, payloadLength);
    }

    @Override
    public int protectRtcp(ByteBuf out, int index, int length) {
        return sender.protectRtcp(out, index, length);
    }
}
