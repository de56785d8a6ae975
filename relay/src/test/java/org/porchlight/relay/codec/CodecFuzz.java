package org.porchlight.relay.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** What must hold for a scanner whatever it is fed; shared by the fuzz targets and the seeded mutation tests. */
final class CodecFuzz {
    private CodecFuzz() {}

    /**
     * Feeds data cut into packets: a length byte, a byte of marker, loss, timestamp step and reset, then the payload.
     *
     * @return how many packets were marked as malformed
     */
    static int feed(PayloadScanner scanner, byte[] data) {
        int timestamp = 0;
        int malformed = 0;
        int at = 0;
        while (at + 2 <= data.length) {
            int length = Math.min(data[at] & 0xff, data.length - at - 2);
            int control = data[at + 1];
            byte[] payload = Arrays.copyOfRange(data, at + 2, at + 2 + length);
            at += 2 + length;
            timestamp += ((control >> 4) & 1) * 3000;
            if ((control & 0xc0) == 0xc0) {
                scanner.reset();
            }
            // A buffer that ends with the payload: reading beyond it would throw; one that is read-only: writing would.
            ByteBuf buf = Unpooled.wrappedBuffer(payload).asReadOnly();
            int flags = scanner.scan(buf, 0, payload.length, (control & 1) != 0, timestamp, (control & 2) != 0);
            assertThat(flags).isBetween(0, 127);
            boolean disposableKey =
                    PacketFlags.isSet(flags, PacketFlags.DISPOSABLE) && PacketFlags.isSet(flags, PacketFlags.KEYFRAME);
            assertThat(disposableKey).isFalse();
            malformed += PacketFlags.isSet(flags, PacketFlags.MALFORMED) ? 1 : 0;
        }
        assertThat(scanner.format().fmtp().length()).isLessThan(400_000);
        scanner.pictureFormat();
        scanner.tolerances();
        return malformed;
    }

    static PayloadScanner scanner(Codec codec, String fmtp) {
        return PayloadScanners.forFormat(new TrackFormat(MediaKind.VIDEO, codec, 96, codec.name(), 90_000, 1, fmtp));
    }
}
