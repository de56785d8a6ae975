package org.porchlight.relay.rtsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HttpTunnelTest {

    @Test
    void decodesGroupsWithPaddingInTheMiddleHoweverTheyAreCut() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            StringBuilder encoded = new StringBuilder();
            for (int i = random.nextInt(5); i >= 0; i--) {
                byte[] part = new byte[random.nextInt(40)];
                random.nextBytes(part);
                plain.writeBytes(part);
                encoded.append(
                        (random.nextBoolean() ? Base64.getEncoder() : Base64.getMimeEncoder()).encodeToString(part));
                encoded.append(random.nextBoolean() ? "" : "\r\n");
            }
            byte[] bytes = encoded.toString().getBytes(StandardCharsets.US_ASCII);
            assertThat(decode(bytes, 1 + random.nextInt(bytes.length + 1))).isEqualTo(plain.toByteArray());
        }
    }

    @Test
    void refusesWhatIsNoBase64() {
        for (String bad : List.of("ab!d", "=", "a===", "ab=c", "\0", "ab-_")) {
            Base64TunnelDecoder decoder = new Base64TunnelDecoder();
            ByteBuf in = Unpooled.copiedBuffer(bad, StandardCharsets.ISO_8859_1);
            assertThat(decoder.decode(in, 0, in.writerIndex(), Unpooled.buffer()))
                    .as(bad)
                    .isFalse();
        }
    }

    @Test
    void neverFailsOnRandomBytes() {
        Random random = new Random(5);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            ByteBuf out = Unpooled.buffer();
            new Base64TunnelDecoder().decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length, out);
            assertThat(out.readableBytes()).isLessThanOrEqualTo(bytes.length);
        }
    }

    @Test
    void recognisesBothHalvesByTheirCookie() {
        RtspRequest down = HttpTunnel.request(HttpTunnel.Half.DOWN, "/cam", "h:8554", "c1", "p");
        RtspRequest up = HttpTunnel.request(HttpTunnel.Half.UP, "/cam", "h:8554", "c1", "p");
        assertThat(HttpTunnel.of(reread(down))).isEqualTo(new HttpTunnel(HttpTunnel.Half.DOWN, "c1"));
        assertThat(HttpTunnel.of(reread(up))).isEqualTo(new HttpTunnel(HttpTunnel.Half.UP, "c1"));
        assertThat(HttpTunnel.of(
                        new RtspRequest("GET", "/", RtspVersion.HTTP, RtspHeaders.empty(), RtspMessage.NO_BODY)))
                .isNull();
        assertThat(HttpTunnel.of(
                        new RtspRequest("GET", "/", RtspHeaders.of("x-sessioncookie", "c"), RtspMessage.NO_BODY)))
                .isNull();
    }

    @Test
    void encodesUpwardWhatTheDecoderReads() {
        ByteBuf plain = Unpooled.copiedBuffer("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", StandardCharsets.US_ASCII);
        ByteBuf encoded = HttpTunnel.encodeUpward(plain, ByteBufAllocator.DEFAULT);
        byte[] bytes = new byte[encoded.readableBytes()];
        encoded.readBytes(bytes);
        encoded.release();
        assertThat(decode(bytes, 7)).isEqualTo(copy(plain));
    }

    private static byte[] copy(ByteBuf buf) {
        byte[] bytes = new byte[buf.readableBytes()];
        buf.getBytes(0, bytes);
        return bytes;
    }

    private static byte[] decode(byte[] bytes, int step) {
        Base64TunnelDecoder decoder = new Base64TunnelDecoder();
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        ByteBuf out = Unpooled.buffer();
        for (int at = 0; at < bytes.length; at += step) {
            assertThat(decoder.decode(in, at, Math.min(bytes.length, at + step), out))
                    .isTrue();
        }
        return copy(out);
    }

    private static RtspRequest reread(RtspRequest request) {
        ByteBuf bytes = Unpooled.buffer();
        RtspEncoder.encode(request, bytes);
        FramerRecorder recorder = new FramerRecorder(InterleavedFramer.Limits.server());
        recorder.feed(copy(bytes));
        return (RtspRequest) recorder.messages.get(0);
    }
}
