package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.egress.netty.UdpSender;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.stream.ManualLoop;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.TestCamera;
import org.porchlight.relay.stream.TestHub;
import org.porchlight.relay.stream.TrackPosition;

class SteadyStateAllocationTest {
    private static final int VIEWERS = 100;
    /** An array for an IPv4 address. */
    private static final int ADDRESS_BYTES = 24;

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
    void aPacketDeliveredOverTcpCostsLessThanAByteOfHeap() throws Exception {
        // Recycling works on event loops' threads only.
        EventExecutor thread = new DefaultEventExecutor();
        try {
            double bytes = thread.submit(() -> {
                        Sink sink = new Sink();
                        return measure(
                                0,
                                setting -> new StreamViewer(
                                        setting, ViewKey.interleaved(new int[] {0}), sink, new Pieces()));
                    })
                    .get(50, TimeUnit.SECONDS);
            assertThat(bytes).as("bytes of heap for each delivered packet").isLessThan(1);
        } finally {
            thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** With the real channels, as they need most of the objects that a message takes. They copy the address of each message; the second compiler removes that. */
    @Test
    void aPacketDeliveredOverUdpCostsLessThanAByteOfHeapBesideTheAddressOfItsMessage() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (DatagramSocket nobodyReads = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) nobodyReads.getLocalSocketAddress();
            List<DatagramViewer.@Nullable Destination> there =
                    List.of(new DatagramViewer.Destination(address, address));
            UdpSender sender = new UdpSender(bind(group), bind(group));
            double bytes = group.submit(() -> measure(
                            ADDRESS_BYTES, setting -> new DatagramViewer(setting, ViewKey.datagrams(1), sender, there)))
                    .get(50, TimeUnit.SECONDS);
            assertThat(bytes).as("bytes of heap for each delivered packet").isLessThan(1);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static Channel bind(EventLoopGroup group) {
        return new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    private static double measure(int bytesOfEachMessage, Function<ViewerSetting, Viewer> maker) {
        // Leak detection allocates for each buffer; the guard sets it again for the next class.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        List<TestHub> hubs = new ArrayList<>();
        TestHub hub = new TestHub((s, loop) ->
                new LoopViewers(loop, ByteBufAllocator.DEFAULT, hubs.get(0).counters(loop), hubs.get(0).time::nanos));
        hubs.add(hub);
        Stream stream = hub.stream("one");
        TestHub.Source source = hub.attach(stream, 0, true, TestHub.video());
        ManualLoop loop = hub.loops.get(0);
        List<Viewer> viewers = new ArrayList<>();
        for (int i = 0; i < VIEWERS; i++) {
            Viewer viewer = maker.apply(new ViewerSetting(
                    loop, stream, new Silent(), StalenessContract.DEFAULT, hub.counters(loop), hub.time::nanos));
            viewers.add(viewer);
            loop.call(viewer::start);
        }
        hub.time.settle();
        List<ByteBuf> gop = gop();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 12; round++) {
            long sentBefore = hub.total(Counter.SENT_PACKETS);
            long writesBefore = hub.total(Counter.SENT_WRITES);
            long before = threads.getCurrentThreadAllocatedBytes();
            loop.call(() -> play(hub, source, gop));
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            long sent = hub.total(Counter.SENT_PACKETS) - sentBefore;
            assertThat(sent).isGreaterThan(100_000);
            long writes = hub.total(Counter.SENT_WRITES) - writesBefore;
            long beside = allocated - writes * bytesOfEachMessage;
            best = Math.min(best, (double) (beside < 0 ? allocated : beside) / sent);
        }
        viewers.forEach(v -> loop.call(() -> v.close("teardown", false)));
        source.close();
        gop.forEach(ByteBuf::release);
        assertThat(hub.slabs.bytesInUse()).isZero();
        return best;
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
