package org.porchlight.bench.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameStampTest {

    @Test
    void readsBackWhatWasPatchedIn() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 1_000; round++) {
            FrameStamp stamp = new FrameStamp(
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextLong(1L << 32),
                    random.nextLong(Long.MAX_VALUE));
            byte[] nal = FrameStamp.seiNal(round % 2 == 0, 200);
            ByteBuf buf = Unpooled.wrappedBuffer(nal);
            int uuid = FrameStamp.indexOf(buf, 0, nal.length);
            FrameStamp.write(buf, uuid, stamp.camera(), stamp.incarnation(), stamp.frame(), stamp.sentEpochNanos());

            assertThat(uuid).isPositive();
            assertThat(FrameStamp.read(buf, uuid)).isEqualTo(stamp);
            assertThat(hasEmulation(nal)).as("needs no emulation prevention").isFalse();
        }
    }

    @Test
    void hasExactlyTheLengthAskedForAndALengthFieldThatAgrees() {
        for (boolean hevc : new boolean[] {false, true}) {
            for (int length = FrameStamp.smallestNal(hevc); length < 2_000; length++) {
                if (!FrameStamp.isPossibleNal(hevc, length)) {
                    assertThat(FrameStamp.isPossibleNal(hevc, length - 1)).isTrue();
                    continue;
                }
                byte[] nal = FrameStamp.seiNal(hevc, length);
                int at = hevc ? 2 : 1;
                assertThat(nal[at++]).as("user_data_unregistered").isEqualTo((byte) 5);
                int payload = 0;
                while (nal[at] == (byte) 255) {
                    payload += 255;
                    at++;
                }
                payload += nal[at++] & 0xff;
                assertThat(nal).hasSize(length);
                assertThat(at + payload).isEqualTo(length - 1);
                assertThat(nal[length - 1]).as("RBSP trailing bits").isEqualTo((byte) 0x80);
            }
        }
    }

    @Test
    void ballastIsNotTakenForAStamp() {
        byte[] nal = FrameStamp.ballastNal(false, 300);
        assertThat(FrameStamp.indexOf(nal, 0, nal.length)).isNegative();
        assertThat(hasEmulation(nal)).isFalse();
    }

    @Test
    void saysThatADamagedStampIsDamaged() {
        ByteBuf buf = Unpooled.wrappedBuffer(FrameStamp.seiNal(false, 100));
        int uuid = FrameStamp.indexOf(buf, 0, buf.capacity());
        buf.setByte(uuid + 26, 'G');
        buf.setByte(uuid + 40, 0);
        assertThat(FrameStamp.frameAt(buf, uuid)).isNegative();
        assertThat(FrameStamp.sentEpochNanosAt(buf, uuid)).isNegative();
    }

    @Test
    void doesNotLookBehindTheEnd() {
        ByteBuf buf = Unpooled.wrappedBuffer(FrameStamp.seiNal(false, 100));
        int uuid = FrameStamp.indexOf(buf, 0, buf.capacity());
        assertThat(FrameStamp.indexOf(buf, 0, uuid + FrameStamp.LENGTH - 1)).isNegative();
    }

    private static boolean hasEmulation(byte[] nal) {
        for (int i = 0; i + 2 < nal.length; i++) {
            if (nal[i] == 0 && nal[i + 1] == 0 && (nal[i + 2] & 0xff) <= 3) {
                return true;
            }
        }
        return false;
    }
}
