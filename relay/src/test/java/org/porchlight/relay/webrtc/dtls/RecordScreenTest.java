package org.porchlight.relay.webrtc.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordScreenTest {

    private static ByteBuf record(int epoch, int length) {
        ByteBuf record = Unpooled.buffer();
        record.writeByte(22).writeShort(0xfefd).writeShort(epoch).writeZero(6).writeShort(length);
        return record.writeZero(length);
    }

    @Test
    void takesRecordsThatFillTheDatagram() {
        assertThat(RecordScreen.isWellFormed(record(0, 1))).isTrue();
        assertThat(RecordScreen.isWellFormed(Unpooled.wrappedBuffer(record(0, 40), record(1, 25))))
                .isTrue();
    }

    @Test
    void refusesEmptyTruncatedAndTooShortRecords() {
        assertThat(RecordScreen.isWellFormed(Unpooled.EMPTY_BUFFER)).isFalse();
        assertThat(RecordScreen.isWellFormed(record(0, 0))).isFalse();
        assertThat(RecordScreen.isWellFormed(record(0, 9).writerIndex(21))).isFalse();
        assertThat(RecordScreen.isWellFormed(
                        Unpooled.wrappedBuffer(record(0, 9), Unpooled.buffer().writeZero(12))))
                .isFalse();
    }

    @Test
    void refusesAProtectedRecordWithoutRoomForNonceAndTag() {
        assertThat(RecordScreen.isWellFormed(record(1, 24))).isFalse();
        assertThat(RecordScreen.isWellFormed(record(1, 25))).isTrue();
    }

    @Test
    void anyBytesGetAnAnswer() {
        Random dice = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[dice.nextInt(80)];
            dice.nextBytes(bytes);
            if (bytes.length > 12 && dice.nextBoolean()) {
                bytes[11] = 0;
                bytes[12] = (byte) dice.nextInt(70);
            }
            accountsForEveryByte(bytes);
        }
    }

    /** A plain reading of the same rule. */
    static void accountsForEveryByte(byte[] bytes) {
        int at = 0;
        boolean fits = bytes.length > 0;
        while (fits && at < bytes.length) {
            int length = at + 12 < bytes.length ? ((bytes[at + 11] & 0xff) << 8) | (bytes[at + 12] & 0xff) : 0;
            boolean isProtected = at + 12 < bytes.length && (bytes[at + 3] != 0 || bytes[at + 4] != 0);
            fits = length > (isProtected ? 24 : 0) && at + 13 + length <= bytes.length;
            at += 13 + length;
        }
        ByteBuf datagram = Unpooled.wrappedBuffer(bytes);
        assertThat(RecordScreen.isWellFormed(datagram)).isEqualTo(fits);
        assertThat(datagram.readerIndex()).isZero();
    }
}
