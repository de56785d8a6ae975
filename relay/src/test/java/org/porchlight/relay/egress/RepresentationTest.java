package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TestHub.Packet;
import org.porchlight.relay.stream.TrackPosition;

class RepresentationTest {
    private static final int VIDEO = MediaBatch.VIDEO;
    private static final int KEY = VIDEO | PacketFlags.KEYFRAME;
    private static final ViewKey USUAL = ViewKey.interleaved(new int[] {0, 2});

    private static final LoopCounters COUNTERS = new LoopCounters("test");

    private final SlabPool pool = new SlabPool(1);
    private final SlabCursor slabs = new SlabCursor(pool, 65_536);
    private final Random random = new Random(4);
    private int sequence;

    @AfterEach
    void everythingIsGivenBack() {
        slabs.close();
        assertThat(pool.bytesInUse()).isZero();
    }

    private Packet packet(int track, int length, int flags, int timestamp) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        ByteBuffer.wrap(bytes)
                .put((byte) 0x80)
                .put((byte) 96)
                .putShort((short) sequence++)
                .putInt(timestamp);
        return new Packet(track, bytes, flags);
    }

    private static Representation representation(ViewKey key) {
        return new Representation(key, ByteBufAllocator.DEFAULT, COUNTERS);
    }

    private static byte[] bytes(PreparedBatch prepared) {
        byte[] all = new byte[prepared.bytes()];
        int at = 0;
        for (int range = 0; range < prepared.ranges(); range++) {
            int length = prepared.end(range) - prepared.start(range);
            prepared.data().getBytes(prepared.start(range), all, at, length);
            at += length;
        }
        return all;
    }

    private static byte[] framed(List<Packet> packets, int... channels) {
        ByteBuffer all = ByteBuffer.allocate(1 << 20);
        for (Packet p : packets) {
            int rtcp = (p.flags() & MediaBatch.REPORT) != 0 ? 1 : 0;
            all.put((byte) '$').put((byte) (channels[p.track()] + rtcp));
            all.putShort((short) p.bytes().length).put(p.bytes());
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    private List<Packet> mixed() {
        return List.of(
                packet(0, 1000, VIDEO | PacketFlags.FRAME_START, 1),
                packet(1, 172, 0, 1),
                packet(0, 1000, VIDEO | PacketFlags.DISPOSABLE, 1),
                packet(1, 60, MediaBatch.REPORT, 1),
                packet(0, 300, KEY | MediaBatch.ENTRY, 2),
                packet(0, 200, KEY | PacketFlags.FRAME_END, 2));
    }

    @Test
    void theUsualChannelsAreTakenFromTheSlabInOnePiece() {
        List<Packet> packets = mixed();
        MediaBatch batch = TestHub.batch(slabs, 9, packets);
        PreparedBatch prepared = prepare(USUAL, batch);
        assertThat(prepared.data()).isSameAs(batch.slab());
        assertThat(bytes(prepared)).isEqualTo(framed(packets, 0, 2));
        assertThat(prepared.ranges()).as("one more where a viewer may enter").isEqualTo(2);
        assertThat(prepared.entryRange()).isEqualTo(1);
        assertThat(prepared.packets()).isEqualTo(6);
        assertThat(prepared.hasKeyframeEnd()).isTrue();
        assertThat(prepared.arrivalNanos()).isEqualTo(9);
        PreparedBatch entered = prepared.from(1);
        assertThat(bytes(entered)).isEqualTo(framed(packets.subList(4, 6), 0, 2));
        assertThat(entered.entryRange()).isZero();
        entered.release();
        prepared.release();
        batch.release();
    }

    private static PreparedBatch prepare(ViewKey key, MediaBatch batch) {
        return Objects.requireNonNull(representation(key).prepare(batch));
    }

    @Test
    void otherChannelsAreWrittenIntoACopy() {
        List<Packet> packets = mixed();
        MediaBatch batch = TestHub.batch(slabs, 0, packets);
        PreparedBatch prepared = prepare(ViewKey.interleaved(new int[] {6, 200}), batch);
        assertThat(bytes(prepared)).isEqualTo(framed(packets, 6, 200));
        assertThat(prepared.entryRange()).isEqualTo(1);
        assertThat(batch.slab().getByte(batch.offset(0) - 3))
                .as("the slab stays as it is")
                .isZero();
        prepared.release();
        batch.release();
    }

    @Test
    void onlyTracksThatAreWantedAreTaken() {
        List<Packet> packets = mixed();
        MediaBatch batch = TestHub.batch(slabs, 0, packets);
        PreparedBatch sound = prepare(ViewKey.interleaved(new int[] {-1, 2}), batch);
        assertThat(bytes(sound)).isEqualTo(framed(List.of(packets.get(1), packets.get(3)), 0, 2));
        assertThat(sound.entryRange()).isEqualTo(-1);
        sound.release();
        assertThat(representation(ViewKey.interleaved(new int[] {-1, -1, 4})).prepare(batch))
                .isNull();
        batch.release();
    }

    @Test
    void thinningLeavesOutWhatNobodyNeedsAndKeepsSound() {
        List<Packet> packets = mixed();
        MediaBatch batch = TestHub.batch(slabs, 0, packets);
        PreparedBatch thinned = prepare(USUAL.with(Thinning.REFERENCE_FRAMES), batch);
        List<Packet> kept = new ArrayList<>(packets);
        kept.remove(2);
        assertThat(bytes(thinned)).isEqualTo(framed(kept, 0, 2));
        thinned.release();
        PreparedBatch keyframes = prepare(USUAL.with(Thinning.KEYFRAMES), batch);
        kept.remove(0);
        assertThat(bytes(keyframes)).isEqualTo(framed(kept, 0, 2));
        keyframes.release();
        batch.release();
    }

    @Test
    void soundIsNoEntry() {
        MediaBatch batch =
                TestHub.batch(slabs, 0, List.of(packet(1, 100, PacketFlags.KEYFRAME | PacketFlags.FRAME_START, 0)));
        PreparedBatch prepared = prepare(USUAL, batch);
        assertThat(prepared.entryRange()).isEqualTo(-1);
        prepared.release();
        batch.release();
    }

    @Test
    void datagramsFormRunsThatOneSendTakes() {
        for (int seed = 0; seed < 200; seed++) {
            Random dice = new Random(seed);
            SlabCursor own = new SlabCursor(pool, 262_144);
            List<Packet> packets = new ArrayList<>();
            int count = 1 + dice.nextInt(200);
            for (int i = 0; i < count; i++) {
                int size = dice.nextInt(3) == 0 ? 20 + dice.nextInt(1400) : 1200;
                int flags = dice.nextInt(40) == 0 ? KEY | MediaBatch.ENTRY : VIDEO;
                int track = dice.nextInt(10) == 0 ? 1 : 0;
                boolean report = dice.nextInt(30) == 0;
                packets.add(packet(track, size, report ? MediaBatch.REPORT : track == 0 ? flags : 0, i));
            }
            MediaBatch batch = TestHub.batch(own, 0, packets);
            PreparedBatch prepared = prepare(ViewKey.datagrams(3), batch);
            List<byte[]> sent = new ArrayList<>();
            int firstEntry = -1;
            for (int range = 0; range < prepared.ranges(); range++) {
                int start = prepared.start(range);
                int length = prepared.end(range) - start;
                int segment = prepared.segment(range);
                assertThat(prepared.packets(range)).isBetween(1, DatagramRuns.MAX_SEGMENTS);
                assertThat(prepared.packets(range)).isEqualTo((length + segment - 1) / segment);
                assertThat(length).isLessThanOrEqualTo(65_507);
                if (range == prepared.entryRange()) {
                    firstEntry = sent.size();
                }
                for (int at = 0; at < length; at += segment) {
                    byte[] datagram = new byte[Math.min(segment, length - at)];
                    prepared.data().getBytes(start + at, datagram);
                    Packet original = packets.get(sent.size());
                    assertThat(prepared.track(range)).isEqualTo(original.track());
                    assertThat(prepared.isReport(range)).isEqualTo((original.flags() & MediaBatch.REPORT) != 0);
                    sent.add(datagram);
                }
            }
            assertThat(sent)
                    .containsExactlyElementsOf(
                            packets.stream().map(Packet::bytes).toList());
            assertThat(firstEntry).isEqualTo(firstEntryOf(packets));
            prepared.release();
            batch.release();
            own.close();
        }
    }

    private static int firstEntryOf(List<Packet> packets) {
        for (int i = 0; i < packets.size(); i++) {
            if ((packets.get(i).flags() & MediaBatch.ENTRY) != 0) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void equalPacketsShareOneRunUpToTheKernelsLimit() {
        List<Packet> packets = new ArrayList<>();
        for (int i = 0; i < 61; i++) {
            packets.add(packet(0, 1000, VIDEO, 0));
        }
        MediaBatch batch = TestHub.batch(slabs, 0, packets);
        PreparedBatch prepared = prepare(ViewKey.datagrams(1), batch);
        assertThat(prepared.ranges()).isEqualTo(2);
        assertThat(prepared.packets(0)).isEqualTo(DatagramRuns.MAX_SEGMENTS);
        prepared.release();
        batch.release();
    }

    @Test
    void aPacketThatFitsNoDatagramIsLeftOutAndCounted() {
        long before = COUNTERS.value(Counter.DISCARDED_TOO_LARGE);
        SlabCursor large = new SlabCursor(pool, 262_144);
        MediaBatch batch = TestHub.batch(large, 0, List.of(packet(0, 65_520, VIDEO, 0), packet(0, 100, VIDEO, 0)));
        PreparedBatch prepared = prepare(ViewKey.datagrams(1), batch);
        assertThat(prepared.packets()).isEqualTo(1);
        assertThat(COUNTERS.value(Counter.DISCARDED_TOO_LARGE) - before).isEqualTo(1);
        prepared.release();
        batch.release();
        large.close();
    }

    /** A GOP of these timestamps, one packet a frame, as a snapshot whose live edge is the last of them. */
    private GopSnapshot gop(int... timestamps) {
        List<MediaBatch> batches = new ArrayList<>();
        for (int timestamp : timestamps) {
            batches.add(TestHub.batch(slabs, 0, List.of(packet(0, 100, VIDEO, timestamp), packet(1, 100, 0, 0))));
        }
        int edge = timestamps[timestamps.length - 1];
        return TestHub.snapshot(batches, 0, true, TestHub.videoAndAudio(), List.of(position(edge), position(0)));
    }

    private static TrackPosition position(int timestamp) {
        return new TrackPosition(1, 2, timestamp, true, 0, 0, 0, 0);
    }

    private static List<Integer> collapsed(GopSnapshot snapshot, ViewKey key) {
        CollapsedTimeline timeline = CollapsedTimeline.of(snapshot);
        Burst burst = new Burst(snapshot, timeline, representation(key));
        List<Integer> out = new ArrayList<>();
        for (@Nullable PreparedBatch next = burst.next(); next != null; next = burst.next()) {
            ByteBuf data = next.data();
            assertThat(next.packets()).as("no sound").isEqualTo(1);
            out.add(data.getInt(next.start(0) + (key.datagram() ? 4 : 8)));
            next.release();
        }
        burst.close();
        return out;
    }

    @Test
    void cachedTimestampsAreCollapsedToTheLiveEdge() {
        for (ViewKey key : List.of(USUAL, ViewKey.datagrams(3), ViewKey.interleaved(new int[] {4, 6}))) {
            int begin = Integer.MAX_VALUE - 50 * 3600;
            int[] timestamps = new int[250];
            for (int i = 0; i < timestamps.length; i++) {
                timestamps[i] = begin + i * 3600;
            }
            List<Integer> out = collapsed(gop(timestamps), key);
            assertThat(out).hasSize(250);
            int edge = timestamps[249];
            assertThat(out.get(249)).isEqualTo(edge);
            assertThat(edge - out.get(0)).isEqualTo(9000);
            for (int i = 1; i < out.size(); i++) {
                assertThat(out.get(i) - out.get(i - 1)).isPositive();
            }
        }
    }

    @Test
    void aShortGopStaysAsItIsAndReorderedFramesKeepTheirOrder() {
        assertThat(collapsed(gop(100, 3700, 7300), USUAL)).containsExactly(100, 3700, 7300);
        int[] reordered = {0, 36_000, 12_000, 24_000, 72_000, 48_000, 60_000};
        List<Integer> out = collapsed(gop(reordered), USUAL);
        for (int i = 0; i < reordered.length; i++) {
            for (int j = 0; j < reordered.length; j++) {
                assertThat(Integer.compare(out.get(i), out.get(j)))
                        .isEqualTo(Integer.compare(reordered[i], reordered[j]));
            }
        }
    }
}
