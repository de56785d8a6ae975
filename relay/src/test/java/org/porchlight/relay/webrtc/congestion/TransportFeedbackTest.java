package org.porchlight.relay.webrtc.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TransportFeedbackTest {

    @Test
    void readsRunsAndBothKindsOfVectors() {
        // Base 1000, 25 packets, reference 2 x 64 ms; a run of 3 lost, a run of 2 with small deltas, a one-bit vector
        // 10000000000001, a two-bit vector 1 2 0 0 0 0 and one beyond the count.
        byte[] feedback = HexFormat.of()
                .parseHex("03e8 0019 000002 00  0003  2002  a001  d800  04 08 02 00 01 fffc".replace(" ", ""));

        List<String> told = new ArrayList<>();
        TransportFeedback.Result result =
                read(feedback, (number, received, micros) -> told.add(received ? number + "@" + micros : number + "-"));

        assertThat(result).isEqualTo(TransportFeedback.Result.OK);
        assertThat(told)
                .startsWith("1000-", "1001-", "1002-", "1003@129000", "1004@131000", "1005@131500", "1006-")
                .contains("1018@131500", "1019@131750", "1020@130750")
                .endsWith("1021-", "1022-", "1023-", "1024-")
                .hasSize(25);
    }

    private static TransportFeedback.Result read(byte[] bytes, TransportFeedback.Sink sink) {
        return TransportFeedback.read(Unpooled.wrappedBuffer(bytes), 0, bytes.length, sink);
    }

    @Test
    void readsWhatAReceiverWrites() {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 500; round++) {
            int base = random.nextInt(60_000);
            FeedbackWriter writer = new FeedbackWriter();
            long arrival = random.nextLong(1L << 38);
            for (int i = 0; i <= random.nextInt(100); i++) {
                arrival += random.nextInt(20_000) - 2_000;
                if (i == 0 || random.nextInt(4) > 0) {
                    writer.add(base + i, arrival);
                }
            }
            Map<Integer, Long> expected = new TreeMap<>(writer.arrivals());
            byte[] feedback = ByteBufUtil.getBytes(writer.writeFrom(base));
            Map<Integer, Long> told = new TreeMap<>();

            assertThat(read(feedback, (number, received, micros) -> {
                        if (received) {
                            told.put(number, micros);
                        }
                    }))
                    .isEqualTo(TransportFeedback.Result.OK);

            assertThat(told.keySet()).isEqualTo(expected.keySet());
            told.forEach((number, micros) -> assertThat((double) (micros - expected.getOrDefault(number, 0L)))
                    .as("packet %s", number)
                    .isBetween(-250.0, 250.0));
        }
    }

    @Test
    void tellsNothingOfWhatIsCutShort() {
        FeedbackWriter writer = new FeedbackWriter();
        for (int i = 0; i < 20; i++) {
            writer.add(i, 100_000L * i);
        }
        byte[] feedback = ByteBufUtil.getBytes(writer.writeFrom(0));
        for (int length = 0; length < feedback.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(feedback, length);
            assertThat(read(cut, (number, received, micros) -> {
                        throw new AssertionError("told of packet " + number);
                    }))
                    .as("%s bytes", length)
                    .isEqualTo(TransportFeedback.Result.MALFORMED);
        }
    }

    @Test
    void survivesRandomBytes() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            readsAnyBytesWithinTheirBounds(bytes);
        }
    }

    @FuzzTest
    void readsAnyBytesWithinTheirBounds(byte[] data) {
        int[] told = new int[1];
        TransportFeedback.Result result = read(data, (number, received, micros) -> told[0]++);
        assertThat(told[0]).isLessThanOrEqualTo(TransportFeedback.MAX_PACKETS);
        if (result == TransportFeedback.Result.MALFORMED) {
            assertThat(told[0]).isZero();
        }
        SendEstimator estimator = new SendEstimator(100_000, 20_000_000, 0);
        for (int i = 0; i < 200; i++) {
            estimator.onPacketSent(i, 1_200, i * 1_000_000L);
        }
        ByteBuf buf = Unpooled.wrappedBuffer(data);
        estimator.onTransportFeedback(buf, 0, data.length, 300_000_000L);
        assertThat(estimator.bitsPerSecond(300_000_000L)).isBetween(0L, 20_000_000L);
    }
}
