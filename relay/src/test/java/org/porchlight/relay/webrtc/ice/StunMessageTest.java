package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.webrtc.ice.StunMessage.MessageClass;
import org.porchlight.relay.webrtc.ice.StunMessage.Parsing;

class StunMessageTest {
    private final StunMessage message = new StunMessage();
    private final IntegrityKey key = IntegrityKey.of(StunVectors.PASSWORD);

    @Test
    void readsTheRequestOfRfc5769() {
        assertThat(StunVectors.parse(message, StunVectors.REQUEST)).isEqualTo(Parsing.OK);
        assertThat(message.isBinding()).isTrue();
        assertThat(message.messageClass()).isEqualTo(MessageClass.REQUEST);
        assertThat(message.transactionHigh()).isEqualTo(0xb7e7a701);
        assertThat(message.transactionLow()).isEqualTo(0xbc34d686fa87dfaeL);
        assertThat(message.username()).isEqualTo("evtj:h6vY");
        assertThat(message.localUfrag()).isEqualTo("evtj");
        assertThat(message.isFor("evtj")).isTrue();
        assertThat(message.isFor("evt")).isFalse();
        assertThat(message.isFor("evtj:h6vY")).isFalse();
        assertThat(message.priority()).isEqualTo(0x6e0001ffL);
        assertThat(message.hasPriority()).isTrue();
        assertThat(message.isControlled()).isTrue();
        assertThat(message.isControlling()).isFalse();
        assertThat(message.tieBreaker()).isEqualTo(0x932ff9b151263b36L);
        assertThat(message.isNominating()).isFalse();
        assertThat(message.isFingerprinted()).isTrue();
        assertThat(message.isSigned()).isTrue();
        assertThat(message.isSignedWith(key)).isTrue();
        assertThat(message.isSignedWith(key)).as("asked twice").isTrue();
        assertThat(message.isSignedWith(IntegrityKey.of("VOkJxbRl1RmTxUk/WvJxBu")))
                .isFalse();
        assertThat(message.unknownCount()).isZero();
        assertThat(message.mappedAddress()).isNull();
    }

    @Test
    void readsTheResponsesOfRfc5769() {
        assertThat(StunVectors.parse(message, StunVectors.RESPONSE_IPV4)).isEqualTo(Parsing.OK);
        assertThat(message.messageClass()).isEqualTo(MessageClass.SUCCESS);
        assertThat(message.mappedAddress()).isEqualTo(new InetSocketAddress("192.0.2.1", 32_853));
        assertThat(message.isSignedWith(key)).isTrue();
        assertThat(StunVectors.parse(message, StunVectors.RESPONSE_IPV6)).isEqualTo(Parsing.OK);
        assertThat(message.mappedAddress())
                .isEqualTo(new InetSocketAddress("2001:db8:1234:5678:11:2233:4455:6677", 32_853));
        assertThat(message.isSignedWith(key)).isTrue();
    }

    @Test
    void forgetsTheLastMessageWhenItReadsTheNext() {
        StunVectors.parse(message, StunVectors.REQUEST);
        StunVectors.parse(message, StunVectors.RESPONSE_IPV4);
        assertThat(message.username()).isEmpty();
        assertThat(message.localUfrag()).isEmpty();
        assertThat(message.isFor("evtj")).isFalse();
        assertThat(message.hasPriority()).isFalse();
        assertThat(message.isControlled()).isFalse();
        assertThat(message.tieBreaker()).isZero();
    }

    @Test
    void readsFromTheMiddleOfABuffer() {
        ByteBuf buf =
                Unpooled.buffer().writeZero(7).writeBytes(StunVectors.REQUEST).writeZero(9);
        assertThat(message.parse(buf, 7, StunVectors.REQUEST.length)).isEqualTo(Parsing.OK);
        assertThat(message.isSignedWith(key)).isTrue();
        assertThat(buf.readerIndex()).isZero();
    }

    @Test
    void anyFlippedBitIsNoticed() {
        for (int bit = 0; bit < StunVectors.REQUEST.length * 8; bit++) {
            byte[] damaged = StunVectors.REQUEST.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Parsing parsing = StunVectors.parse(message, damaged);
            // A FINGERPRINT whose type is damaged is an unknown optional attribute behind the signed part.
            boolean stillSigned = parsing == Parsing.OK && message.isSignedWith(key);
            assertThat(stillSigned && message.isFingerprinted())
                    .as("bit %d", bit)
                    .isFalse();
            assertThat(stillSigned).as("bit %d", bit).isEqualTo(bit / 16 == 100 / 2 && parsing == Parsing.OK);
        }
    }

