package org.porchlight.relay.rtsp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtsp.InterleavedFramer.Limits;

class InterleavedFramerTest {
    private static final Limits SERVER = Limits.server();
    private static final Limits CAMERA = Limits.client();
    /** A payload that begins like RTP. */
    private static final String RTP = "\u0080`0123456789";

    @Test
    void findsFramesAndMessagesInOrderHoweverTheyAreCut() {
        String bytes = frame(0, RTP) + "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" + frame(1, "") + frame(255, RTP)
                + "SET_PARAMETER rtsp://h/a RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\n$\0\0\0x" + frame(2, RTP);
        expect(
                SERVER,
                bytes,
                "frame 0 " + RTP,
                "OPTIONS * RTSP_1 | CSeq: 1",
                "frame 1 ",
                "frame 255 " + RTP,
                "SET_PARAMETER rtsp://h/a RTSP_1 | CSeq: 2 | Content-Length: 5 || $\0\0\0x",
                "frame 2 " + RTP);
    }

    @Test
    void takesBareLineFeedsAndLeadingBlankLines() {
        expect(
                SERVER,
                "\r\n\n\r\nOPTIONS * RTSP/1.0\nCSeq: 7\n\n\r\nPLAY /a RTSP/1.0\r\nCSeq:8\n\r\n",
                "OPTIONS * RTSP_1 | CSeq: 7",
                "PLAY /a RTSP_1 | CSeq: 8");
    }

    @Test
    void joinsFoldedHeaders() {
        expect(
                SERVER,
                "PLAY /a RTSP/1.0\r\nTransport: RTP/AVP;\r\n\t unicast\r\n  ;x\r\nCSeq: 1\r\n\r\n",
                "PLAY /a RTSP_1 | Transport: RTP/AVP; unicast ;x | CSeq: 1");
    }

    @Test
    void takesResponsesWithoutReasonOrWithStrangeVersions() {
        expect(
                CAMERA,
                "RTSP/1.0 200\r\nCSeq: 1\r\n\r\nRTSP/1.1 404  Not  There \r\n\r\nRTSP/2.0 200 OK\r\n\r\n",
                "200 RTSP_1 | CSeq: 1",
                "404 RTSP_1",
                "200 RTSP_2");
    }

    @Test
    void passesOverGarbageBetweenFramesAndCountsIt() {
        expect(
                CAMERA,
                frame(0, RTP) + "\0\0junk$\u00ff\0\1" + frame(1, RTP) + "xyz RTSP/1.0 200 OK\r\n\r\n"
                        + frame(0, "short"),
                "frame 0 " + RTP,
                "garbage 10",
                "frame 1 " + RTP,
                "garbage 4",
                "200 RTSP_1",
                "frame 0 short");
    }

    @Test
    void findsAMessageBehindGarbageThatLooksLikeOne() {
        expect(CAMERA, "RTSX/1.0 OPTIONSRTSP/1.0 200 OK\r\n\r\n", "garbage 16", "200 RTSP_1");
        expect(SERVER, "{}PLAY /a RTSP/1.0\r\nCSeq: 1\r\n\r\n", "garbage 2", "PLAY /a RTSP_1 | CSeq: 1");
    }

    @Test
    void countsABrokenMessageOfACameraAsGarbage() {
        expect(CAMERA, "RTSP/1.0 abc\r\n\r\n" + frame(0, RTP), "garbage 16", "frame 0 " + RTP);
    }

    @Test
    void passesOverCamerasHeaderLinesWithoutColon() {
        expect(CAMERA, "RTSP/1.0 200 OK\r\nnonsense\r\nCSeq: 1\r\n: x\r\n\r\n", "200 RTSP_1 | CSeq: 1");
    }

    @Test
    void givesUpBehindTooMuchGarbage() {
        Limits limits = new Limits(1024, 1024, 100, 31, true);
        expect(limits, "z".repeat(90) + frame(0, RTP) + "z".repeat(90), "garbage 90", "frame 0 " + RTP, "garbage 90");
        List<String> found = FramerRecorder.of(limits, bytes("z".repeat(101) + frame(0, RTP)), 1);
        assertThat(found).containsExactly("garbage 101", "fatal TOO_MUCH_GARBAGE -1");
    }

    @Test
    void refusesHeadersAboveTheLimit() {
        String long16k = "OPTIONS * RTSP/1.0\r\nCSeq: 3\r\nX: " + "a".repeat(100_000);
        for (int step : new int[] {1, 1000, 200_000}) {
            assertThat(FramerRecorder.of(SERVER, bytes(long16k), step)).containsExactly("fatal HEADER_TOO_LARGE 3");
        }
        String many = "OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n" + "a:b\r\n".repeat(300) + "\r\n";
        expect(SERVER, many, "fatal MALFORMED_MESSAGE 3");
    }

