package org.porchlight.relay.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RtpHeaderTest {

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    }

    private static long parse(ByteBuf buf) {
        return RtpHeader.parse(buf, 0, buf.readableBytes());
    }

    @Test
    void readsThePlainHeaderOfAPacket() {
        ByteBuf packet = hex("80 e0 1234 89abcdef 01020304 aabbcc");
        long layout = parse(packet);
        assertThat(RtpHeader.isValid(layout)).isTrue();
        assertThat(RtpHeader.payloadOffset(layout)).isEqualTo(12);
        assertThat(RtpHeader.payloadLength(layout)).isEqualTo(3);
        assertThat(RtpHeader.marker(packet, 0)).isTrue();
        assertThat(RtpHeader.payloadType(packet, 0)).isEqualTo(96);
        assertThat(RtpHeader.sequenceNumber(packet, 0)).isEqualTo(0x1234);
        assertThat(RtpHeader.timestamp(packet, 0)).isEqualTo(0x89abcdef);
        assertThat(RtpHeader.ssrc(packet, 0)).isEqualTo(0x01020304);
    }

    @Test
    void takesOffContributingSourcesExtensionAndPadding() {
        ByteBuf packet = hex("b2 60 0001 00000000 00000000  00000001 00000002  bede 0001 10ff0000  aabb 000003");
        long layout = parse(packet);
        assertThat(RtpHeader.payloadOffset(layout)).isEqualTo(12 + 8 + 8);
        assertThat(RtpHeader.payloadLength(layout)).isEqualTo(2);
        assertThat(RtpHeader.hasPadding(packet, 0)).isTrue();
        assertThat(RtpHeader.hasExtension(packet, 0)).isTrue();
    }

    @Test
    void readsAPaddingCountOfZeroAsNoPadding() {
        assertThat(RtpHeader.payloadLength(parse(hex("a0 60 0001 00000000 00000000 aabb00"))))
                .isEqualTo(3);
    }

    @Test
    void acceptsAPacketOfPaddingAlone() {
        assertThat(RtpHeader.payloadLength(parse(hex("a0 60 0001 00000000 00000000 000003"))))
                .isZero();
    }

    @Test
    void namesWhatIsWrong() {
        assertThat(defect("80 60 0001 00000000 000000")).isEqualTo(RtpHeader.Defect.TOO_SHORT);
        assertThat(defect("")).isEqualTo(RtpHeader.Defect.TOO_SHORT);
        assertThat(defect("40 60 0001 00000000 00000000")).isEqualTo(RtpHeader.Defect.BAD_VERSION);
        assertThat(defect("81 60 0001 00000000 00000000 000000")).isEqualTo(RtpHeader.Defect.CSRC_OVERRUN);
        assertThat(defect("90 60 0001 00000000 00000000 bede00")).isEqualTo(RtpHeader.Defect.EXTENSION_OVERRUN);
        assertThat(defect("90 60 0001 00000000 00000000 bede0002 00000000"))
                .isEqualTo(RtpHeader.Defect.EXTENSION_OVERRUN);
        assertThat(defect("a0 60 0001 00000000 00000000 aa03")).isEqualTo(RtpHeader.Defect.PADDING_OVERRUN);
        assertThat(defect("a0 60 0001 00000000 00000000")).isEqualTo(RtpHeader.Defect.PADDING_OVERRUN);
    }

    private static RtpHeader.Defect defect(String hex) {
        long layout = parse(hex(hex));
        assertThat(RtpHeader.isValid(layout)).isFalse();
        return RtpHeader.defect(layout);
    }

    @Test
    void settersChangeTheirFieldAndNothingElse() {
        Random random = new Random(7);
        for (int round = 0; round < 1000; round++) {
            ByteBuf packet = Unpooled.buffer(12).writeZero(12);
            boolean marker = random.nextBoolean();
            int payloadType = random.nextInt(128);
            int sequenceNumber = random.nextInt(65536);
            int timestamp = random.nextInt();
            int ssrc = random.nextInt();
            RtpHeader.write(packet, 0, !marker, 127 - payloadType, ~sequenceNumber, ~timestamp, ~ssrc);
            RtpHeader.setSsrc(packet, 0, ssrc);
            RtpHeader.setMarker(packet, 0, marker);
            RtpHeader.setTimestamp(packet, 0, timestamp);
            RtpHeader.setPayloadType(packet, 0, payloadType);
            RtpHeader.setSequenceNumber(packet, 0, sequenceNumber);
            assertThat(RtpHeader.isValid(parse(packet))).isTrue();
            assertThat(RtpHeader.marker(packet, 0)).isEqualTo(marker);
            assertThat(RtpHeader.payloadType(packet, 0)).isEqualTo(payloadType);
            assertThat(RtpHeader.sequenceNumber(packet, 0)).isEqualTo(sequenceNumber);
            assertThat(RtpHeader.timestamp(packet, 0)).isEqualTo(timestamp);
            assertThat(RtpHeader.ssrc(packet, 0)).isEqualTo(ssrc);
        }
    }

    @Test
    void neverFindsAPayloadOutsideOfAnyRandomPacket() {
        Random random = new Random(11);
        byte[] bytes = new byte[64];
        for (int round = 0; round < 50_000; round++) {
            random.nextBytes(bytes);
            bytes[0] = (byte) (0x80 | (bytes[0] & 0x3f));
            int length = random.nextInt(bytes.length + 1);
            // A buffer that ends with the packet: reading beyond it would throw.
            long layout = RtpHeader.parse(Unpooled.wrappedBuffer(bytes, 0, length), 0, length);
            if (RtpHeader.isValid(layout)) {
                assertThat(RtpHeader.payloadOffset(layout)).isBetween(12, length);
                assertThat(RtpHeader.payloadLength(layout)).isBetween(0, length - RtpHeader.payloadOffset(layout));
            } else {
                assertThat(RtpHeader.defect(layout)).isNotNull();
            }
        }
    }
}
