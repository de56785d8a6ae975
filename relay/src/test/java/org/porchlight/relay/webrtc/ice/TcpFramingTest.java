package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TcpFramingTest {
    @Test
    void framesComeOutAsTheyWentInHoweverTheStreamIsCut() {
        Random random = new Random(4_571);
        for (int round = 0; round < 50; round++) {
            ByteBuf stream = Unpooled.buffer();
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int length = random.nextInt(1_500);
                lengths.add(length);
                TcpFraming.writeHeader(stream, length);
                stream.writeBytes(new byte[length]);
            }
            ByteBuf received = Unpooled.buffer();
            List<Integer> found = new ArrayList<>();
            while (stream.isReadable()) {
                received.writeBytes(stream, 1 + random.nextInt(Math.min(900, stream.readableBytes())));
                int length = TcpFraming.next(received, 1_500);
                while (length >= 0) {
                    found.add(length);
                    received.skipBytes(length);
                    length = TcpFraming.next(received, 1_500);
                }
                assertThat(length).isEqualTo(TcpFraming.NEED_MORE);
                received.discardReadBytes();
                assertThat(received.readableBytes()).isLessThanOrEqualTo(1_502);
            }
            assertThat(found).isEqualTo(lengths);
        }
    }

    @Test
    void refusesAFrameThatIsTooLongAsSoonAsItsLengthIsThere() {
        ByteBuf in = Unpooled.buffer().writeShort(1_501);
        assertThat(TcpFraming.next(in, 1_500)).isEqualTo(TcpFraming.TOO_LONG);
        assertThat(in.readerIndex()).isZero();
        assertThatThrownBy(() -> TcpFraming.writeHeader(in, 65_536)).isInstanceOf(IllegalArgumentException.class);
    }
}
