package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Fuzz targets of this package; a normal build replays their recorded inputs. */
class RtpFuzzTest {

    @FuzzTest
    void parsesAnyRtpPacketWithinItsBounds(byte[] data) {
        long layout = RtpHeader.parse(Unpooled.wrappedBuffer(data), 0, data.length);
        if (RtpHeader.isValid(layout)) {
            assertThat(RtpHeader.payloadOffset(layout) + RtpHeader.payloadLength(layout))
                    .isLessThanOrEqualTo(data.length);
        }
    }

    @FuzzTest
    void readsAnyRtcpCompoundWithinItsBounds(byte[] data) {
        assertThat(RtcpReader.read(Unpooled.wrappedBuffer(data), 0, data.length, new RecordingVisitor()))
                .isNotNull();
    }

    @FuzzTest
    void reordersAnyArrivalsWithoutLosingABuffer(byte[] data) {
        ByteBuf src = Unpooled.buffer(2).writeShort(0);
        try (ReorderBuffer reorder = new ReorderBuffer(PooledByteBufAllocator.DEFAULT, 16, 40)) {
            long now = 0;
            for (int i = 0; i + 2 < data.length; i += 3) {
                now += data[i] & 0x1f;
                reorder.receive((data[i + 1] & 0xff) << 8 | (data[i + 2] & 0xff), src, 0, 2, now);
                for (ByteBuf packet = reorder.poll(now); packet != null; packet = reorder.poll(now)) {
                    packet.release();
                }
                assertThat(reorder.size()).isLessThanOrEqualTo(16);
            }
        }
    }
}
