package org.porchlight.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.egress.ByteTransport;
import org.porchlight.relay.egress.DatagramTransport;
import org.porchlight.relay.egress.DatagramViewer;
import org.porchlight.relay.egress.LoopViewers;
import org.porchlight.relay.egress.Pieces;
import org.porchlight.relay.egress.StalenessContract;
import org.porchlight.relay.egress.StreamViewer;
import org.porchlight.relay.egress.ViewKey;
import org.porchlight.relay.egress.Viewer;
import org.porchlight.relay.egress.ViewerListener;
import org.porchlight.relay.egress.ViewerSetting;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.GopBudget;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.LoopEgress;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.StreamHub;
import org.porchlight.relay.stream.StreamSettings;
import org.porchlight.relay.stream.Subscriber;
import org.porchlight.relay.stream.TrackPosition;

/** A stream with one camera and viewers whose sockets take everything and send nothing, all on the benchmark's thread. */
final class RelayPath implements AutoCloseable {
    private static final int GOP_BYTES = 64 << 20;

    private final InlineLoop loop = new InlineLoop();
    private final LoopCounters counters = new LoopCounters("bench");
    private final SlabPool slabs = new SlabPool(1);
    private final ClipFrames clip;
    private final StreamHub hub;
    private final Stream stream;
    private final Ingest ingest;
    private final List<Recorder> egresses = new ArrayList<>();
    private long nanos = 1_000_000_000L;
    private long sentBytes;

    /** @param packetBytes of RTP payload in the camera's packets at most */
    RelayPath(int packetBytes) {
        clip = new ClipFrames(packetBytes);
        hub = new StreamHub(
                List.of(loop),
                new StreamSettings(
                        new GopBudget(GOP_BYTES, GOP_BYTES),
                        slabs,
                        this::egress,
                        any -> counters,
                        () -> nanos,
                        at -> at,
                        () -> 4711,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        DatagramLimit.ETHERNET_BYTES));
        stream = hub.open("bench", Rendition.MAIN);
        StreamDescription description = new StreamDescription(List.of(clip.track()));
        ingest = stream.attach(loop, description, new IngestOptions(true, true, () -> {}))
                .toCompletableFuture()
                .join();
    }

    private LoopEgress egress(Stream ofStream, EventExecutor onLoop) {
        Recorder recorder = new Recorder(new LoopViewers(onLoop, ByteBufAllocator.DEFAULT, counters, () -> nanos));
        egresses.add(recorder);
        return recorder;
    }

    /** Packets of one {@link #gop()}. */
    int packets() {
        return clip.packets();
    }

    long sentBytes() {
        return sentBytes;
    }

    /** The camera sends one GOP, a read per frame: copied into slabs, continued, understood, batched, cached, told to the viewers. */
    void gop() {
        ByteBuf in = clip.streamView();
        int at = 0;
        for (int frame = 0; frame < clip.frames(); frame++) {
            nanos += clip.frameNanos();
            while (at < clip.frameEnd(frame)) {
                int length = in.getUnsignedShort(at + 2);
                ingest.datagram(0, in, at + 4, length, nanos);
                at += 4 + length;
            }
            ingest.endOfRead(nanos);
        }
        clip.moveOn();
    }

    void watchByTcp() {
        Sink sink = new Sink();
        start(new StreamViewer(setting(sink), ViewKey.interleaved(new int[] {0}), sink, new Pieces()));
    }

    void watchByUdp() {
        Sink sink = new Sink();
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere", 9);
        List<DatagramViewer.Destination> destinations = List.of(new DatagramViewer.Destination(nowhere, nowhere));
        start(new DatagramViewer(setting(sink), ViewKey.datagrams(1), sink, destinations));
    }

    private ViewerSetting setting(ViewerListener listener) {
        return new ViewerSetting(loop, stream, listener, StalenessContract.DEFAULT, counters, () -> nanos);
    }

    private static void start(Viewer viewer) {
        viewer.start();
    }

    /** Lets the camera send one GOP and keeps its batches for {@link #replay}. */
    void record() {
        egresses.forEach(Recorder::begin);
        gop();
        egresses.forEach(Recorder::stop);
    }

    /** Tells the viewers the batches kept, without source, cache and hand-over. */
    void replay() {
        egresses.forEach(Recorder::replay);
    }

    @Override
    public void close() {
        egresses.forEach(Recorder::forget);
        stream.end("over").toCompletableFuture().join();
        clip.release();
    }

    /** Passes everything on, and keeps batches while it is told to. */
    private static final class Recorder implements LoopEgress {
        private final LoopViewers viewers;
        private final List<MediaBatch> kept = new ArrayList<>();
        private boolean keeping;

        Recorder(LoopViewers viewers) {
            this.viewers = viewers;
        }

        void begin() {
            keeping = true;
        }

        void stop() {
            keeping = false;
        }

        void replay() {
            for (int i = 0; i < kept.size(); i++) {
                viewers.onBatch(kept.get(i));
                viewers.onEndOfBatches();
            }
        }

        void forget() {
            kept.forEach(MediaBatch::release);
            kept.clear();
        }

        @Override
        public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
            viewers.onJoin(subscriber, snapshot);
        }

        @Override
        public void onLeave(Subscriber subscriber) {
            viewers.onLeave(subscriber);
        }

        @Override
        public void onBatch(MediaBatch batch) {
            if (keeping) {
                batch.retain();
                kept.add(batch);
            }
            viewers.onBatch(batch);
        }

        @Override
        public void onGap() {
            viewers.onGap();
        }

        @Override
        public void onEndOfBatches() {
            viewers.onEndOfBatches();
        }

        @Override
        public void onEnd(String reason) {
            viewers.onEnd(reason);
        }
    }

    private final class Sink implements ByteTransport, DatagramTransport, ViewerListener {
        @Override
        public long send(Pieces pieces) {
            sentBytes += pieces.bytes();
            return pieces.bytes();
        }

        @Override
        public void whenWritable(ByteBuf rest, Runnable whenDone) {
            throw new IllegalStateException("everything was taken");
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
            sentBytes += end - start;
        }

        @Override
        public void flush() {}

        @Override
        public void onStart(List<TrackPosition> first) {}

        @Override
        public void onEnd(String reason, boolean abrupt) {}
    }
}
