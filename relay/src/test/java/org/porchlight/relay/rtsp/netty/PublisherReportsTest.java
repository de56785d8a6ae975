package org.porchlight.relay.rtsp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;
import org.porchlight.relay.rtsp.NumberPair;

class PublisherReportsTest {
    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(7);
    private static final int OWN_SSRC = 0x0a0b0c0d;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final LoopCounters counters = new LoopCounters("test");
    private final List<ReceiveStatistics> statistics =
            List.of(new ReceiveStatistics(90_000), new ReceiveStatistics(8_000));
    private final PublisherReports reports = new PublisherReports(
            channel,
            List.of(
                    new PublisherReports.Way(new NumberPair(4, 5), null, null),
                    new PublisherReports.Way(new NumberPair(0, 9), null, null)),
            counters,
            OWN_SSRC,
            START);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void goOutEveryFiveSecondsOnTheRtcpChannelOfEachTrack() {
        long due = START + TimeUnit.SECONDS.toNanos(5);
        assertThat(reports.nextDeadlineNanos()).isEqualTo(due);
        reports.onDeadline(statistics::get, due - 1);
        assertThat(channel.outboundMessages()).isEmpty();
        reports.onDeadline(statistics::get, due);
        assertThat(channel.outboundMessages()).hasSize(2);
        assertThat(reports.nextDeadlineNanos()).isEqualTo(due + TimeUnit.SECONDS.toNanos(5));
        assertThat(counters.value(Counter.RTCP_SENT)).isEqualTo(2);
        assertThat(nextChannel()).isEqualTo(5);
        assertThat(nextChannel()).isEqualTo(9);
    }

    @Test
    void tellTheSsrcThatThePublisherSentAndWhatWasLost() {
        for (int sequence : new int[] {100, 101, 104}) {
            ByteBuf packet = Unpooled.wrappedBuffer(RtspSocket.keyframe(sequence, 20));
            reports.onRtp(0, packet, 0, packet.readableBytes());
            statistics.get(0).onPacket(sequence, sequence * 3600, START);
        }
        reports.onDeadline(statistics::get, START + TimeUnit.SECONDS.toNanos(5));
        ByteBuf frame = channel.readOutbound();
        try {
            assertThat(frame.readableBytes()).isEqualTo(4 + frame.getUnsignedShort(2));
            assertThat(frame.getUnsignedByte(4)).as("version 2, one block").isEqualTo((short) 0x81);
            assertThat(frame.getUnsignedByte(5)).as("receiver report").isEqualTo((short) 201);
            assertThat(frame.getInt(8)).isEqualTo(OWN_SSRC);
            assertThat(frame.getInt(12)).isEqualTo(0x01020304);
            assertThat(frame.getUnsignedByte(16)).as("2 of 5 lost").isEqualTo((short) (256 * 2 / 5));
            assertThat(frame.getUnsignedMedium(17)).isEqualTo(2);
            assertThat(frame.getInt(20)).isEqualTo(104);
        } finally {
            frame.release();
        }
        ByteBuf silent = channel.readOutbound();
        assertThat(silent.getUnsignedByte(4))
                .as("no block before the first packet")
                .isEqualTo((short) 0x80);
        silent.release();
    }

    @Test
    void areNotPiledUpForAPublisherThatDoesNotRead() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
        channel.write(Unpooled.wrappedBuffer(new byte[100]));
        reports.onDeadline(statistics::get, START + TimeUnit.SECONDS.toNanos(5));
        assertThat(counters.value(Counter.RTCP_SENT)).isZero();
    }

    @Test
    void askForAKeyframeBehindAReport() {
        assertThat(reports.requestKeyframe(0, statistics.get(0), START))
                .as("nothing has come")
                .isFalse();
        ByteBuf packet = Unpooled.wrappedBuffer(RtspSocket.keyframe(100, 20));
        reports.onRtp(0, packet, 0, packet.readableBytes());
        statistics.get(0).onPacket(100, 0, START);
        assertThat(reports.requestKeyframe(0, statistics.get(0), START)).isTrue();
        ByteBuf frame = channel.readOutbound();
        assertThat(frame.getUnsignedByte(1)).isEqualTo((short) 5);
        RecordingRtcp told = new RecordingRtcp();
        int length = frame.getUnsignedShort(2);
        assertThat(RtcpReader.read(frame, 4, length, told)).isEqualTo(RtcpReader.Result.OK);
        assertThat(told.reporter).isEqualTo(OWN_SSRC);
        assertThat(told.pli).isEqualTo(0x01020304);
        frame.release();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
        channel.write(Unpooled.wrappedBuffer(new byte[100]));
        assertThat(reports.requestKeyframe(0, statistics.get(0), START))
                .as("it does not read")
                .isFalse();
        assertThat(counters.value(Counter.RTCP_SENT)).isEqualTo(1);
    }

    private static final class RecordingRtcp implements RtcpVisitor {
        int reporter;
        int pli;

        @Override
        public void onReceiverReport(int ssrc) {
            reporter = ssrc;
        }

        @Override
        public void onPli(int senderSsrc, int mediaSsrc) {
            pli = mediaSsrc;
        }
    }

    private int nextChannel() {
        ByteBuf frame = channel.readOutbound();
        int number = frame.getUnsignedByte(1);
        frame.release();
        return number;
    }
}
