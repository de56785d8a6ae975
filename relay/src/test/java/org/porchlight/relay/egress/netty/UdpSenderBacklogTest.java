package org.porchlight.relay.egress.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class UdpSenderBacklogTest {
    private static final InetSocketAddress VIEWER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000);

    @Test
    void aFrameForAThousandViewersDoesNotMakeTheSocketLookFull() {
        EmbeddedChannel rtp = new EmbeddedChannel();
        EmbeddedChannel rtcp = new EmbeddedChannel();
        UdpSender sender = new UdpSender(rtp, rtcp);
        ByteBuf frame = Unpooled.directBuffer(20_000).writeZero(20_000);
        int refused = 0;
        for (int viewer = 0; viewer < 1_000; viewer++) {
            refused += sender.isWritable() ? 0 : 1;
            sender.send(frame, 0, 20_000, 1_200, VIEWER, false);
        }
        sender.flush();
        assertThat(refused).isZero();
        int sent = 0;
        for (ReusedDatagram datagram = rtp.readOutbound(); datagram != null; datagram = rtp.readOutbound()) {
            assertThat(datagram.content().readableBytes()).isEqualTo(20_000);
            assertThat(datagram.segmentSize()).isEqualTo(1_200);
            datagram.release();
            sent++;
        }
        assertThat(sent).isEqualTo(1_000);
        assertThat(frame.refCnt()).isOne();
        frame.release();
        rtp.finishAndReleaseAll();
        rtcp.finishAndReleaseAll();
    }

    @Test
    void aMessageThatWasSentIsUsedAgain() {
        EmbeddedChannel rtp = new EmbeddedChannel();
        EmbeddedChannel rtcp = new EmbeddedChannel();
        UdpSender sender = new UdpSender(rtp, rtcp);
        ByteBuf packet = Unpooled.directBuffer(100).writeZero(100);
        sender.send(packet, 0, 100, 100, VIEWER, false);
        sender.flush();
        ReusedDatagram first = rtp.readOutbound();
        first.release();
        sender.send(packet, 0, 100, 100, VIEWER, false);
        sender.flush();
        ReusedDatagram second = rtp.readOutbound();
        assertThat(second).isSameAs(first);
        second.release();
        packet.release();
        rtp.finishAndReleaseAll();
        rtcp.finishAndReleaseAll();
    }
}
