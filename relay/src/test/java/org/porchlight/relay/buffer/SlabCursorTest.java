package org.porchlight.relay.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlabCursorTest {
    private final SlabPool pool = new SlabPool(1);

    /** What somebody keeps of a slab, and what it should hold. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(ByteBuf slab, int offset, byte[] bytes) {}

    @Test
    void sizesAreQuartersOfPowersOfTwo() {
        assertThat(SlabPool.sizeFor(1)).isEqualTo(8192);
        assertThat(SlabPool.sizeFor(8192)).isEqualTo(8192);
        assertThat(SlabPool.sizeFor(8193)).isEqualTo(10_240);
        assertThat(SlabPool.sizeFor(65_536)).isEqualTo(65_536);
        assertThat(SlabPool.sizeFor(65_547)).isEqualTo(81_920);
        for (int bytes = 1; bytes < 300_000; bytes += 77) {
            assertThat(SlabPool.sizeFor(bytes)).isBetween(bytes, Math.max(8192, bytes * 5 / 4 + 1));
        }
    }

    @Test
    void whatIsAppendedStaysAsItIsWithRoomInFrontOfEachPacket() {
        Random random = new Random(1);
        for (int run = 0; run < 20; run++) {
            SlabCursor cursor = new SlabCursor(pool, 8192 << random.nextInt(4));
            ArrayDeque<Kept> kept = new ArrayDeque<>();
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[random.nextInt(50) == 0 ? random.nextInt(65_536) : random.nextInt(1500)];
                random.nextBytes(bytes);
                int offset = cursor.append(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
                ByteBuf slab = cursor.slab();
                assertThat(offset).isGreaterThanOrEqualTo(SlabCursor.HEADROOM);
                // The room belongs to the packet: writing there harms nobody.
                slab.setInt(offset - SlabCursor.HEADROOM, random.nextInt());
                kept.add(new Kept(slab.retain(), offset, bytes));
                if (random.nextInt(4) == 0 && kept.size() > 100) {
                    check(kept.remove());
                }
                if (random.nextInt(100) == 0) {
                    cursor.resize(random.nextInt(400_000));
                }
            }
            cursor.close();
            cursor.close();
            kept.forEach(SlabCursorTest::check);
        }
        assertThat(pool.bytesInUse()).isZero();
    }

    private static void check(Kept kept) {
        byte[] now = new byte[kept.bytes().length];
        kept.slab().getBytes(kept.offset(), now);
        assertThat(now).isEqualTo(kept.bytes());
        kept.slab().release();
    }

    @Test
    void readsOfFramesLoseNothingOverRolls() {
        for (int seed = 0; seed < 30; seed++) {
            readFrames(new Random(seed));
        }
        assertThat(pool.bytesInUse()).isZero();
    }

    /** Frames of a two-byte length and a body come in reads of any size; complete ones are kept, the rest is carried over. */
    private void readFrames(Random random) {
        SlabCursor cursor = new SlabCursor(pool, 16_384);
        List<Kept> kept = new ArrayList<>();
        byte[] stream = new byte[400_000];
        List<byte[]> frames = frames(random, stream);
        int fed = 0;
        int parseFrom = SlabCursor.HEADROOM;
        int found = 0;
        while (fed < stream.length) {
            int length = Math.min(stream.length - fed, 1 + random.nextInt(5000));
            ByteBuf view = cursor.readView();
            assertThat(view.writableBytes()).isPositive();
            length = Math.min(length, view.writableBytes());
            view.writeBytes(stream, fed, length);
            fed += length;
            cursor.advance(view.readableBytes());
            view.release();
            ByteBuf slab = cursor.slab();
            int missing = 2;
            while (cursor.writeIndex() - parseFrom >= 2) {
                int size = slab.getUnsignedShort(parseFrom);
                missing = size + 2 - (cursor.writeIndex() - parseFrom);
                if (missing > 0) {
                    break;
                }
                kept.add(new Kept(slab.retain(), parseFrom + 2, frames.get(found++)));
                parseFrom += 2 + size;
                missing = 2;
            }
            if (cursor.writableBytes() < Math.max(missing, 700)) {
                parseFrom = cursor.rollKeeping(parseFrom, Math.max(missing, 700));
                assertThat(cursor.writableBytes()).isGreaterThanOrEqualTo(Math.max(missing, 700));
            }
        }
        cursor.close();
        assertThat(found).isEqualTo(frames.size());
        kept.forEach(SlabCursorTest::check);
    }

    private static List<byte[]> frames(Random random, byte[] stream) {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int size = Math.min(random.nextInt(20) == 0 ? 20_000 : random.nextInt(1500), stream.length - at - 2);
            if (size < 0) {
                // Too little for one more length: the last frame takes it.
                return padded(frames, stream, at);
            }
            byte[] body = new byte[size];
            random.nextBytes(body);
            stream[at] = (byte) (size >>> 8);
            stream[at + 1] = (byte) size;
            System.arraycopy(body, 0, stream, at + 2, size);
            frames.add(body);
            at += 2 + size;
        }
        return frames;
    }

    private static List<byte[]> padded(List<byte[]> frames, byte[] stream, int at) {
        byte[] last = frames.remove(frames.size() - 1);
        byte[] longer = java.util.Arrays.copyOf(last, last.length + stream.length - at);
        int start = at - last.length - 2;
        stream[start] = (byte) (longer.length >>> 8);
        stream[start + 1] = (byte) longer.length;
        frames.add(longer);
        return frames;
    }

    @Test
    void aFullSlabIsRolledByTheNextRead() {
        SlabCursor cursor = new SlabCursor(pool, 8192);
        ByteBuf first = cursor.slab();
        cursor.advance(cursor.writableBytes());
        ByteBuf view = cursor.readView();
        assertThat(cursor.slab()).isNotSameAs(first);
        assertThat(view.writableBytes()).isEqualTo(8192 - SlabCursor.HEADROOM);
        view.release();
        cursor.close();
        assertThat(pool.bytesInUse()).isZero();
    }
}
