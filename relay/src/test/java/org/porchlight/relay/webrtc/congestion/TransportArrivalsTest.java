package org.porchlight.relay.webrtc.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;

class TransportArrivalsTest {
    private static final long MILLI = 1_000_000;

    /** What a sender reads off the reports; later ones win. */
    private final Map<Integer, Long> told = new HashMap<>();

    private int reports;

    private void read(ByteBuf buf) {
        RtcpVisitor visitor = new RtcpVisitor() {
            @Override
            public void onTransportFeedback(int senderSsrc, int mediaSsrc, ByteBuf in, int offset, int length) {
                TransportFeedback.Sink sink = (number, received, micros) -> {
                    if (received) {
                        told.put(number, micros);
                    } else {
                        told.putIfAbsent(number, -1L);
                    }
                };
                assertThat(TransportFeedback.read(in, offset, length, sink)).isEqualTo(TransportFeedback.Result.OK);
                reports++;
            }
        };
        if (buf.isReadable()) {
            assertThat(buf.readableBytes()).isLessThanOrEqualTo(TransportArrivals.MAX_BYTES);
            assertThat(RtcpReader.read(buf, 0, buf.readableBytes(), visitor)).isEqualTo(RtcpReader.Result.OK);
        }
    }

    private void drain(TransportArrivals arrivals, long now) {
        while (arrivals.nextDeadlineNanos() != Long.MAX_VALUE && arrivals.nextDeadlineNanos() - now <= 0) {
            ByteBuf out = Unpooled.buffer();
            arrivals.write(out, 1, 2, now);
            read(out);
        }
    }

    @Test
    void aSenderReadsWhenEachPacketCame() {
        Random random = new Random(11);
        TransportArrivals arrivals = new TransportArrivals(0);
        Map<Integer, Long> came = new HashMap<>();
        long now = 5 * MILLI;
        int number = 65_000;
        int late = -1;
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(2_000_000) * (random.nextInt(500) == 0 ? 200L : 1L);
            int dice = random.nextInt(20);
            number = number + 1 & 0xffff;
            if (dice == 0) {
                late = number;
            } else if (dice != 1) {
                arrivals.onPacket(number, now);
                came.put(number, now);
            }
            if (late >= 0 && random.nextInt(10) == 0) {
                arrivals.onPacket(late, now);
                came.put(late, now);
                late = -1;
            }
            drain(arrivals, now);
            if (i % 10_000 == 9_999) {
                drain(arrivals, now + 60 * MILLI);
                came.forEach((which, at) ->
                        assertThat(told.get(which)).isNotNull().isBetween(at / 1000 - 250, at / 1000 + 250));
                // Numbers come again after the wrap.
                came.clear();
                told.clear();
            }
        }
        assertThat(reports).isGreaterThan(100);
    }

    @Test
    void aJumpOfTheNumbersIsANewBeginning() {
        TransportArrivals arrivals = new TransportArrivals(0);
        arrivals.onPacket(10, MILLI);
        arrivals.onPacket(30_000, 2 * MILLI);
        drain(arrivals, 60 * MILLI);
        assertThat(told).containsOnlyKeys(30_000);
        assertThat(arrivals.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void longBurstsGoOutInSeveralReports() {
        TransportArrivals arrivals = new TransportArrivals(0);
        for (int i = 0; i < 1000; i++) {
            arrivals.onPacket(i, MILLI);
        }
        drain(arrivals, 60 * MILLI);
        assertThat(told).hasSize(1000);
        assertThat(reports).isEqualTo(4);
    }

    @Test
    void theNumberIsFoundAmongOtherExtensionsAndNeverBeyondThem() {
        byte[] packet = {
            (byte) 0x90,
            96,
            0,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1, // header with extension
            (byte) 0xbe,
            (byte) 0xde,
            0,
            2,
            0x10,
            'a',
            0x31,
            0x12,
            0x34,
            0,
            0x52,
            1
        };
        ByteBuf buf = Unpooled.wrappedBuffer(packet);
        assertThat(TransportArrivals.sequenceNumber(buf, 0, 3)).isEqualTo(0x1234);
        assertThat(TransportArrivals.sequenceNumber(buf, 0, 1)).isEqualTo(-1);
        assertThat(TransportArrivals.sequenceNumber(buf, 0, 5)).isEqualTo(-1);
        assertThat(TransportArrivals.sequenceNumber(buf, 0, 4)).isEqualTo(-1);
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = packet.clone();
            for (int k = 0; k < 3; k++) {
                broken[16 + random.nextInt(8)] = (byte) random.nextInt();
            }
            assertThat(TransportArrivals.sequenceNumber(Unpooled.wrappedBuffer(broken), 0, 1 + random.nextInt(14)))
                    .isBetween(-1, 65_535);
        }
    }
}
