package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RtcpTest {
    private final RecordingVisitor visitor = new RecordingVisitor();

    private RtcpReader.Result read(ByteBuf buf) {
        return RtcpReader.read(buf, buf.readerIndex(), buf.readableBytes(), visitor);
    }

    private RtcpReader.Result read(String hex) {
        return read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))));
    }

    @Test
    void readsBackWhatTheWriterWrote() {
        ByteBuf out = Unpooled.buffer();
        ReceiveStatistics statistics = new ReceiveStatistics(90_000);
        statistics.onPacket(7, 0, 0);
        RtcpWriter.writeSenderReport(out, 1, 0x1122334455667788L, 99, 5, 600, 1);
        statistics.writeReportBlock(out, 2, 0);
        RtcpWriter.writeReceiverReport(out, 3, 0);
        for (String cname : new String[] {"a", "ab", "abc", "abcd", "camera@porch"}) {
            RtcpWriter.writeCname(out, 4, cname.getBytes(StandardCharsets.UTF_8));
        }
        RtcpWriter.writePli(out, 5, 6);
        RtcpWriter.writeFir(out, 5, 6, 258);
        RtcpWriter.writeNack(out, 5, 6, 65_535, 0x8001);
        RtcpWriter.writeBye(out, 7);
        assertThat(out.readableBytes() % 4).isZero();
        assertThat(read(out)).isEqualTo(RtcpReader.Result.OK);
        assertThat(visitor.events)
                .containsExactly(
                        "SR 1 1122334455667788 99 5 600",
                        "block 1->2 0 0 7 0 0 0",
                        "RR 3",
                        "cname 4 a",
                        "cname 4 ab",
                        "cname 4 abc",
                        "cname 4 abcd",
                        "cname 4 camera@porch",
                        "PLI 5 6",
                        "FIR 5 6 2",
                        "NACK 5 6 65535 8001",
                        "BYE 7");
        assertThat(RtcpType.isRtcp(out, 0, out.readableBytes())).isTrue();
    }

    @Test
    void readsSeveralChunksAndItemsOfASourceDescription() {
        // Chunk 1: NAME "x", CNAME "ab"; chunk 2: CNAME "c"; each ended by zeros up to the next word.
        assertThat(read("82ca0006 00000001 020178 01026162 00 00000002 01016300"))
                .isEqualTo(RtcpReader.Result.LENGTH_OVERRUN);
        assertThat(read("82ca0005 00000001 020178 01026162 00 00000002 01016300"))
                .isEqualTo(RtcpReader.Result.OK);
        assertThat(visitor.events).containsExactly("cname 1 ab", "cname 2 c");
    }

    @Test
    void forgivesASourceDescriptionWithoutItsFinalZeros() {
        assertThat(read("81ca0002 00000001 01026162")).isEqualTo(RtcpReader.Result.OK);
        assertThat(visitor.events).containsExactly("cname 1 ab");
    }

    @Test
    void readsFeedbackOfLaterRfcs() {
        // REMB: exponent 3, mantissa 0x20000; transport-wide feedback; an application packet; an extended report.
        assertThat(read("8fce0005 00000001 00000000 52454d42 010e0000 00000002"
                        + "8fcd0004 00000001 00000002 00010000 00000000"
                        + "85cc0003 00000009 6e616d65 deadbeef"
                        + "80cf0001 00000001"))
                .isEqualTo(RtcpReader.Result.OK);
        assertThat(visitor.events).containsExactly("REMB 1 1048576", "TWCC 1 2 8", "APP 9 5 name 4", "other 207 0 4");
    }

    @Test
    void reportsWhatStandsBeforeADefectAndNamesTheFirst() {
        assertThat(read("81cb0001 00000007  81cb0001")).isEqualTo(RtcpReader.Result.LENGTH_OVERRUN);
        assertThat(visitor.events).containsExactly("BYE 7");
        assertThat(read("80c80001 00000007 41000000")).isEqualTo(RtcpReader.Result.BODY_TOO_SHORT);
        assertThat(read("80cb0000 ffff")).isEqualTo(RtcpReader.Result.TOO_SHORT);
        assertThat(read("80")).isEqualTo(RtcpReader.Result.TOO_SHORT);
        assertThat(read("40cb0000")).isEqualTo(RtcpReader.Result.BAD_VERSION);
        assertThat(read("a0cb0001 00000009")).isEqualTo(RtcpReader.Result.PADDING_OVERRUN);
        assertThat(read("82c90007 00000001" + "00".repeat(24))).isEqualTo(RtcpReader.Result.BODY_TOO_SHORT);
        assertThat(read("81ca0002 00000001 01ff6162")).isEqualTo(RtcpReader.Result.BODY_TOO_SHORT);
    }

    @Test
    void takesOffPadding() {
        assertThat(read("a1cb0002 00000007 00000004")).isEqualTo(RtcpReader.Result.OK);
        assertThat(visitor.events).containsExactly("BYE 7");
    }

    @Test
    void tellsRtcpFromRtpByThePacketType() {
        assertThat(isRtcp("80c80006")).isTrue();
        assertThat(isRtcp("81ce0002")).isTrue();
        assertThat(isRtcp("80e00001")).as("payload type 96 with marker").isFalse();
        assertThat(isRtcp("80600001")).isFalse();
        assertThat(isRtcp("80ff0001")).isFalse();
        assertThat(isRtcp("00c80006")).as("version 0").isFalse();
        assertThat(isRtcp("80c8")).isFalse();
    }

    private static boolean isRtcp(String hex) {
        ByteBuf buf = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
        return RtcpType.isRtcp(buf, 0, buf.readableBytes());
    }

    @Test
    void refusesToWriteWhatDoesNotFit() {
        assertThatThrownBy(() -> RtcpWriter.writeReceiverReport(Unpooled.buffer(), 1, 32))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RtcpWriter.writeCname(Unpooled.buffer(), 1, new byte[256]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Damaged compounds of every type: no exception, nothing read outside, and a result. */
    @Test
    void survivesDamagedCompounds() {
        ByteBuf good = Unpooled.buffer();
        RtcpWriter.writeSenderReport(good, 1, 2, 3, 4, 5, 1);
        new ReceiveStatistics(90_000).writeReportBlock(good, 2, 0);
        RtcpWriter.writeCname(good, 4, new byte[] {'a', 'b'});
        RtcpWriter.writeFir(good, 5, 6, 1);
        RtcpWriter.writeNack(good, 5, 6, 1, 1);
        RtcpWriter.writeBye(good, 7);
        byte[] bytes = ByteBufUtil.getBytes(good);
        Random random = new Random(23);
        int damaged = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] copy = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            for (int i = 0; i < 3 && copy.length > 0; i++) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt();
            }
            visitor.events.clear();
            if (read(Unpooled.wrappedBuffer(copy)) != RtcpReader.Result.OK) {
                damaged++;
            }
        }
        assertThat(damaged).isGreaterThan(10_000);
    }
}
