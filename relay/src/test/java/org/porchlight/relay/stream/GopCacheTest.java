package org.porchlight.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.stream.TestHub.Packet;

class GopCacheTest {
    private static final int START = MediaBatch.VIDEO | PacketFlags.FRAME_START;
    private static final int MIDDLE = MediaBatch.VIDEO;
    private static final int KEY = MediaBatch.VIDEO | PacketFlags.KEYFRAME;
    private static final int END = PacketFlags.FRAME_END;

    private final SlabPool pool = new SlabPool(1);
    private final SlabCursor slabs = new SlabCursor(pool, 16_384);
    private final GopBudget budget = new GopBudget(100_000, 20_000);
    private final GopCache cache = new GopCache(budget);
    private int number;

    @AfterEach
    void everythingIsGivenBack() {
        cache.clear();
        slabs.close();
        assertThat(cache.bytes()).isZero();
        assertThat(cache.pinnedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();
        assertThat(pool.bytesInUse()).isZero();
    }

    /** A batch with packets of these flags; each packet has its running number in front. */
    private boolean append(int bytes, int... flags) {
        List<Packet> packets = new ArrayList<>();
        for (int f : flags) {
            byte[] packet = new byte[Math.max(bytes, 12)];
            packet[0] = (byte) number++;
            packets.add(new Packet(0, packet, f));
        }
        MediaBatch batch = TestHub.batch(slabs, 0, packets);
        boolean shrunk = cache.append(batch);
        batch.release();
        return shrunk;
    }

    /** Numbers of the packets that a joining viewer gets. */
    private List<Integer> cached() {
        List<Integer> numbers = new ArrayList<>();
        int from = cache.firstPacket();
        for (MediaBatch batch : cache.retainedBatches()) {
            for (int i = from; i < batch.count(); i++) {
                numbers.add((int) batch.slab().getByte(batch.offset(i)));
            }
            from = 0;
            batch.release();
        }
        return numbers;
    }

    @Test
    void keepsNothingBeforeAKeyframe() {
        append(100, START, MIDDLE | END);
        append(100, START, MIDDLE | END);
        assertThat(cached()).isEmpty();
        assertThat(cache.bytes()).isLessThanOrEqualTo(200);
    }

    @Test
    void startsAtTheFirstPacketOfTheFrameThatTurnsOutToBeAKeyframe() {
        append(100, START | END);
        append(100, START);
        append(100, MIDDLE | PacketFlags.PARAMETER_SETS);
        append(100, KEY, KEY | END);
        append(100, START | END);
        assertThat(cached()).containsExactly(1, 2, 3, 4, 5);
        assertThat(cache.isComplete()).isTrue();
        append(100, START | END, START, KEY | END);
        assertThat(cached()).containsExactly(7, 8);
    }

    @Test
    void batchesWithoutVideoAreNotKept() {
        append(100, START | KEY | END);
        append(100, 0, 0);
        assertThat(cached()).containsExactly(0);
    }

    @Test
    void aKeyframeWhoseBeginningWasNotSeenStartsNothing() {
        append(100, START, KEY);
        cache.clear();
        append(100, KEY);
        append(100, KEY | END);
        append(100, START | END);
        assertThat(cached()).isEmpty();
        append(100, START | KEY | END);
        assertThat(cached()).containsExactly(5);
    }

    @Test
    void aLongGopIsCutDownToItsKeyframeAndTheNextOneKeepsItsParameterSets() {
        append(1000, START, KEY | END);
        boolean shrunk = false;
        while (!shrunk) {
            shrunk = append(1000, START, MIDDLE | END);
            assertThat(cache.bytes()).isLessThanOrEqualTo(22_000);
        }
        assertThat(cached()).containsExactly(0, 1);
        assertThat(cache.isComplete()).isFalse();
        append(1000, MIDDLE);
        append(1000, START | END);
        int first = number;
        append(1000, START | PacketFlags.PARAMETER_SETS);
        append(1000, MIDDLE | PacketFlags.PARAMETER_SETS);
        assertThat(cached()).containsExactly(0, 1);
        append(1000, KEY | END);
        assertThat(cached()).containsExactly(first, first + 1, first + 2);
        assertThat(cache.isComplete()).isTrue();
        append(1000, START | END);
        assertThat(cached()).hasSize(4);
    }

    @Test
    void aKeyframeLargerThanTheBoundIsNotKeptAndNeverGrows() {
        append(1000, START | KEY);
        for (int i = 0; i < 200; i++) {
            append(1000, KEY);
            assertThat(cache.bytes()).isLessThanOrEqualTo(21_000);
        }
        assertThat(cached()).isEmpty();
        append(1000, START | KEY | END);
        assertThat(cached()).hasSize(1);
    }

    @Test
    void aFrameThatNeverEndsDoesNotGrowTheCacheAfterACut() {
        append(1000, START | KEY | END);
        append(1000, START | END);
        assertThat(cache.shrinkToKeyframe()).isTrue();
        append(1000, START);
        for (int i = 0; i < 200; i++) {
            append(1000, MIDDLE);
            assertThat(cache.bytes()).isLessThanOrEqualTo(23_000);
        }
        assertThat(cached()).containsExactly(0);
    }

    @Test
    void anOverdrawnBudgetCutsAfterTheKeyframeOnly() {
        budget.add(120_000);
        assertThat(append(100, START, KEY)).isFalse();
        assertThat(append(100, KEY | END)).isFalse();
        assertThat(append(100, START | END)).isTrue();
        assertThat(cached()).containsExactly(0, 1, 2);
        assertThat(cache.shrinkToKeyframe()).isFalse();
        budget.add(-120_000);
    }

    @Test
    void neverHoldsMoreThanItsBatches() {
        append(12, START | KEY | END);
        for (int i = 0; i < GopCache.MAX_BATCHES + 10; i++) {
            append(1, START | END);
        }
        assertThat(cached()).containsExactly(0);
    }

    @Test
    void randomHistoriesKeepTheAccount() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            for (int i = 0; i < 300; i++) {
                int flags = MediaBatch.VIDEO;
                flags |= random.nextInt(3) == 0 ? PacketFlags.FRAME_START : 0;
                flags |= random.nextInt(8) == 0 ? PacketFlags.KEYFRAME : 0;
                flags |= random.nextInt(8) == 0 ? PacketFlags.PARAMETER_SETS : 0;
                switch (random.nextInt(40)) {
                    case 0 -> cache.clear();
                    case 1 -> cache.shrinkToKeyframe();
                    case 2 -> append(1400, 0);
                    default -> append(random.nextInt(1400), flags, (flags & ~START) | MediaBatch.VIDEO);
                }
                assertThat(cache.bytes()).isEqualTo(budget.usedBytes()).isLessThan(45_000);
                assertThat(cache.pinnedBytes()).isBetween(cache.bytes(), 12 * 16_384L);
                assertThat(cache.shrinkableBytes()).isBetween(0L, cache.bytes());
            }
            cache.clear();
            assertThat(budget.usedBytes()).isZero();
            assertThat(cache.pinnedBytes()).isZero();
        }
    }

    /** Pinned to media bytes, over the whole life of a stream with GOPs of two seconds: [copied, read in place]. */
    private double[] pinnedRatio(int bitsPerSecond) {
        return new double[] {ratio(bitsPerSecond, false), ratio(bitsPerSecond, true)};
    }

    private static double ratio(int bitsPerSecond, boolean inPlace) {
        TestHub hub = new TestHub((stream, loop) -> {
            throw new AssertionError("no viewers here");
        });
        Stream stream = hub.stream("one");
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        SlabCursor reads = new SlabCursor(hub.slabs, 65_536);
        TestCamera camera = new TestCamera(1);
        camera.fragment = 1380;
        int perFrame = bitsPerSecond / 8 / 25;
        double pinned = 0;
        double media = 0;
        for (int frame = 0; frame < 50 * 10; frame++) {
            // A keyframe has six times the bytes of the others.
            int bytes = perFrame * 50 / 55 * (frame % 50 == 0 ? 6 : 1);
            List<byte[]> packets = frame % 50 == 0 ? camera.keyframe(bytes) : camera.frame(bytes);
            if (inPlace) {
                readInPlace(hub, source, reads, packets);
            } else {
                source.read(0, packets);
            }
            hub.time.advanceMillis(40);
            if (frame >= 100) {
                pinned += stream.gopPinnedBytes();
                media += stream.gopBytes();
            }
        }
        source.close();
        reads.close();
        assertThat(hub.budget.usedBytes()).isZero();
        assertThat(hub.slabs.bytesInUse()).isZero();
        return pinned / media;
    }

    /** As a TCP connection reads: interleaved frames cut anywhere, the rest of a frame carried over. */
    private static void readInPlace(TestHub hub, TestHub.Source source, SlabCursor reads, List<byte[]> packets) {
        ByteBuf all = Unpooled.buffer();
        for (byte[] packet : packets) {
            all.writeByte('$').writeByte(0).writeShort(packet.length).writeBytes(packet);
        }
        source.loop.call(() -> {
            int[] from = {-1};
            while (all.isReadable()) {
                ByteBuf view = reads.readView();
                if (from[0] < 0) {
                    from[0] = reads.writeIndex();
                }
                all.readBytes(view, Math.min(view.writableBytes(), all.readableBytes()));
                reads.advance(view.readableBytes());
                view.release();
                int missing = parse(hub, source, reads, from);
                reads.resize(source.ingest().suggestedSlabBytes());
                if (reads.writableBytes() < Math.max(missing, 1024)) {
                    from[0] = reads.rollKeeping(from[0], Math.max(missing, 1024));
                }
            }
            source.ingest().endOfRead(hub.time.nanos());
        });
    }

    private static int parse(TestHub hub, TestHub.Source source, SlabCursor reads, int[] from) {
        while (reads.writeIndex() - from[0] >= 4) {
            int length = reads.slab().getUnsignedShort(from[0] + 2);
            int missing = from[0] + 4 + length - reads.writeIndex();
            if (missing > 0) {
                return missing;
            }
            source.ingest().packet(0, reads.slab(), from[0] + 4, length, hub.time.nanos());
            from[0] += 4 + length;
        }
        return 4;
    }

    @Test
    void slabsPinLittleMoreThanMedia() {
        double[] main4 = pinnedRatio(4_000_000);
        double[] main2 = pinnedRatio(2_000_000);
        double[] sub = pinnedRatio(300_000);
        String all = "4 Mb/s %.3f %.3f, 2 Mb/s %.3f %.3f, 300 kb/s %.3f %.3f"
                .formatted(main4[0], main4[1], main2[0], main2[1], sub[0], sub[1]);
        assertThat(main4[0]).as(all).isLessThan(1.15);
        assertThat(main4[1]).as(all).isLessThan(1.15);
        assertThat(main2[0]).as(all).isLessThan(1.15);
        assertThat(main2[1]).as(all).isLessThan(1.15);
        assertThat(sub[0]).as(all).isLessThan(1.45);
        assertThat(sub[1]).as(all).isLessThan(1.45);
    }
}