    @Test
    void refusesWhatIsCutOffOrTooLong() {
        byte[] request = StunVectors.REQUEST;
        for (int length = 0; length < request.length; length++) {
            Parsing expected = length < 20 ? Parsing.TOO_SHORT : Parsing.BAD_LENGTH;
            assertThat(StunVectors.parse(message, Arrays.copyOf(request, length)))
                    .isEqualTo(expected);
        }
        assertThat(StunVectors.parse(message, Arrays.copyOf(request, StunMessage.MAX_LENGTH + 4)))
                .isEqualTo(Parsing.TOO_LONG);
        assertThat(StunVectors.parse(message, Arrays.copyOf(request, StunMessage.MAX_LENGTH)))
                .isEqualTo(Parsing.BAD_LENGTH);
    }

    @Test
    void refusesWhatIsNoStun() {
        byte[] rtp = StunVectors.REQUEST.clone();
        rtp[0] = (byte) 0x80;
        assertThat(StunVectors.parse(message, rtp)).isEqualTo(Parsing.NOT_STUN);
        byte[] classic = StunVectors.REQUEST.clone();
        classic[4] = 0;
        assertThat(StunVectors.parse(message, classic)).isEqualTo(Parsing.NOT_STUN);
    }

    @Test
    void refusesAttributesOfImpossibleLength() {
        assertThat(parse(0x0024, 2, "aabb0000")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0025, 4, "aabbccdd")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x802A, 4, "aabbccdd")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0008, 4, "aabbccdd")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0020, 4, "0001aabb")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0020, 8, "0003aabbccddeeff")).isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0009, 4, "00000263")).as("code 299").isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x0009, 4, "00000464")).as("code 500 as 4, 100").isEqualTo(Parsing.BAD_ATTRIBUTE);
        assertThat(parse(0x8028, 4, "00000000")).isEqualTo(Parsing.BAD_FINGERPRINT);
        assertThat(parse(0x8022, 5, "aabbccdd")).isEqualTo(Parsing.ATTRIBUTE_OVERRUN);
        assertThat(parse(0x8022, 0xFFFF, "aabbccdd")).isEqualTo(Parsing.ATTRIBUTE_OVERRUN);
        assertThat(parse(0x0009, 4, "00000457")).isEqualTo(Parsing.OK);
        assertThat(message.errorCode()).isEqualTo(487);
    }

    private Parsing parse(int type, int length, String value) {
        byte[] bytes = java.util.HexFormat.of()
                .parseHex("0001%04x2112a442b7e7a701bc34d686fa87dfae%04x%04x%s"
                        .formatted(4 + value.length() / 2, type, length, value));
        return StunVectors.parse(message, bytes);
    }

    @Test
    void whatFollowsTheSignatureCountsForNothing() {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(StunVectors.REQUEST, 0, StunVectors.REQUEST.length - 8);
        out.writeShort(0x0025).writeShort(0);
        out.setShort(2, out.readableBytes() - 20);
        assertThat(message.parse(out, 0, out.readableBytes())).isEqualTo(Parsing.OK);
        assertThat(message.isSignedWith(key)).isTrue();
        assertThat(message.isNominating()).isFalse();
    }

    @Test
    void tellsWhichAttributesItMustUnderstandAndDoesNot() {
        assertThat(parse(0x7abc, 4, "aabbccdd")).isEqualTo(Parsing.OK);
        assertThat(message.unknownCount()).isEqualTo(1);
        assertThat(message.unknown(0)).isEqualTo(0x7abc);
        assertThat(parse(0xC057, 4, "00010003")).isEqualTo(Parsing.OK);
        assertThat(message.unknownCount()).isZero();
        ByteBuf many = Unpooled.buffer();
        many.writeBytes(StunVectors.REQUEST, 0, 20);
        for (int i = 0; i < 300; i++) {
            many.writeShort(0x4000 + i).writeShort(0);
        }
        many.setShort(2, many.readableBytes() - 20);
        assertThat(message.parse(many, 0, many.readableBytes())).isEqualTo(Parsing.OK);
        assertThat(message.unknownCount()).isEqualTo(8);
    }

    @Test
    void classAndMethodComeFromTheirBits() {
        assertThat(parseType(0x0011)).isEqualTo(MessageClass.INDICATION);
        assertThat(message.isBinding()).isTrue();
        assertThat(parseType(0x0111)).isEqualTo(MessageClass.ERROR);
        assertThat(message.isBinding()).isTrue();
        assertThat(parseType(0x0003)).as("allocate").isEqualTo(MessageClass.REQUEST);
        assertThat(message.isBinding()).isFalse();
        assertThat(parseType(0x1001)).isEqualTo(MessageClass.REQUEST);
        assertThat(message.isBinding()).as("a method of more bits").isFalse();
    }

    private MessageClass parseType(int type) {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(type).writeShort(0).writeInt(StunMessage.COOKIE).writeZero(12);
        assertThat(message.parse(out, 0, 20)).isEqualTo(Parsing.OK);
        return message.messageClass();
    }
}
