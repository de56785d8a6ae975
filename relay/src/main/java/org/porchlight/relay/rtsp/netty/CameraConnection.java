package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.client.CameraMemory;
import org.porchlight.relay.rtsp.client.ClientOutput;
import org.porchlight.relay.rtsp.client.ClientTrack;
import org.porchlight.relay.rtsp.client.RtspClientSession;
import org.porchlight.relay.rtsp.client.RtspUrl;
import org.porchlight.relay.rtsp.client.SourceFailure;
import org.porchlight.relay.rtsp.client.SourcePlan;
import org.porchlight.relay.rtsp.client.TransportChoice;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestDeviation;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;

/**
 * One connection to a camera, from the look-up of its name to the end: feeds a {@link RtspClientSession} and does what it says. Owner: the
 * loop; closed by its {@link RtspSource}, or by itself when it ends.
 */
final class CameraConnection implements CameraWire.Receiver {
    private static final long ESTABLISH_SECONDS = 12;
    /** Less free space than this makes many small reads. */
    private static final int MIN_READ_BYTES = 4096;

    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);

    private final SourcePlan plan;
    private final CameraMemory memory;
    private final CameraTls tls;
    private final Stream stream;
    private final SourceEnvironment environment;
    private final EventLoop loop;
    private final Listener listener;
    private final LoopCounters counters;
    private final RtspUrl url;
    private final SlabCursor slabs;
    private final SlabReads slabReads = new SlabReads();
    private final MediaSink slabSink = new MediaSink(true);
    private final MediaSink datagramSink = new MediaSink(false);
    private final long originNanos;
    private final int ownSsrc;

    private @Nullable CameraWire wire;
    private @Nullable RtspClientSession session;
    private @Nullable InetAddress camera;
    private @Nullable Ingest ingest;
    private @Nullable ReusedReads datagramReads;
    private final List<PortPair> ports = new ArrayList<>();
    private int[] ssrcs = {};
    private int unread = SlabCursor.HEADROOM;
    /** Outputs wait until the stream has taken us, so that no packet comes before. */
    private boolean holding;

    private boolean ended;
    private @Nullable ScheduledFuture<?> establishTimer;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAtNanos;
    private long playingSinceNanos = -1;
    private long countedGarbageRuns;
    private long countedGarbageBytes;
    private long countedUnrouted;
    private long countedStrangers;
    private Map<IngestDeviation, Long> lastDeviations = Map.of();

    /** What is told of the connection; on the loop. */
    interface Listener {
        /** The session begins. */
        void onNegotiating();

        void onPlaying();

        /** Time for a fresh look at the statistics. */
        void onTick();

        /**
         * It ended; last call.
         *
         * @param playedNanos how long it played, 0: never
         */
        void onEnded(ClientOutput.Outcome outcome, long playedNanos);
    }

    CameraConnection(
            SourcePlan plan,
            CameraMemory memory,
            CameraTls tls,
            Stream stream,
            SourceEnvironment environment,
            EventLoop loop,
            Listener listener) {
        this.plan = plan;
        this.memory = memory;
        this.tls = tls;
        this.stream = stream;
        this.environment = environment;
        this.loop = loop;
        this.listener = listener;
        this.counters = environment.counters().apply(loop);
        this.url = memory.target();
        this.slabs = new SlabCursor(environment.slabs(), SlabPool.MIN_SLAB_BYTES);
        this.originNanos = environment.nanoTime().getAsLong();
        this.ownSsrc = environment.random().nextInt();
    }

    // ---------------------------------------------------------------- opening

    void open() {
        establishTimer = loop.schedule(
                () -> fail(SourceFailure.Kind.TIMEOUT, "no connection to " + url.origin() + " in time"),
                ESTABLISH_SECONDS,
                TimeUnit.SECONDS);
        environment.lookup().find(url.host(), loop, this::onAddress);
    }

    private void onAddress(@Nullable InetAddress address) {
        if (ended) {
            return;
        }
        if (address == null) {
            fail(SourceFailure.Kind.UNREACHABLE, "no address for host " + url.host());
            return;
        }
        camera = address;
        if (url.tls()) {
            tls.whenReady(loop, context -> {
                if (context == null) {
                    fail(SourceFailure.Kind.TLS, "the certificates to trust cannot be read");
                } else {
                    connect(address, context);
                }
            });
        } else {
            connect(address, null);
        }
    }

    private void connect(InetAddress address, @Nullable SslContext context) {
        if (ended) {
            return;
        }
        boolean tunnel = plan.transport() == TransportChoice.HTTP_TUNNEL;
        if (context == null && !tunnel) {
            slabReads.use(slabs);
        }
        unread = SlabCursor.HEADROOM;
        CameraWire fresh = new CameraWire(loop, url, address, context, tunnel, environment, slabReads, this);
        wire = fresh;
        fresh.connect();
    }

    @Override
    public void onOpen() {
        InetAddress address = camera;
        if (ended || address == null) {
            return;
        }
        cancel(establishTimer);
        establishTimer = null;
        listener.onNegotiating();
        RtspClientSession fresh = new RtspClientSession(plan.settings(), memory, address);
        session = fresh;
        fresh.start(sessionNow());
        drain();
    }

    // ---------------------------------------------------------------- reading

    @Override
    public void onBytes(ByteBuf bytes, boolean inSlab) {
        int count = bytes.readableBytes();
        if (ended || count == 0) {
            return;
        }
        if (inSlab) {
            slabs.slab();
            slabs.advance(count);
        } else {
            copy(bytes, count);
        }
        RtspClientSession current = session;
        if (current == null) {
            return; // the tunnel's answer brought more than was asked for: it waits for the session
        }
        unread = current.receive(slabs.slab(), unread, slabs.writeIndex(), count, sessionNow(), slabSink);
        drain();
        if (!ended) {
            makeRoom(current.missingBytes());
        }
    }

    private void copy(ByteBuf bytes, int count) {
        slabs.slab();
        if (slabs.writableBytes() < count) {
            unread = slabs.rollKeeping(unread, count);
        }
        slabs.slab().setBytes(slabs.writeIndex(), bytes, bytes.readerIndex(), count);
        slabs.advance(count);
    }

    /** The next read finds room for the rest of what has begun, and for a bit more. */
    private void makeRoom(int missing) {
        int wanted = Math.max(missing, MIN_READ_BYTES);
        if (slabs.writableBytes() < wanted) {
            unread = slabs.rollKeeping(unread, wanted);
        }
    }

    @Override
    public void onReadComplete() {
        Ingest current = ingest;
        if (!ended && current != null) {
            current.endOfRead(environment.nanoTime().getAsLong());
            arm();
        }
    }

    @Override
    public void onBroken(SourceFailure.Kind kind, String detail) {
        RtspClientSession current = session;
        if (current == null || kind != SourceFailure.Kind.CLOSED) {
            fail(kind, detail);
        } else {
            current.onConnectionLost(detail, sessionNow());
            drain();
        }
    }

    private final class MediaSink implements RtspClientSession.MediaSink {
        private final boolean inSlab;

        MediaSink(boolean inSlab) {
            this.inSlab = inSlab;
        }

        @Override
        public void rtp(int track, ByteBuf buf, int offset, int length) {
            Ingest current = ingest;
            if (current == null) {
                counters.increment(Counter.DISCARDED_CHANNEL);
                return;
            }
            if (length >= RtpHeader.FIXED_LENGTH) {
                ssrcs[track] = RtpHeader.ssrc(buf, offset);
            }
            if (inSlab) {
                current.packet(
                        track, buf, offset, length, environment.nanoTime().getAsLong());
            } else {
                current.datagram(
                        track, buf, offset, length, environment.nanoTime().getAsLong());
            }
        }

        @Override
        public void rtcp(int track, ByteBuf buf, int offset, int length) {
            Ingest current = ingest;
            if (current != null) {
                current.rtcp(track, buf, offset, length, environment.nanoTime().getAsLong());
            }
        }
    }

    /** One UDP port of one track. */
    private final class DatagramReader extends ChannelInboundHandlerAdapter {
        private final int track;
        private final boolean rtcpPort;

        DatagramReader(int track, boolean rtcpPort) {
            this.track = track;
            this.rtcpPort = rtcpPort;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                RtspClientSession current = session;
                if (current != null && !ended) {
                    ByteBuf content = packet.content();
                    current.datagram(
                            track,
                            rtcpPort,
                            packet.sender(),
                            content,
                            content.readerIndex(),
                            content.readableBytes(),
                            sessionNow(),
                            datagramSink);
                }
            } finally {
                packet.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            drain();
            onReadComplete();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // ICMP port unreachable and the like: the watchdog of media decides
        }
    }

    // ---------------------------------------------------------------- doing what the session says

    private void drain() {
        RtspClientSession current = session;
        if (current == null) {
            return;
        }
        while (!holding && !ended) {
            ClientOutput output = current.poll();
            if (output == null) {
                break;
            }
            perform(current, output);
        }
        if (!ended) {
            arm();
        }
    }

    private void perform(RtspClientSession current, ClientOutput output) {
        if (output instanceof ClientOutput.Send send) {
            CameraWire to = wire;
            if (to != null) {
                to.send(RtspEncoder.encode(send.message(), ByteBufAllocator.DEFAULT));
            }
        } else if (output instanceof ClientOutput.BindPorts bind) {
            bind(current, bind.track());
        } else if (output instanceof ClientOutput.Prepare prepare) {
            prepare(prepare.tracks());
        } else if (output instanceof ClientOutput.Playing) {
            playingSinceNanos = environment.nanoTime().getAsLong();
            counters.increment(Counter.SOURCE_PLAYING);
            listener.onPlaying();
        } else if (output instanceof ClientOutput.SendReceiverReport report) {
            sendReport(current, report.track());
        } else if (output instanceof ClientOutput.Finished finished) {
            end(finished.outcome());
        }
    }

    private void bind(RtspClientSession current, int track) {
        if (track < ports.size()) {
            NumberPair known = ports.get(track).numbers();
            current.onPorts(known.first(), known.second(), sessionNow());
            return; // drained by the caller's loop
        }
        InetAddress local = wire == null ? null : wire.localAddress();
        if (local == null) {
            fail(SourceFailure.Kind.CLOSED, "the connection is gone");
            return;
        }
        ReusedReads reads = datagramReads;
        if (reads == null) {
            reads = new ReusedReads();
            datagramReads = reads;
        }
        PortPair.open(loop, local, reads, rtcpPort -> reader(track, rtcpPort), opened -> {
            if (ended || session != current) {
                if (opened != null) {
                    opened.close();
                }
                return;
            }
            if (opened != null) {
                ports.add(opened);
            }
            NumberPair numbers = opened == null ? null : opened.numbers();
            current.onPorts(
                    numbers == null ? 0 : numbers.first(), numbers == null ? 0 : numbers.second(), sessionNow());
            drain();
        });
    }

    private ChannelHandler reader(int track, boolean rtcpPort) {
        return new DatagramReader(track, rtcpPort);
    }

    private void prepare(List<ClientTrack> tracks) {
        holding = true;
        ssrcs = new int[tracks.size()];
        boolean udp = tracks.stream().anyMatch(track -> track.transport() == ClientTrack.Transport.UDP);
        StreamDescription description =
                new StreamDescription(tracks.stream().map(ClientTrack::format).toList());
        stream.attach(loop, description, new IngestOptions(!udp, true, this::onReplaced))
                .whenComplete((taken, refusal) -> {
                    if (refusal != null) {
                        fail(
                                SourceFailure.Kind.REFUSED,
                                "the stream does not take the camera: " + refusal.getMessage());
                    } else if (ended) {
                        taken.close();
                    } else {
                        ingest = taken;
                        openPath(tracks);
                        holding = false;
                        drain();
                    }
                });
    }

    private void onReplaced() {
        ingest = null;
        end(new ClientOutput.Outcome.Closed());
    }

    /** Opens the way for the camera's datagrams through firewalls between us: they let in what answers something. */
    private void openPath(List<ClientTrack> tracks) {
        InetAddress address = camera;
        for (int track = 0; track < tracks.size() && address != null; track++) {
            NumberPair server = tracks.get(track).serverPorts();
            if (server == null || track >= ports.size()) {
                continue;
            }
            ByteBuf rtp = ByteBufAllocator.DEFAULT.buffer(RtpHeader.FIXED_LENGTH);
            rtp.writeByte(0x80).writeZero(7).writeInt(ownSsrc);
            ports.get(track).send(false, rtp, new InetSocketAddress(address, server.first()));
            ByteBuf rtcp = ByteBufAllocator.DEFAULT.buffer();
            RtcpWriter.writeReceiverReport(rtcp, ownSsrc, 0);
            RtcpWriter.writeCname(rtcp, ownSsrc, CNAME);
            ports.get(track).send(true, rtcp, new InetSocketAddress(address, server.second()));
        }
    }

    private void sendReport(RtspClientSession current, int track) {
        Ingest from = ingest;
        CameraWire to = wire;
        if (from == null || to == null || !to.isWritable()) {
            return;
        }
        if (track == 0) {
            slabs.resize(from.suggestedSlabBytes());
            count(current);
            listener.onTick();
        }
        ByteBuf report = ByteBufAllocator.DEFAULT.buffer();
        report.writeZero(SlabCursor.HEADROOM);
        boolean known = from.statistics(track).received() > 0;
        RtcpWriter.writeReceiverReport(report, ownSsrc, known ? 1 : 0);
        if (known) {
            from.statistics(track)
                    .writeReportBlock(
                            report, ssrcs[track], environment.nanoTime().getAsLong());
        }
        RtcpWriter.writeCname(report, ownSsrc, CNAME);
        ClientTrack set = current.tracks().get(track);
        NumberPair server = set.serverPorts();
        int channel = current.rtcpChannel(track);
        if (set.transport() == ClientTrack.Transport.UDP && server != null && camera != null) {
            report.skipBytes(SlabCursor.HEADROOM);
            ports.get(track).send(true, report, new InetSocketAddress(camera, server.second()));
        } else if (set.transport() == ClientTrack.Transport.INTERLEAVED && channel >= 0) {
            report.setByte(0, '$').setByte(1, channel).setShort(2, report.readableBytes() - SlabCursor.HEADROOM);
            to.send(report);
        } else {
            report.release();
            return;
        }
        counters.increment(Counter.RTCP_SENT);
    }

    private void count(RtspClientSession current) {
        counters.add(Counter.GARBAGE_BYTES, current.garbageBytes() - countedGarbageBytes);
        counters.add(Counter.GARBAGE_RUNS, current.garbageRuns() - countedGarbageRuns);
        counters.add(Counter.DISCARDED_CHANNEL, current.unroutedFrames() - countedUnrouted);
        counters.add(Counter.DISCARDED_SENDER, current.strangerDatagrams() - countedStrangers);
        countedGarbageBytes = current.garbageBytes();
        countedGarbageRuns = current.garbageRuns();
        countedUnrouted = current.unroutedFrames();
        countedStrangers = current.strangerDatagrams();
    }

    // ---------------------------------------------------------------- time

    private long sessionNow() {
        return environment.nanoTime().getAsLong() - originNanos;
    }

    private void arm() {
        RtspClientSession current = session;
        if (current == null || ended) {
            return;
        }
        long now = environment.nanoTime().getAsLong();
        long delay = Long.MAX_VALUE;
        if (current.nextDeadlineNanos() != Long.MAX_VALUE) {
            delay = current.nextDeadlineNanos() - (now - originNanos);
        }
        Ingest reordering = ingest;
        if (reordering != null && reordering.nextDeadlineNanos() != Long.MAX_VALUE) {
            delay = Math.min(delay, reordering.nextDeadlineNanos() - now);
        }
        ScheduledFuture<?> armed = timer;
        if (delay == Long.MAX_VALUE || (armed != null && timerAtNanos - (now + delay) <= 0)) {
            return; // an earlier timer looks again when it fires
        }
        cancel(armed);
        timerAtNanos = now + delay;
        timer = loop.schedule(this::onTimer, Math.max(0, delay), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        RtspClientSession current = session;
        if (current == null || ended) {
            return;
        }
        current.onDeadline(sessionNow());
        drain();
        Ingest reordering = ingest;
        if (!ended && reordering != null) {
            reordering.endOfRead(environment.nanoTime().getAsLong());
            arm();
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> future) {
        if (future != null) {
            future.cancel(false);
        }
    }

    // ---------------------------------------------------------------- the end

    /** Ends in good order; {@link Listener#onEnded} follows within a second. */
    void close() {
        RtspClientSession current = session;
        if (current == null || holding) {
            end(new ClientOutput.Outcome.Closed());
        } else {
            current.close(sessionNow());
            drain();
        }
    }

    private void fail(SourceFailure.Kind kind, String detail) {
        end(new ClientOutput.Outcome.Failed(new SourceFailure(kind, detail)));
    }

    private void end(ClientOutput.Outcome outcome) {
        if (ended) {
            return;
        }
        ended = true;
        cancel(establishTimer);
        cancel(timer);
        RtspClientSession current = session;
        if (current != null) {
            count(current);
        }
        Ingest attached = ingest;
        if (attached != null) {
            lastDeviations = attached.deviations();
            ingest = null;
            attached.close();
        }
        ports.forEach(PortPair::close);
        if (wire != null) {
            wire.close();
        }
        slabReads.use(null);
        slabs.close();
        if (datagramReads != null) {
            datagramReads.close();
        }
        long played = playingSinceNanos < 0 ? 0 : environment.nanoTime().getAsLong() - playingSinceNanos;
        listener.onEnded(outcome, played);
    }

    // ---------------------------------------------------------------- what is known

    Map<IngestDeviation, Long> deviations() {
        Ingest current = ingest;
        return current == null ? lastDeviations : current.deviations();
    }

    /** Null before the wire is open. */
    @Nullable
    RtspClientSession session() {
        return session;
    }
}
