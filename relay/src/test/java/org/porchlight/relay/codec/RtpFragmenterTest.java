package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.rtp.RtpHeader;

class RtpFragmenterTest {
    private static final int MAX = 1452;

    private final Random random = new Random(41);

    private static RtpFragmenter fragmenter(Codec codec) {
        return new RtpFragmenter(new TrackFormat(MediaKind.VIDEO, codec, 96, codec.name(), 90_000, 1, ""), MAX);
    }

    /** A packet with an H.264 unit, and as many of a header's optional parts as asked for. */
    private ByteBuf packet(int unitBytes, int csrcs, boolean extension, int padding, boolean marker) {
        ByteBuf packet = Unpooled.buffer().writeZero(5);
        packet.writeByte(0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs);
        packet.writeByte((marker ? 0x80 : 0) | 96)
                .writeShort(65_535)
                .writeInt(90_000)
                .writeInt(0x1234_5678);
        for (int i = 0; i < csrcs; i++) {
            packet.writeInt(i);
        }
        if (extension) {
            packet.writeShort(0xabac).writeShort(2).writeLong(random.nextLong());
        }
        byte[] unit = new byte[unitBytes];
        random.nextBytes(unit);
        unit[0] = 0x65;
        packet.writeBytes(unit);
        if (padding > 0) {
            packet.writeZero(padding - 1).writeByte(padding);
        }
        return packet;
    }

    @Test
    void everyPieceIsAnRtpPacketWithTheHeaderOfTheOriginal() {
        RtpFragmenter fragmenter = fragmenter(Codec.H264);
        for (int round = 0; round < 300; round++) {
            int csrcs = random.nextInt(4);
            boolean extension = random.nextBoolean();
            int padding = random.nextInt(3) == 0 ? 1 + random.nextInt(255) : 0;
            boolean marker = random.nextBoolean();
            int unitBytes = 1500 + random.nextInt(60_000);
            ByteBuf packet = packet(unitBytes, csrcs, extension, padding, marker);
            int length = packet.writerIndex() - 5;
            int header = 12 + csrcs * 4 + (extension ? 12 : 0);
            ByteBuf out = Unpooled.buffer().writeByte(1);
            int count = fragmenter.cut(packet, 5, length, 65_534, out);
            assertThat(count).isEqualTo((unitBytes - 1 + MAX - header - 3) / (MAX - header - 2));
            int octets = 0;
            ByteBuf unit = Unpooled.buffer().writeByte(0x65);
            int at = 1;
            for (int i = 0; i < count; i++) {
                assertThat(fragmenter.pieceOffset(i)).isEqualTo(at);
                assertThat(fragmenter.pieceLength(i)).isBetween(header + 3, MAX);
                long layout = RtpHeader.parse(out, at, fragmenter.pieceLength(i));
                assertThat(RtpHeader.isValid(layout)).isTrue();
                assertThat(RtpHeader.payloadOffset(layout)).isEqualTo(header);
                assertThat(RtpHeader.hasPadding(out, at)).isFalse();
                assertThat(RtpHeader.marker(out, at)).isEqualTo(marker && i == count - 1);
                assertThat(RtpHeader.sequenceNumber(out, at)).isEqualTo(65_534 + i & 0xffff);
                assertThat(out.slice(at + 4, header - 4)).isEqualTo(packet.slice(5 + 4, header - 4));
                int payload = RtpHeader.payloadLength(layout);
                octets += payload;
                unit.writeBytes(out, at + header + 2, payload - 2);
                at += fragmenter.pieceLength(i);
            }
            assertThat(out.writerIndex()).isEqualTo(at);
            assertThat(unit).isEqualTo(packet.slice(5 + header, unitBytes));
            assertThat(fragmenter.extraOctets()).isEqualTo(octets - unitBytes);
            assertThat(fragmenter.measure(packet, 5, length)).isEqualTo(count);
            assertThat(fragmenter.extraOctets()).isEqualTo(octets - unitBytes);
        }
    }

    @Test
    void aPacketThatIsLargeByItsPaddingAloneBecomesOneWithoutIt() {
        ByteBuf packet = packet(1300, 0, false, 255, true);
        ByteBuf out = Unpooled.buffer();
        RtpFragmenter fragmenter = fragmenter(Codec.H264);
        assertThat(fragmenter.cut(packet, 5, packet.writerIndex() - 5, 9, out)).isEqualTo(1);
        assertThat(out.readableBytes()).isEqualTo(1312);
        assertThat(RtpHeader.marker(out, 0)).isTrue();
        assertThat(fragmenter.extraOctets()).isZero();
    }

    @Test
    void whatCannotBeCutIsLeftAlone() {
        ByteBuf out = Unpooled.buffer();
        ByteBuf packet = packet(3000, 0, false, 0, true);
        assertThat(fragmenter(Codec.OPAQUE).cut(packet, 5, packet.writerIndex() - 5, 0, out))
                .isZero();
        assertThat(fragmenter(Codec.H264).cut(packet, 5, 11, 0, out))
                .as("no RTP packet")
                .isZero();
        ByteBuf header = Unpooled.buffer().writeShort(0x9060).writeZero(10);
        header.writeShort(1).writeShort(340).writeZero(340 * 4).writeByte(0x65).writeZero(3000);
        assertThat(fragmenter(Codec.H264).cut(header, 0, header.writerIndex(), 0, out))
                .as("a header that leaves no room")
                .isZero();
        assertThat(out.isReadable()).isFalse();
        assertThatThrownBy(() ->
                        new RtpFragmenter(new TrackFormat(MediaKind.VIDEO, Codec.H264, 96, "H264", 90_000, 1, ""), 100))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Damaged packets of every format: measured and cut alike, each piece within the limit. */
    @Test
    void anyBytesAreCutAsTheyWereMeasured() {
        for (Codec codec : Codec.values()) {
            RtpFragmenter fragmenter = fragmenter(codec);
            RtpFragmenter other = fragmenter(codec);
            for (int round = 0; round < 200; round++) {
                byte[] bytes = new byte[1400 + random.nextInt(3000)];
                random.nextBytes(bytes);
                bytes[0] = (byte) (0x80 | (bytes[0] & 0x3f));
                ByteBuf packet = Unpooled.wrappedBuffer(bytes);
                ByteBuf out = Unpooled.buffer();
                int measured = other.measure(packet, 0, bytes.length);
                assertThat(fragmenter.cut(packet, 0, bytes.length, round, out)).isEqualTo(measured);
                if (measured > 0) {
                    assertThat(fragmenter.extraOctets()).isEqualTo(other.extraOctets());
                    assertThat(fragmenter.pieceLength(measured - 1)).isBetween(13, MAX);
                } else {
                    assertThat(out.isReadable()).isFalse();
                }
            }
        }
    }
}
