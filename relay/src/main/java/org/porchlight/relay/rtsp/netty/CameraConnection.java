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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
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
import org.porchlight.relay.rtsp.client.TunnelClient;
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
    private final SourcePlan plan;
    private final CameraMemory memory;
    private final CameraTls tls;
    private final Stream stream;
    private final SourceEnvironment environment;
    private final EventLoop loop;
    private final Listener listener;
    private final LoopCounters counters;
    private final RtspUrl url;
    private final CameraReads reads;
    private final CameraCounts counts;
    private final MediaSink slabSink = new MediaSink(true);
    private final MediaSink datagramSink = new MediaSink(false);
    private final long originNanos;
    private final CameraFeedback feedback;

    private @Nullable CameraWire wire;
    private @Nullable RtspClientSession session;
    private @Nullable InetAddress camera;
    private @Nullable Ingest ingest;
    private @Nullable ReusedReads datagramReads;
    /** Outputs wait until the stream has taken us, so that no packet comes before. */
    private boolean holding;

    private boolean ended;
    private @Nullable ScheduledFuture<?> establishTimer;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAtNanos;
    private long playingSinceNanos = -1;
    private long knownKeyframes;
    private boolean packetSeen;
    private Map<IngestDeviation, Long> lastDeviations = Map.of();

    /** What is told of the connection; on the loop. */
    interface Listener {
        /** The session begins. */
        void onNegotiating();

        void onPlaying();

        /** RTP has come for the first time. */
        void onFirstPacket();

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
        this.reads = new CameraReads(environment.slabs());
        this.counts = new CameraCounts(counters, environment.drops(), memory);
        this.originNanos = environment.nanoTime().getAsLong();
        this.feedback = new CameraFeedback(environment.random().nextInt());
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
        TunnelClient tunnel = plan.transport() == TransportChoice.HTTP_TUNNEL
                ? new TunnelClient(memory, CameraWire.cookie(environment))
                : null;
        if (context == null && tunnel == null) {
            reads.intoSlab();
        }
        CameraWire fresh = new CameraWire(loop, url, address, context, tunnel, environment, reads.socketReads(), this);
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
        reads.take(bytes, inSlab);
        RtspClientSession current = session;
        if (current == null) {
            return; // the tunnel's answer brought more than was asked for: it waits for the session
        }
        reads.feed(current, count, sessionNow(), slabSink);
        drain();
        if (!ended) {
            reads.makeRoom(current.missingBytes());
        }
    }

    @Override
    public void onReadComplete() {
        Ingest current = ingest;
        if (!ended && current != null) {
            current.endOfRead(environment.nanoTime().getAsLong());
            lookForKeyframe(current);
            arm();
        }
    }

    private void lookForKeyframe(Ingest from) {
        RtspClientSession current = session;
        if (current != null && from.keyframes() != knownKeyframes) {
            knownKeyframes = from.keyframes();
            current.onKeyframe(sessionNow());
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

    @Override
    public void onTunnelOver(ClientOutput.Outcome outcome) {
        end(outcome);
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
                feedback.onSsrc(track, RtpHeader.ssrc(buf, offset));
            }
            if (!packetSeen) {
                packetSeen = true;
                listener.onFirstPacket();
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
        } else if (output instanceof ClientOutput.SendKeyframeRequest request) {
            sendKeyframeRequest(current, request);
        } else if (output instanceof ClientOutput.Finished finished) {
            end(finished.outcome());
        }
    }

    private void bind(RtspClientSession current, int track) {
        NumberPair known = feedback.portsOf(track);
        if (known != null) {
            current.onPorts(known.first(), known.second(), sessionNow());
            return; // drained by the caller's loop
        }
        InetAddress local = wire == null ? null : wire.localAddress();
        if (local == null) {
            fail(SourceFailure.Kind.CLOSED, "the connection is gone");
            return;
        }
        ReusedReads datagrams = datagramReads;
        if (datagrams == null) {
            datagrams = new ReusedReads();
            datagramReads = datagrams;
        }
        PortPair.open(loop, local, datagrams, rtcpPort -> reader(track, rtcpPort), opened -> {
            if (ended || session != current) {
                if (opened != null) {
                    opened.close();
                }
                return;
            }
            if (opened != null) {
                feedback.addPorts(opened);
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
        feedback.begin(tracks);
        boolean udp = tracks.stream().anyMatch(track -> track.transport() == ClientTrack.Transport.UDP);
        StreamDescription description =
                new StreamDescription(tracks.stream().map(ClientTrack::format).toList());
        stream.attach(loop, description, new IngestOptions(!udp, true, this::onReplaced, this::requestKeyframe))
                .whenComplete((taken, refusal) -> {
                    if (refusal != null) {
                        fail(
                                SourceFailure.Kind.REFUSED,
                                "the stream does not take the camera: " + refusal.getMessage());
                    } else if (ended) {
                        taken.close();
                    } else {
                        ingest = taken;
                        openPath();
                        holding = false;
                        drain();
                    }
                });
    }

    private void onReplaced() {
        ingest = null;
        end(new ClientOutput.Outcome.Closed());
    }

    private void openPath() {
        InetAddress address = camera;
        if (address != null) {
            feedback.openPath(address);
        }
    }

    /** The stream needs a keyframe. */
    private boolean requestKeyframe() {
        RtspClientSession current = session;
        if (current == null || ended || !current.requestKeyframe(sessionNow())) {
            return false;
        }
        drain();
        return true;
    }

    private void sendReport(RtspClientSession current, int track) {
        Ingest from = ingest;
        if (from != null && track == 0) {
            reads.resize(from.suggestedSlabBytes());
            counts.count(current.figures());
            counts.countDrops(feedback.portNumbers(), environment.nanoTime().getAsLong());
            listener.onTick();
        }
        CameraFeedback.Way way = wayOf(current, track);
        if (from == null || way == null) {
            return;
        }
        if (feedback.report(
                track, from.statistics(track), way, environment.nanoTime().getAsLong())) {
            counters.increment(Counter.RTCP_SENT);
        }
    }

    private void sendKeyframeRequest(RtspClientSession current, ClientOutput.SendKeyframeRequest request) {
        Ingest from = ingest;
        CameraFeedback.Way way = wayOf(current, request.track());
        if (from == null || way == null) {
            return;
        }
        if (feedback.askForKeyframe(
                request.track(),
                request.feedback(),
                request.commandNumber(),
                from.statistics(request.track()),
                way,
                environment.nanoTime().getAsLong())) {
            counters.increment(Counter.RTCP_SENT);
        }
    }

    /** How to reach the camera; null while it takes nothing. */
    private CameraFeedback.@Nullable Way wayOf(RtspClientSession current, int track) {
        CameraWire to = wire;
        InetAddress address = camera;
        return to == null || address == null || !to.isWritable()
                ? null
                : new CameraFeedback.Way(address, to, current.rtcpChannel(track));
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
            counts.count(current.figures());
        }
        Ingest attached = ingest;
        if (attached != null) {
            lastDeviations = attached.deviations();
            ingest = null;
            attached.close();
        }
        feedback.close();
        if (wire != null) {
            wire.close();
        }
        reads.close();
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
