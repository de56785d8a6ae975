package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiveStatisticsTest {
    private final ReceiveStatistics statistics = new ReceiveStatistics(90_000);

    @Test
    void countsLossesOverTheWrap() {
        for (int i = 65_530; i < 65_550; i++) {
            if (i % 5 != 0) {
                statistics.onPacket(i & 0xffff, 0, 0);
            }
        }
        // 65,530 itself is missing, so the sequence begins with 65,531.
        assertThat(statistics.expected()).isEqualTo(19);
        assertThat(statistics.received()).isEqualTo(16);
        assertThat(statistics.lost()).isEqualTo(3);
        assertThat(statistics.extendedHighestSequenceNumber()).isEqualTo(65_549);
    }

    @Test
    void duplicatesMakeTheLossNegativeAndTheFractionZero() {
        statistics.onPacket(1, 0, 0);
        statistics.onPacket(1, 0, 0);
        statistics.onPacket(2, 0, 0);
        assertThat(statistics.lost()).isEqualTo(-1);
        assertThat(statistics.fractionLostSinceLastReport()).isZero();
        ByteBuf out = Unpooled.buffer();
        statistics.writeReportBlock(out, 5, 0);
        assertThat(out.getMedium(5)).isEqualTo(-1);
    }

    @Test
    void reportsTheFractionLostInEachIntervalAlone() {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 100; i++) {
            if (i % 4 != 1) {
                statistics.onPacket(i, 0, 0);
            }
        }
        statistics.writeReportBlock(out, 5, 0);
        assertThat(out.getUnsignedByte(4)).isEqualTo((short) (25 * 256 / 100));
        for (int i = 100; i < 200; i++) {
            statistics.onPacket(i, 0, 0);
        }
        out.clear();
        statistics.writeReportBlock(out, 5, 0);
        assertThat(out.getUnsignedByte(4)).isZero();
        assertThat(out.getMedium(5)).isEqualTo(25);
        assertThat(out.readableBytes()).isEqualTo(ReceiveStatistics.REPORT_BLOCK_LENGTH);
    }

    @Test
    void returnsTheLastSenderReportAndItsAge() {
        statistics.onPacket(1, 0, 0);
        ByteBuf out = Unpooled.buffer();
        statistics.writeReportBlock(out, 5, 9);
        assertThat(out.getLong(16)).isZero();
        statistics.onSenderReport(0xb44db705_20000000L, 1_000_000_000L);
        out.clear();
        statistics.writeReportBlock(out, 5, 6_250_000_000L);
        assertThat(out.getInt(0)).isEqualTo(5);
        assertThat(out.getInt(16)).isEqualTo(0xb7052000);
        assertThat(out.getInt(20)).isEqualTo(0x00054000);
    }

    @Test
    void aSteadyCameraHasNoJitterAndAnUnsteadyOneDoes() {
        for (int i = 0; i < 500; i++) {
            statistics.onPacket(i, i * 3600, i * 40_000_000L);
        }
        assertThat(statistics.jitterTicks()).isZero();
        for (int i = 500; i < 1500; i++) {
            statistics.onPacket(i, i * 3600, i * 40_000_000L + i % 2 * 10_000_000L);
        }
        // Each packet is 10 ms (900 ticks) off the one before, so the filter ends at 900.
        assertThat(statistics.jitterTicks()).isBetween(880L, 900L);
        assertThat(statistics.jitterNanos()).isBetween(9_700_000L, 10_000_000L);
    }

    @Test
    void takesTwoConsecutivePacketsForARestartAndOneForGarbage() {
        statistics.onPacket(10, 0, 0);
        statistics.onPacket(40_000, 0, 0);
        statistics.onPacket(11, 0, 0);
        assertThat(statistics.received()).isEqualTo(2);
        assertThat(statistics.restarts()).isZero();
        statistics.onPacket(40_000, 0, 0);
        statistics.onPacket(40_001, 0, 0);
        assertThat(statistics.restarts()).isEqualTo(1);
        assertThat(statistics.expected()).isEqualTo(1);
        assertThat(statistics.lost()).isZero();
    }

    @Test
    void agreesWithASimpleModelUnderLossDuplicationAndReorder() {
        Random random = new Random(17);
        long highest = 64_000;
        statistics.onPacket(64_000, 0, 0);
        long received = 1;
        for (int i = 0; i < 200_000; i++) {
            long number = highest + random.nextInt(60) - 50;
            if (number < 64_000) {
                continue;
            }
            statistics.onPacket((int) number & 0xffff, 0, 0);
            received++;
            highest = Math.max(highest, number);
        }
        assertThat(statistics.received()).isEqualTo(received);
        assertThat(statistics.expected()).isEqualTo(highest - 64_000 + 1);
        assertThat(statistics.extendedHighestSequenceNumber()).isEqualTo((int) highest);
    }
}
