package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;

/** A hub on manual loops in virtual time, and a door to its insides for tests of the rooms above. */
public final class TestHub {
    public static final long MAX_GOP_BYTES = 4 << 20;

    public final ManualLoop.Time time = new ManualLoop.Time();
    public final List<ManualLoop> loops = time.loops(3);
    public final SlabPool slabs = new SlabPool(1);
    public final GopBudget budget = new GopBudget(64 << 20, MAX_GOP_BYTES);
    public final StreamHub hub;
    private final Map<EventExecutor, LoopCounters> counters = new HashMap<>();

    public TestHub(LoopEgress.Factory egress) {
        Random random = new Random(7);
        hub = new StreamHub(
                loops,
                new StreamSettings(
                        budget,
                        slabs,
                        egress,
                        this::counters,
                        time::nanos,
                        nanos -> 1_700_000_000_000_000_000L + nanos,
                        random::nextInt,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(30),
                        DatagramLimit.ETHERNET_BYTES));
    }

    public LoopCounters counters(EventExecutor loop) {
        return counters.computeIfAbsent(loop, l -> new LoopCounters("loop"));
    }

    public long total(Counter counter) {
        return counters.values().stream().mapToLong(c -> c.value(counter)).sum();
    }

    public long total(Level level) {
        return counters.values().stream().mapToLong(c -> c.value(level)).sum();
    }

    public Stream stream(String camera) {
        return hub.open(camera, Rendition.MAIN);
    }

    /** Attaches a source and waits for it. */
    public Source attach(Stream stream, int loop, boolean ordered, StreamDescription description) {
        Source source = tryAttach(stream, loop, ordered, true, description);
        if (source.ingest == null) {
            throw new AssertionError("not attached");
        }
        return source;
    }

    public Source tryAttach(Stream stream, int loop, boolean ordered, boolean replace, StreamDescription description) {
        Source source = new Source(loops.get(loop));
        CompletableFuture<Ingest> attached = stream.attach(
                        loops.get(loop),
                        description,
                        new IngestOptions(ordered, replace, () -> source.replaced = true, source::askedForKeyframe))
                .toCompletableFuture();
        time.settle();
        source.ingest = attached.isCompletedExceptionally() ? null : attached.getNow(null);
        return source;
    }

    public static StreamDescription video() {
        return new StreamDescription(List.of(TestCamera.VIDEO));
    }

    public static StreamDescription videoAndAudio() {
        return new StreamDescription(List.of(TestCamera.VIDEO, TestCamera.AUDIO));
    }

    /** An attached source on its loop. */
    public final class Source {
        public final ManualLoop loop;
        public @Nullable Ingest ingest;
        public boolean replaced;
        /** Whether it can be asked for keyframes, and how often it was. */
        public boolean answersKeyframeRequests;

        public int keyframeRequests;

        private boolean askedForKeyframe() {
            if (!loop.inEventLoop()) {
                throw new AssertionError("asked on another loop");
            }
            keyframeRequests += answersKeyframeRequests ? 1 : 0;
            return answersKeyframeRequests;
        }

        Source(ManualLoop loop) {
            this.loop = loop;
        }

        public Ingest ingest() {
            Ingest current = ingest;
            if (current == null) {
                throw new AssertionError("not attached");
            }
            return current;
        }

        /** One read that brings these packets of a track. */
        public void read(int track, List<byte[]> packets) {
            loop.call(() -> {
                for (byte[] packet : packets) {
                    ByteBuf src = Unpooled.wrappedBuffer(packet);
                    ingest().datagram(track, src, 0, packet.length, time.nanos());
                }
                ingest().endOfRead(time.nanos());
            });
            time.settle();
        }

        public void rtcp(int track, byte[] packet) {
            loop.call(() -> {
                ingest().rtcp(track, Unpooled.wrappedBuffer(packet), 0, packet.length, time.nanos());
                ingest().endOfRead(time.nanos());
            });
            time.settle();
        }

        public void close() {
            loop.call(() -> ingest().close());
            time.settle();
        }
    }

    // ---- batches made by hand

    /** A batch over a slab of its own with these packets. */
    public static MediaBatch batch(SlabCursor slabs, long nanos, List<Packet> packets) {
        int bytes = packets.stream().mapToInt(p -> p.bytes().length + 4).sum();
        if (slabs.writableBytes() < bytes + 8) {
            slabs.close();
        }
        MediaBatch batch = null;
        for (Packet packet : packets) {
            byte[] b = packet.bytes();
            int offset = slabs.append(Unpooled.wrappedBuffer(b), 0, b.length);
            ByteBuf slab = slabs.slab();
            slab.setByte(offset - 4, '$');
            slab.setByte(offset - 3, packet.track() * 2 + ((packet.flags() & MediaBatch.REPORT) != 0 ? 1 : 0));
            slab.setShort(offset - 2, b.length);
            if (batch == null) {
                batch = MediaBatch.open(slab, nanos);
            }
            batch.add(
                    packet.track(),
                    offset,
                    b.length,
                    packet.flags(),
                    java.nio.ByteBuffer.wrap(b).getInt(4),
                    0);
        }
        if (batch == null) {
            throw new IllegalArgumentException("no packets");
        }
        return batch;
    }

    /** One packet of a batch. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Packet(int track, byte[] bytes, int flags) {}

    public static GopSnapshot snapshot(
            List<MediaBatch> retained, int firstPacket, boolean complete, StreamDescription d, List<TrackPosition> at) {
        return new GopSnapshot(retained, firstPacket, complete, d, at);
    }
}
