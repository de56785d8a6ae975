package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class DatagramKindTest {
    private static DatagramKind kind(int first, int second) {
        ByteBuf buf = Unpooled.buffer().writeByte(0x55).writeByte(first).writeByte(second);
        return DatagramKind.of(buf, 1, 2);
    }

    @Test
    void everyFirstByteHasTheKindOfRfc7983() {
        for (int first = 0; first < 256; first++) {
            DatagramKind expected;
            if (first <= 3) {
                expected = DatagramKind.STUN;
            } else if (first >= 20 && first <= 63) {
                expected = DatagramKind.DTLS;
            } else if (first >= 128 && first <= 191) {
                expected = DatagramKind.RTP;
            } else {
                expected = DatagramKind.OTHER;
            }
            assertThat(kind(first, 0)).as("first byte %d", first).isEqualTo(expected);
        }
    }

    @Test
    void controlPacketsAreToldByTheirPacketType() {
        for (int second = 0; second < 256; second++) {
            DatagramKind expected = second >= 192 && second <= 223 ? DatagramKind.RTCP : DatagramKind.RTP;
            assertThat(kind(0x80, second)).as("second byte %d", second).isEqualTo(expected);
        }
    }

    @Test
    void emptyPacketsAreNothing() {
        assertThat(DatagramKind.of(Unpooled.EMPTY_BUFFER, 0, 0)).isEqualTo(DatagramKind.OTHER);
        assertThat(DatagramKind.of(Unpooled.buffer().writeByte(0), 0, 1)).isEqualTo(DatagramKind.OTHER);
    }
}
