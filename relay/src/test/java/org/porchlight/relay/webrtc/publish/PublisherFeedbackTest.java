package org.porchlight.relay.webrtc.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpVisitor;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;
import org.porchlight.relay.webrtc.negotiation.Feedback;
import org.porchlight.relay.webrtc.negotiation.HeaderExtensions;

class PublisherFeedbackTest {
    private static final long MILLI = 1_000_000;
    private static final int SSRC = 0x1234;

    private final List<AgreedMedia> media = List.of(new AgreedMedia(
            0,
            "0",
            0,
            new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, "packetization-mode=1"),
            97,
            0,
            0,
            new HeaderExtensions(Map.of()),
            Set.of(Feedback.NACK, Feedback.PLI),
            true,
            List.of()));
    private final PublishedTracks tracks = new PublishedTracks(media);
    private final PublisherFeedback feedback = new PublisherFeedback(media, tracks, 7, 0);
    private final ReceiveStatistics statistics = new ReceiveStatistics(90_000);
    private final List<String> told = new ArrayList<>();
    private long keyframes;

    private final class Known implements PublisherFeedback.Figures {
        @Override
        public long keyframes() {
            return keyframes;
        }

        @Override
        public IntFunction<ReceiveStatistics> statistics() {
            return track -> statistics;
        }
    }

    private final RtcpVisitor reader = new RtcpVisitor() {
        @Override
        public void onNack(int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {
            told.add("nack " + packetId);
        }

        @Override
        public void onPli(int senderSsrc, int mediaSsrc) {
            assertThat(mediaSsrc).isEqualTo(SSRC);
            told.add("pli");
        }

        @Override
        public void onReportBlock(
                int reporterSsrc, int ssrc, int lost, int cumulative, int highest, int jitter, int last, int delay) {
            assertThat(ssrc).isEqualTo(SSRC);
            told.add("report");
        }
    };

    private List<String> at(long now) {
        told.clear();
        ByteBuf out = Unpooled.buffer();
        if (feedback.write(out, new Known(), now)) {
            assertThat(RtcpReader.read(out, 0, out.readableBytes(), reader)).isEqualTo(RtcpReader.Result.OK);
        } else {
            assertThat(out.isReadable()).isFalse();
        }
        return told;
    }

    private void packet(int number, long now) {
        tracks.learn(0, SSRC);
        statistics.onPacket(number, 0, now);
        feedback.onRtp(0, number, now);
    }

    @Test
    void aFirstKeyframeThatDoesNotComeIsAskedForOnceASecond() {
        packet(1, 0);
        assertThat(at(100 * MILLI)).isEmpty();
        assertThat(feedback.nextDeadlineNanos()).isEqualTo(200 * MILLI);
        assertThat(at(200 * MILLI)).containsExactly("pli");
        assertThat(at(900 * MILLI)).isEmpty();
        assertThat(at(1200 * MILLI)).containsExactly("report", "pli");
        keyframes = 1;
        assertThat(at(2200 * MILLI)).containsExactly("report");
    }

    @Test
    void anOldKeyframeIsReplacedAndAWishIsGated() {
        packet(1, 0);
        keyframes = 1;
        at(10 * MILLI);
        assertThat(feedback.requestKeyframe(20 * MILLI)).isTrue();
        assertThat(at(20 * MILLI)).containsExactly("pli");
        keyframes = 2;
        at(30 * MILLI);
        assertThat(feedback.requestKeyframe(40 * MILLI)).isTrue();
        assertThat(at(40 * MILLI)).isEmpty();
        assertThat(at(1020 * MILLI)).containsExactly("report", "pli");
        keyframes = 3;
        at(1030 * MILLI);
        assertThat(at(5029 * MILLI)).containsExactly("report");
        assertThat(at(5030 * MILLI)).containsExactly("pli");
    }

    @Test
    void whatIsMissingIsAskedForAndOnceLostAKeyframeIs() {
        packet(1, 0);
        keyframes = 1;
        at(0);
        packet(3, 5 * MILLI);
        assertThat(at(5 * MILLI)).containsExactly("nack 2");
        assertThat(at(255 * MILLI)).containsExactly("pli");
        assertThat(at(256 * MILLI)).isEmpty();
    }

    @Test
    void aRetransmissionBecomesItsOriginal() {
        tracks.learn(0, SSRC);
        byte[] bytes = {
            (byte) 0x90,
            (byte) (0x80 | 97),
            0,
            9,
            0,
            0,
            0,
            5,
            0,
            0,
            0,
            99, // header with extension
            (byte) 0xbe,
            (byte) 0xde,
            0,
            1,
            0x10,
            'a',
            0,
            0,
            0x12,
            0x34,
            1,
            2,
            3
        };
        ByteBuf buf = Unpooled.wrappedBuffer(bytes);
        long layout = RtpHeader.parse(buf, 0, bytes.length);
        assertThat(tracks.isRepair(97)).isTrue();
        assertThat(tracks.trackOf(97)).isZero();
        assertThat(tracks.trackOf(98)).isEqualTo(PublishedTracks.NO_TRACK);
        assertThat(tracks.unwrap(buf, 0, layout, 0)).isTrue();
        long original = RtpHeader.parse(buf, 2, bytes.length - 2);
        assertThat(RtpHeader.payloadOffset(original)).isEqualTo(20);
        assertThat(RtpHeader.payloadLength(original)).isEqualTo(3);
        assertThat(RtpHeader.sequenceNumber(buf, 2)).isEqualTo(0x1234);
        assertThat(RtpHeader.payloadType(buf, 2)).isEqualTo(96);
        assertThat(RtpHeader.marker(buf, 2)).isTrue();
        assertThat(RtpHeader.ssrc(buf, 2)).isEqualTo(SSRC);
        assertThat(RtpHeader.timestamp(buf, 2)).isEqualTo(5);
        ByteBuf probe = Unpooled.wrappedBuffer(new byte[] {(byte) 0xa0, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4});
        assertThat(tracks.unwrap(probe, 0, RtpHeader.parse(probe, 0, 16), 0)).isFalse();
    }
}
