package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TrackPosition;

class SteadyStateAllocationTest {
    private static final int VIEWERS = 100;

    /** Takes everything. */
    private static final class Sink implements ByteTransport {
        @Override
        public long send(Pieces pieces) {
            return pieces.bytes();
        }

        @Override
        public void whenWritable(ByteBuf rest, Runnable callback) {
            throw new AssertionError("never full");
        }
    }

    private static final class Silent implements ViewerListener {
        @Override
        public void onStart(List<TrackPosition> first) {}

        @Override
        public void onEnd(String reason, boolean abrupt) {}
    }

    @Test
    void aDeliveredPacketCostsLessThanAByteOfHeap() throws Exception {
        // Recycling works on event loops' threads only.
        EventExecutor thread = new DefaultEventExecutor();
        try {
            thread.submit(this::measure).get(50, TimeUnit.SECONDS);
        } finally {
            thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private void measure() {
        // Leak detection allocates for each buffer; the guard sets it again for the next class.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        List<TestHub> hubs = new ArrayList<>();
        TestHub hub =
                new TestHub((s, loop) -> new LoopViewers(loop, ByteBufAllocator.DEFAULT, hubs.get(0).time::nanos));
        hubs.add(hub);
        Stream stream = hub.stream("one");
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        ManualLoop loop = hub.loops.get(0);
        List<StreamViewer> viewers = new ArrayList<>();
        for (int i = 0; i < VIEWERS; i++) {
            StreamViewer viewer = new StreamViewer(
                    new ViewerSetting(
                            loop, stream, new Silent(), StalenessContract.DEFAULT, hub.counters(loop), hub.time::nanos),
                    ViewKey.interleaved(new int[] {0}),
                    new Sink(),
                    new Pieces());
            viewers.add(viewer);
            loop.call(viewer::start);
        }
        hub.time.settle();
        List<ByteBuf> gop = gop();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 12; round++) {
            long sentBefore = hub.total(Counter.SENT_PACKETS);
            long before = threads.getCurrentThreadAllocatedBytes();
            loop.call(() -> play(hub, source, gop));
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            long sent = hub.total(Counter.SENT_PACKETS) - sentBefore;
            assertThat(sent).isGreaterThan(100_000);
            best = Math.min(best, (double) allocated / sent);
        }
        assertThat(best).as("bytes of heap for each delivered packet").isLessThan(1);
        viewers.forEach(v -> loop.call(() -> v.close("teardown", false)));
        source.close();
        gop.forEach(ByteBuf::release);
        assertThat(hub.slabs.bytesInUse()).isZero();
    }

    private static List<ByteBuf> gop() {
        TestCamera camera = new TestCamera(1);
        List<ByteBuf> frames = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            List<byte[]> packets = i % 50 == 0 ? camera.keyframe(60_000) : camera.frame(12_000);
            packets.forEach(p -> frames.add(Unpooled.wrappedBuffer(p)));
        }
        return frames;
    }

    private static void play(TestHub hub, TestHub.Source source, List<ByteBuf> packets) {
        for (int i = 0; i < packets.size(); i++) {
            ByteBuf packet = packets.get(i);
            source.ingest().datagram(0, packet, 0, packet.writerIndex(), hub.time.nanos());
            if (i % 10 == 9) {
                source.ingest().endOfRead(hub.time.nanos());
            }
        }
        source.ingest().endOfRead(hub.time.nanos());
    }
}
