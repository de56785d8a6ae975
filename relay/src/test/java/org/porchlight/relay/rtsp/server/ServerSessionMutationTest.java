package org.porchlight.relay.rtsp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes of a well-behaved client, mutated at random: whatever comes, the session answers or closes, and asks no more than it may. */
class ServerSessionMutationTest {
    private static final String VIEWER = """
            OPTIONS rtsp://h/yard RTSP/1.0
            CSeq: 1

            DESCRIBE rtsp://h/yard RTSP/1.0
            CSeq: 2
            Authorization: Basic YTpi

            SETUP rtsp://h/yard/trackID=0 RTSP/1.0
            CSeq: 3
            Transport: RTP/AVP/TCP;unicast;interleaved=0-1

            PLAY rtsp://h/yard RTSP/1.0
            CSeq: 4
            Session: 1122334455667788
            Range: npt=now-

            $\u0001\0\u0004abcdTEARDOWN rtsp://h/yard RTSP/1.0
            CSeq: 5
            Session: 1122334455667788

            """;
    private static final String PUBLISHER = """
            ANNOUNCE rtsp://h/yard RTSP/1.0
            CSeq: 1
            Content-Length: 51

            v=0
            m=video 0 RTP/AVP 96
            a=rtpmap:96 H264/90000

            SETUP rtsp://h/yard RTSP/1.0
            CSeq: 2
            Transport: RTP/AVP;unicast;client_port=5000-5001;mode=record

            RECORD rtsp://h/yard RTSP/1.0
            CSeq: 3
            Session: 1122334455667788

            $\0\0\u0004abcd$\u0001\0\u0004abcd
            """;

    @Test
    void survivesWhateverComes() {
        Random random = new Random(20261);
        for (int round = 0; round < 2_500; round++) {
            byte[] bytes = (random.nextBoolean() ? VIEWER : PUBLISHER)
                    .replace("\n", "\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(8); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            check(bytes, random);
        }
    }

    /** For fuzzing too: feeds bytes in pieces, answers questions in random ways, lets time pass. */
    static void check(byte[] bytes, Random random) {
        ObedientRelay relay = new ObedientRelay(random);
        RtspServerSession session = relay.session();
        relay.feed(bytes);
        session.close("over", true);
        session.close("over", true);
        assertThat(session.isClosed()).isTrue();
        assertThat(relay.ends()).as("sessions begun and ended").isEqualTo(relay.begins());
        assertThat(relay.unused()).as("permits neither used nor given back").isEmpty();
        assertThat(relay.closes()).isEqualTo(1);
    }
}
