package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.ReorderBuffer;
import org.porchlight.relay.rtp.RtpHeader;

/** In the steady state a packet costs no heap: less than a byte each, over many. */
class AllocationTest {
    private static final int PACKETS = 20_000;

    private static double bytesPerPacket(IntConsumer packet) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < PACKETS; i++) {
            packet.accept(i);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = PACKETS; i < 2 * PACKETS; i++) {
            packet.accept(i);
        }
        return (double) (threads.getCurrentThreadAllocatedBytes() - before) / PACKETS;
    }

    private static void assertScansWithoutAllocating(Codec codec, byte[]... payloads) {
        PayloadScanner scanner = CodecFuzz.scanner(codec, "");
        ByteBuf[] bufs = new ByteBuf[payloads.length];
        for (int i = 0; i < payloads.length; i++) {
            bufs[i] = Unpooled.wrappedBuffer(payloads[i]);
        }
        double bytes = bytesPerPacket(i -> {
            int turn = i % bufs.length;
            boolean last = turn == bufs.length - 1;
            scanner.scan(bufs[turn], 0, bufs[turn].capacity(), last, i / bufs.length * 3600, false);
        });
        assertThat(bytes).as(codec.name()).isLessThan(1);
    }

    @Test
    void scannersAllocateNothing() {
        byte[][] fragments = H264Units.fuA(H264Units.idr(200), 120);
        byte[] sets = H264Units.stapA(H264Units.sps(0, 120, 68), H264Units.pps(0));
        assertScansWithoutAllocating(
                Codec.H264, sets, H264Units.recoveryPoint(0), fragments[0], fragments[1], H264Units.inter(50));
        HexFormat hex = HexFormat.of();
        assertScansWithoutAllocating(
                Codec.H265,
                hex.parseHex("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04"),
                hex.parseHex("62019380aabb"),
                hex.parseHex("62015380aabb"));
        assertScansWithoutAllocating(Codec.AV1, hex.parseHex("28100a0e20000042abbfc3732be4808680103010aa"));
        assertScansWithoutAllocating(Codec.VP8, hex.parseHex("101000009d012a8002e001aa"));
        assertScansWithoutAllocating(Codec.VP9, hex.parseHex("8c01a2498342e02810169608"));
        assertScansWithoutAllocating(Codec.MJPEG, hex.parseHex("0000000001ff503c00000002aabbccdd"));
        assertScansWithoutAllocating(Codec.AAC, hex.parseHex("00100080aabb"));
        assertScansWithoutAllocating(Codec.OPUS, new byte[10]);
    }

    @Test
    void fragmentersAllocateNothing() {
        Fragmenter fragmenter = new Fragmenter(new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, ""));
        byte[] unit = H264Units.idr(5000);
        ByteBuf src = Unpooled.wrappedBuffer(unit);
        ByteBuf out = Unpooled.buffer(8192);
        assertThat(bytesPerPacket(i -> {
                    out.clear();
                    fragmenter.cut(src, 0, unit.length, 1200, 12, out);
                }))
                .isLessThan(1);
    }

    @Test
    void packetsInOrderAllocateNothingOnTheirWayIn() {
        ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        ByteBuf packet = Unpooled.buffer(20).writeZero(20);
        ReceiveStatistics statistics = new ReceiveStatistics(90_000);
        try (ReorderBuffer reorder = new ReorderBuffer(allocator, 64, 1000)) {
            assertThat(bytesPerPacket(i -> {
                        RtpHeader.write(packet, 0, false, 96, i, i * 10, 1);
                        RtpHeader.parse(packet, 0, 20);
                        reorder.receive(RtpHeader.sequenceNumber(packet, 0), packet, 0, 20, i);
                        reorder.poll(i);
                        statistics.onPacket(i & 0xffff, i * 10, i);
                    }))
                    .isLessThan(1);
        }
    }
}