    @Test
    void takesAHeaderOfExactlyTheLimit() {
        String head = "OPTIONS * RTSP/1.0\r\nX: ";
        String exact = head + "a".repeat(1024 - head.length() - 4) + "\r\n\r\n";
        Limits limits = new Limits(1024, 0, 0, 31, false);
        assertThat(FramerRecorder.of(limits, bytes(exact), 1))
                .singleElement()
                .asString()
                .startsWith("OPTIONS");
        assertThat(FramerRecorder.of(limits, bytes(exact.replace("X:", "X: ")), 1))
                .containsExactly("fatal HEADER_TOO_LARGE -1");
    }

    @Test
    void refusesAbsurdContentLengths() {
        for (String length : List.of("65537", "99999999999999999999999", "2147483648")) {
            expect(SERVER, message(length), "fatal BODY_TOO_LARGE 4");
        }
        for (String length : List.of("-1", "abc", "", "1e3", "5\r\nContent-Length: 6")) {
            expect(SERVER, message(length), "fatal BAD_CONTENT_LENGTH 4");
        }
    }

    @Test
    void readsACamerasStrangeContentLengthAsFarAsItGoes() {
        expect(
                CAMERA,
                "RTSP/1.0 200 OK\r\nContent-Length: 3 bytes\r\n\r\nabc",
                "200 RTSP_1 | Content-Length: 3 bytes || abc");
        expect(CAMERA, "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "200 RTSP_1 | Content-Length: -1");
    }

    @Test
    void refusesBrokenRequests() {
        for (String line : List.of(
                "PLAY", "PLAY RTSP/1.0", "PLAY /a", "PLAY /a b RTSP/1.0", "PLAY /a FTP/1.0", "PLAY  RTSP/1.0")) {
            expect(SERVER, line + " \r\nCSeq: 5\r\n\r\n", "fatal MALFORMED_MESSAGE 5");
        }
        expect(SERVER, "PLAY /a RTSP/1.0\r\nCSeq: 5\r\nno colon\r\n\r\n", "fatal MALFORMED_MESSAGE 5");
    }

    @Test
    void keepsControlCharactersOutOfValues() {
        expect(SERVER, "PLAY /a\u0001b RTSP/1.0\r\nX: a\rb\0c\r\n\r\n", "fatal MALFORMED_MESSAGE -1");
        expect(SERVER, "PLAY /a RTSP/1.0\r\nX: a\rb\0c\r\n\r\n", "PLAY /a RTSP_1 | X: a b c");
    }

    @Test
    void stopsBehindAnHttpHead() {
        InterleavedFramer framer = new InterleavedFramer(SERVER);
        byte[] bytes = bytes("POST /x HTTP/1.1\r\nContent-Length: 32767\r\n\r\nT1BUSU9OUw==");
        FramerRecorder recorder = new FramerRecorder(SERVER);
        int at = framer.parse(io.netty.buffer.Unpooled.wrappedBuffer(bytes), 0, bytes.length, recorder);
        assertThat(at).isEqualTo(bytes.length - 12);
        assertThat(recorder.found).containsExactly("POST /x HTTP | Content-Length: 32767");
    }

    @Test
    void tellsHowManyBytesAreMissing() {
        FramerRecorder recorder = new FramerRecorder(SERVER);
        recorder.feed(bytes("$"));
        assertThat(recorder.missingBytes()).isEqualTo(3);
        recorder.feed(bytes("\0\1\0"));
        assertThat(recorder.missingBytes()).isEqualTo(256);
        recorder.feed(new byte[255]);
        assertThat(recorder.missingBytes()).isEqualTo(1);
        recorder.feed(new byte[1]);
        recorder.feed(bytes("PLAY /a RTSP/1.0\r\nContent-Length: 10\r\n\r\n123"));
        assertThat(recorder.missingBytes()).isEqualTo(7);
    }

    @Test
    void findsTheSameInMutatedBytesHoweverTheyAreCut() {
        byte[] good = bytes(frame(0, RTP) + "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc" + frame(1, RTP)
                + "OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n" + frame(0, RTP + RTP));
        Random random = new Random(20260101);
        for (int round = 0; round < 4_000; round++) {
            byte[] bytes = good.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Limits limits = random.nextBoolean() ? SERVER : CAMERA;
            List<String> whole = FramerRecorder.of(limits, bytes, bytes.length);
            assertThat(FramerRecorder.of(limits, bytes, 1)).isEqualTo(whole);
            assertThat(FramerRecorder.of(limits, bytes, 1 + random.nextInt(bytes.length)))
                    .isEqualTo(whole);
        }
    }

    private static void expect(Limits limits, String text, String... found) {
        byte[] bytes = bytes(text);
        for (int step = 1; step <= Math.min(bytes.length, 200); step++) {
            assertThat(FramerRecorder.of(limits, bytes, step))
                    .as("in pieces of %d", step)
                    .containsExactly(found);
        }
        assertThat(FramerRecorder.of(limits, bytes, bytes.length))
                .as("in one piece")
                .containsExactly(found);
    }

    private static String message(String contentLength) {
        return "ANNOUNCE /a RTSP/1.0\r\nCSeq: 4\r\nContent-Length: " + contentLength + "\r\n\r\n";
    }

    static String frame(int channel, String payload) {
        return "$" + (char) channel + (char) (payload.length() >> 8) + (char) (payload.length() & 255) + payload;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
