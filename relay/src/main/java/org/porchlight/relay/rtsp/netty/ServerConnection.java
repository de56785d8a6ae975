package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.egress.Session;
import org.porchlight.relay.egress.SessionFigures;
import org.porchlight.relay.egress.Sessions;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.Timing;
import org.porchlight.relay.rtsp.HttpTunnel;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspVersion;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.server.ClientConnection;
import org.porchlight.relay.rtsp.server.Refusal;
import org.porchlight.relay.rtsp.server.RtspServerActions;
import org.porchlight.relay.rtsp.server.RtspServerSession;
import org.porchlight.relay.rtsp.server.TrackSetup;
import org.porchlight.relay.rtsp.server.TrackStart;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: feeds an {@link RtspServerSession} and does what it asks. Owner: the channel's loop; it ends with its channel.
 *
 * <p>Requests are read into small buffers. When a publisher over plain TCP records, reads go straight into media slabs, and its packets
 * are found there; behind TLS or a tunnel each packet is copied once.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter implements RtspServerActions, Session {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private static final long LINGER_SECONDS = 2;
    private static final int MAX_LINGER_BYTES = 4 << 20;
    /** Less room than this at the end of a slab is not worth a read. */
    private static final int MIN_READ_BYTES = 2048;

    private final Channel channel;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final Tunnels tunnels;
    private final @Nullable SlabReads slabReads;
    private final boolean encrypted;
    private final InetSocketAddress remote;

    private RtspServerSession session;
    private @Nullable HttpTunnel tunnel;
    private @Nullable RtspRequest http;

    // reading
    private @Nullable ByteBuf leftover;
    private ByteBuf reading = Unpooled.EMPTY_BUFFER;
    private long readNanos;
    private @Nullable SlabCursor slabs;
    private int parsedTo;
    private boolean receiving;
    private boolean readingSlab;
    private boolean closing;
    private long lingerBytes;

    // time
    private @Nullable ScheduledFuture<?> timer;
    private long timerNanos;

    // the session's right, and what it does with it
    private long mark;
    private Answer.@Nullable Permit permit;
    private boolean publishes;
    private boolean cut;
    private String camera = "";
    private Rendition rendition = Rendition.MAIN;
    private long begunNanos;
    private @Nullable ServedViewer viewer;
    private @Nullable ServedPublisher publisher;

    /** @param slabReads the channel's receive allocator, for plain TCP */
    ServerConnection(
            Channel channel,
            ServerLoop loop,
            RtspServerSettings settings,
            Tunnels tunnels,
            @Nullable SlabReads slabReads,
            boolean encrypted) {
        this.channel = channel;
        this.loop = loop;
        this.settings = settings;
        this.tunnels = tunnels;
        this.slabReads = slabReads;
        this.encrypted = encrypted;
        this.remote = (InetSocketAddress) channel.remoteAddress();
        this.session = newSession(false);
    }

    private RtspServerSession newSession(boolean tunnelled) {
        return new RtspServerSession(
                new ClientConnection(remote, encrypted, tunnelled),
                settings.policy(),
                settings.authentication(),
                this,
                loop.counters,
                settings.sessionIds(),
                settings.nowNanos());
    }

    // ---- reading

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.counters.adjust(Level.CONNECTIONS, 1);
        arm();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        readNanos = settings.nowNanos();
        if (closing) {
            discard(in);
        } else if (slabs != null && tunnel == null) {
            readIntoSlab(slabs, in);
        } else {
            read(in);
            upgrade(ctx);
        }
        arm();
    }

    private void discard(ByteBuf in) {
        lingerBytes += in.readableBytes();
        in.release();
        if (lingerBytes > MAX_LINGER_BYTES) {
            reset();
        }
    }

    /** @param in given away */
    private void read(ByteBuf in) {
        ByteBuf all = in;
        ByteBuf before = leftover;
        if (before != null) {
            leftover = null;
            all = before.discardReadBytes().writeBytes(in);
            in.release();
        }
        reading = all;
        int used = receive(all.readerIndex(), all.writerIndex());
        all.readerIndex(used);
        if (session.isClosed() || !all.isReadable()) {
            all.release();
        } else if (slabs != null && tunnel == null) {
            carryOver(slabs, all);
        } else {
            leftover = all;
        }
    }

    private int receive(int from, int to) {
        receiving = true;
        int used = session.receive(reading, from, to, readNanos);
        receiving = false;
        if (!channel.isActive()) {
            releaseBuffers();
        }
        return used;
    }

    /** Recording has begun in the middle of a read: the beginning of a packet moves into the slab, where its end will be read. */
    private void carryOver(SlabCursor cursor, ByteBuf rest) {
        parsedTo = cursor.append(rest, rest.readerIndex(), rest.readableBytes());
        rest.release();
        makeRoom(cursor);
    }

    /** @param view of the cursor's free space, given away */
    private void readIntoSlab(SlabCursor cursor, ByteBuf view) {
        cursor.advance(view.readableBytes());
        view.release();
        reading = cursor.slab();
        readingSlab = true;
        parsedTo = receive(parsedTo, cursor.writeIndex());
        readingSlab = false;
        if (slabs == cursor) {
            makeRoom(cursor);
        } else {
            retire(cursor);
        }
    }

    private void makeRoom(SlabCursor cursor) {
        int needed = parsedTo < cursor.writeIndex() ? Math.max(MIN_READ_BYTES, session.missingBytes()) : MIN_READ_BYTES;
        if (cursor.writableBytes() < needed) {
            parsedTo = cursor.rollKeeping(parsedTo, needed);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        endOfRead();
        arm();
    }

    private void endOfRead() {
        ServedPublisher recording = publisher;
        SlabCursor cursor = slabs;
        if (recording != null) {
            recording.endOfRead(settings.nowNanos());
            if (cursor != null) {
                cursor.resize(recording.suggestedSlabBytes());
            }
        }
    }

    /** From now on reads go where media belong. */
    private void readIntoSlabs(int slabBytes) {
        SlabReads reads = slabReads;
        if (reads == null || tunnel != null) {
            return;
        }
        SlabCursor cursor = new SlabCursor(settings.hub().settings().slabs(), slabBytes);
        cursor.slab();
        parsedTo = cursor.writeIndex();
        slabs = cursor;
        reads.use(cursor);
        ByteBuf rest = leftover;
        leftover = null;
        if (rest != null) {
            carryOver(cursor, rest);
        }
    }

    private void readIntoBuffers() {
        SlabCursor cursor = slabs;
        SlabReads reads = slabReads;
        if (cursor == null || reads == null) {
            return;
        }
        slabs = null;
        reads.use(null);
        if (!receiving || !readingSlab) {
            retire(cursor);
        }
    }

    /** Requests may follow behind the last packet: they move out of the slab. */
    private void retire(SlabCursor cursor) {
        int rest = cursor.writeIndex() - parsedTo;
        if (rest > 0 && channel.isActive() && !session.isClosed()) {
            leftover = channel.alloc().buffer(rest).writeBytes(cursor.slab(), parsedTo, rest);
        }
        cursor.close();
    }

    private void releaseBuffers() {
        ByteBuf rest = leftover;
        leftover = null;
        if (rest != null) {
            rest.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // Who does not read our answers need not ask more.
        if (slabs == null) {
            channel.config().setAutoRead(channel.isWritable());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            loop.counters.increment(Counter.CONNECTIONS_REFUSED_TLS);
            session.close("disconnected", true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.counters.adjust(Level.CONNECTIONS, -1);
        session.close("disconnected", true);
        HttpTunnel half = tunnel;
        if (half != null) {
            tunnels.close(remote.getAddress(), half.cookie(), this);
        }
        ScheduledFuture<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
        if (!receiving) {
            releaseBuffers();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof java.io.IOException || cause instanceof io.netty.handler.codec.DecoderException) {
            session.close("disconnected", true);
        } else {
            LOG.error("session {}: its connection is closed by an error of ours", sessionName(), cause);
            session.close("error", true);
        }
        if (channel.isOpen()) {
            reset();
        }
    }

    // ---- the tunnel

    @Override
    public void http(RtspRequest request) {
        http = request;
    }

    /** The connection has spoken HTTP: it becomes half of a tunnel, or ends. */
    private void upgrade(ChannelHandlerContext ctx) {
        RtspRequest request = http;
        http = null;
        if (request == null || session.isClosed()) {
            return;
        }
        HttpTunnel half = HttpTunnel.of(request);
        if (half == null) {
            refuseHttp();
        } else if (half.half() == HttpTunnel.Half.DOWN) {
            if (tunnels.open(remote.getAddress(), half.cookie(), this)) {
                tunnel = half;
                session = newSession(true);
                transmit(HttpTunnel.accepted(settings.policy().serverName()));
            } else {
                refuseHttp();
            }
        } else {
            ServerConnection downward = tunnels.find(remote.getAddress(), half.cookie());
            if (downward == null) {
                refuseHttp();
            } else {
                becomeUpward(ctx, downward);
            }
        }
    }

    private void refuseHttp() {
        transmit(new RtspResponse(
                404,
                "Not Found",
                RtspVersion.HTTP,
                RtspHeaders.of(RtspHeaders.CONNECTION, "close", RtspHeaders.CONTENT_LENGTH, "0"),
                RtspMessage.NO_BODY));
        session.close("no_tunnel", false);
    }

    private void becomeUpward(ChannelHandlerContext ctx, ServerConnection downward) {
        TunnelUpward upward = new TunnelUpward(downward);
        ByteBuf rest = leftover;
        leftover = null;
        loop.counters.adjust(Level.CONNECTIONS, -1);
        ScheduledFuture<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
        closing = true;
        ChannelFutureListener hangUp = closed -> channel.close();
        downward.channel().closeFuture().addListener(hangUp);
        channel.closeFuture()
                .addListener(closed -> downward.channel().closeFuture().removeListener(hangUp));
        ctx.pipeline().replace(this, null, upward);
        if (rest != null) {
            upward.take(ctx.pipeline().context(upward), rest, rest.readerIndex(), rest.writerIndex());
            rest.release();
        }
    }

    /**
     * Bytes of the upward half; from any thread.
     *
     * @param decoded given away
     * @param taken run when more may come, on any thread
     */
    void offerUpward(ByteBuf decoded, Runnable taken) {
        loop.loop.execute(() -> {
            if (closing || session.isClosed()) {
                decoded.release();
            } else {
                readNanos = settings.nowNanos();
                read(decoded);
                endOfRead();
                arm();
            }
            taken.run();
        });
    }

    // ---- time

    private void arm() {
        long due = session.nextDeadlineNanos();
        ServedPublisher recording = publisher;
        if (recording != null && recording.nextDeadlineNanos() != Long.MAX_VALUE) {
            long media = recording.nextDeadlineNanos();
            due = due == Long.MAX_VALUE || media - due < 0 ? media : due;
        }
        if (due == Long.MAX_VALUE || closing) {
            return;
        }
        ScheduledFuture<?> pending = timer;
        if (pending != null) {
            if (timerNanos - due <= 0) {
                return;
            }
            pending.cancel(false);
        }
        timerNanos = due;
        timer = loop.loop.schedule(this::onTimer, Math.max(0, due - settings.nowNanos()), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        if (closing) {
            return;
        }
        long now = settings.nowNanos();
        ServedPublisher recording = publisher;
        if (recording != null) {
            recording.onDeadline(now);
        }
        session.onDeadline(now);
        arm();
    }

    // ---- what the session asks

    @Override
    public void transmit(RtspResponse response) {
        channel.writeAndFlush(RtspEncoder.encode(response, channel.alloc()), channel.voidPromise());
    }

    @Override
    public void mayView(int question, ViewRequest request) {
        camera = request.camera();
        rendition = request.rendition();
        publishes = false;
        mark = settings.sessions().mark();
        answer(question, () -> settings.admission().mayView(request));
    }

    @Override
    public void mayPublish(int question, PublishRequest request) {
        camera = request.camera();
        rendition = request.rendition();
        publishes = true;
        mark = settings.sessions().mark();
        answer(question, () -> settings.admission().mayPublish(request));
    }

    private interface Question {
        CompletionStage<Answer> ask();
    }

    private void answer(int question, Question asked) {
        try {
            asked.ask()
                    .whenComplete((answer, failure) -> onLoop(() -> {
                        if (failure != null) {
                            LOG.warn("admission failed to answer", failure);
                        }
                        Answer told = answer == null ? new Answer.Deny(DenyCode.UNAVAILABLE) : answer;
                        long now = settings.nowNanos();
                        session.onAnswer(question, told, endOf(told, now), now);
                    }));
        } catch (RuntimeException e) {
            LOG.error("admission failed", e);
            session.onAnswer(question, new Answer.Deny(DenyCode.UNAVAILABLE), Long.MAX_VALUE, settings.nowNanos());
        }
    }

    private long endOf(Answer answer, long now) {
        if (!(answer instanceof Answer.Permit granted)) {
            return Long.MAX_VALUE;
        }
        long epochNanos = settings.hub().settings().epochNanos().epochNanosAt(now);
        Instant wall = Instant.ofEpochSecond(0, epochNanos);
        boolean near = granted.expiresAt().isBefore(wall.plus(Duration.ofDays(365)));
        return near ? now + Duration.between(wall, granted.expiresAt()).toNanos() : Long.MAX_VALUE;
    }

    @Override
    public boolean isPublishable(String ofCamera) {
        return settings.publishRule().apply(ofCamera) != PublishRule.OFF;
    }

    @Override
    public boolean stands(Answer.Permit granted, String ofCamera) {
        return settings.sessions().stands(granted, ofCamera, mark);
    }

    @Override
    public boolean begin(Answer.Permit granted, String ofCamera, Rendition ofRendition, boolean publisherSide) {
        begunNanos = settings.nowNanos();
        Sessions.Entry entry = new Sessions.Entry(granted, ofCamera, ofRendition, publisherSide, this, begunNanos);
        if (!settings.sessions().open(entry, mark)) {
            return false;
        }
        permit = granted;
        LOG.info(
                "session {} opened: {} {}/{} by {}",
                granted.session(),
                publisherSide ? "publishes" : "watches",
                ofCamera,
                ofRendition,
                carrier());
        return true;
    }

    @Override
    public void giveBack(Answer.Permit unused) {
        settings.admission().onSessionEnded(new SessionReport(unused.session(), camera, "unused", Duration.ZERO, 0, 0));
    }

    @Override
    public void describe(int question, String ofCamera, Rendition ofRendition) {
        Stream stream = settings.hub().find(ofCamera, ofRendition);
        if (stream == null) {
            session.onRefused(question, Refusal.NO_SUCH_STREAM, settings.nowNanos());
            return;
        }
        boolean mustWait = stream.state() == Stream.State.IDLE || stream.knownDescription() == null;
        long askedNanos = settings.nowNanos();
        stream.describe()
                .whenComplete((description, failure) -> onLoop(() -> {
                    if (description != null) {
                        if (mustWait) {
                            settings.timings().accept(Timing.DESCRIBE_WAIT, settings.nowNanos() - askedNanos);
                        }
                        session.onDescription(question, description.tracks(), settings.nowNanos());
                    } else {
                        session.onRefused(question, refusalOf(failure), settings.nowNanos());
                    }
                }));
    }

    private static Refusal refusalOf(@Nullable Throwable failure) {
        boolean ended = failure instanceof StreamException known && known.reason() == StreamException.Reason.ENDED;
        return ended ? Refusal.NO_SUCH_STREAM : Refusal.NO_SOURCE;
    }

    @Override
    public void openPorts(int question, int track, TransportSpec offer) {
        if (publishes) {
            servedPublisher().openPorts(track, ports -> onPorts(question, ports));
        } else {
            servedViewer().openPorts(ports -> onPorts(question, ports));
        }
    }

    private void onPorts(int question, @Nullable NumberPair ports) {
        if (ports == null) {
            session.onRefused(question, Refusal.NO_PORTS, settings.nowNanos());
        } else {
            session.onPorts(question, ports, settings.nowNanos());
        }
        arm();
    }

    @Override
    public void play(int question, String ofCamera, Rendition ofRendition, List<TrackSetup> tracks) {
        Stream stream = settings.hub().find(ofCamera, ofRendition);
        if (stream == null) {
            session.onRefused(question, Refusal.NO_SUCH_STREAM, settings.nowNanos());
            return;
        }
        servedViewer().play(stream, tracks, new ServedViewer.Told() {
            private boolean started;

            @Override
            public void onStart(List<TrackStart> first) {
                started = true;
                session.onPlaying(question, first, settings.nowNanos());
                arm();
            }

            @Override
            public void onEnd(String reason, boolean abrupt) {
                if (started) {
                    session.close(reason, abrupt);
                } else {
                    servedViewer().pause();
                    session.onRefused(question, Refusal.NO_SOURCE, settings.nowNanos());
                }
            }
        });
    }

    @Override
    public void pause() {
        servedViewer().pause();
    }

    @Override
    public void record(
            int question,
            String ofCamera,
            Rendition ofRendition,
            List<TrackFormat> formats,
            List<TrackSetup> tracks,
            List<Integer> announced) {
        PublishRule rule = settings.publishRule().apply(ofCamera);
        if (rule == PublishRule.OFF) {
            session.onRefused(question, Refusal.NOT_PUBLISHABLE, settings.nowNanos());
            return;
        }
        boolean tcp = tracks.get(0).transport().lower() == TransportSpec.Lower.TCP;
        Stream stream;
        try {
            stream = settings.hub().open(ofCamera, ofRendition);
        } catch (IllegalStateException e) {
            LOG.warn("no stream for publisher of {}: {}", ofCamera, e.getMessage());
            session.onRefused(question, Refusal.NO_SUCH_STREAM, settings.nowNanos());
            return;
        }
        servedPublisher()
                .record(stream, formats, tracks, announced, rule == PublishRule.REPLACE, new ServedPublisher.Told() {
                    @Override
                    public void onRecording() {
                        if (tcp) {
                            readIntoSlabs(SlabPool.MIN_SLAB_BYTES * 4);
                        }
                        session.onRecording(question, settings.nowNanos());
                        arm();
                    }

                    @Override
                    public void onRefused(Refusal refusal) {
                        session.onRefused(question, refusal, settings.nowNanos());
                    }

                    @Override
                    public void onReplaced() {
                        session.close("replaced", false);
                    }

                    @Override
                    public void onFlood() {
                        session.close("flood", true);
                    }
                });
    }

    @Override
    public void interleaved(int track, boolean rtcp, int offset, int length) {
        ServedPublisher recording = publisher;
        if (recording == null) {
            return;
        }
        if (readingSlab) {
            recording.inSlab(track, rtcp, reading, offset, length, readNanos);
        } else {
            recording.copied(track, rtcp, reading, offset, length, readNanos);
        }
    }

    @Override
    public void feedback(int track, int offset, int length) {
        loop.counters.increment(Counter.RTCP_RECEIVED);
    }

    private ServedViewer servedViewer() {
        ServedViewer known = viewer;
        if (known == null) {
            known = new ServedViewer(
                    channel, loop, settings, !encrypted, () -> session.onLifeSign(settings.nowNanos()));
            viewer = known;
        }
        return known;
    }

    private ServedPublisher servedPublisher() {
        ServedPublisher known = publisher;
        if (known == null) {
            known = new ServedPublisher(channel, loop, settings, now -> {
                session.onMedia(now);
                arm();
            });
            publisher = known;
        }
        return known;
    }

    @Override
    public void endSession(String reason) {
        ServedViewer watching = viewer;
        ServedPublisher recording = publisher;
        String transport = transport(watching, recording);
        viewer = null;
        publisher = null;
        readIntoBuffers();
        long packets = 0;
        long bytes = 0;
        if (watching != null) {
            boolean played = watching.isPlaying() || watching.packets() > 0;
            watching.end(reason, cut);
            packets = watching.packets();
            bytes = watching.bytes();
            if (played) {
                loop.counters.increment(EndReason.ofViewer(reason, cut));
            }
        }
        if (recording != null) {
            boolean recorded = recording.isRecording() || recording.packets() > 0;
            recording.end();
            packets = recording.packets();
            bytes = recording.bytes();
            if (recorded) {
                loop.counters.increment(EndReason.ofPublisher(reason, cut));
            }
        }
        report(reason, transport, packets, bytes);
    }

    private void report(String reason, String transport, long packets, long bytes) {
        Answer.Permit held = permit;
        permit = null;
        if (held == null) {
            return;
        }
        Duration duration = Duration.ofNanos(settings.nowNanos() - begunNanos);
        LOG.info(
                "session {} ended: {} {}/{} by {}, {}, {} s, {} packets, {} bytes",
                held.session(),
                publishes ? "published" : "watched",
                camera,
                rendition,
                transport,
                reason,
                duration.toSeconds(),
                packets,
                bytes);
        settings.sessions().closed(new SessionReport(held.session(), camera, reason, duration, packets, bytes));
    }

    // ---- the end

    @Override
    public EventExecutor executor() {
        return loop.loop;
    }

    @Override
    public long cut(String reason) {
        assert loop.loop.inEventLoop();
        ServedViewer watching = viewer;
        ServedPublisher recording = publisher;
        cut = true;
        session.close(reason, true);
        if (watching != null) {
            return watching.lastSendNanos();
        }
        return recording == null ? Long.MIN_VALUE : recording.lastPacketNanos();
    }

    @Override
    public SessionFigures figures() {
        ServedViewer watching = viewer;
        ServedPublisher recording = publisher;
        String by = transport(watching, recording);
        if (watching != null) {
            return new SessionFigures(
                    remote.getAddress().getHostAddress() + ":" + remote.getPort(),
                    by,
                    watching.packets(),
                    watching.bytes(),
                    watching.drops(),
                    watching.rung());
        }
        return new SessionFigures(
                remote.getAddress().getHostAddress() + ":" + remote.getPort(),
                by,
                recording == null ? 0 : recording.packets(),
                recording == null ? 0 : recording.bytes(),
                0,
                "");
    }

    /** What carries the media; until that is known, what carries the requests. */
    private String transport(@Nullable ServedViewer watching, @Nullable ServedPublisher recording) {
        boolean udp = watching != null ? watching.usesUdp() : recording != null && recording.usesUdp();
        return udp ? "udp" : carrier();
    }

    private String carrier() {
        if (tunnel != null) {
            return encrypted ? "https" : "http";
        }
        return encrypted ? "tls" : "tcp";
    }

    private String sessionName() {
        Answer.Permit held = permit;
        return held == null ? "(none)" : held.session();
    }

    /** Ends the connection because the relay stops. */
    void shutDown() {
        session.close("shutdown", false);
    }

    @Override
    public void close(String reason, boolean abort) {
        closing = true;
        ScheduledFuture<?> pending = timer;
        timer = null;
        if (pending != null) {
            pending.cancel(false);
        }
        if (abort) {
            reset();
        } else {
            finish();
        }
    }

    /** What we said is sent, then nothing more; the client's words are thrown away until it hangs up too. */
    private void finish() {
        if (!channel.isActive()) {
            return;
        }
        channel.config().setAutoRead(true);
        ChannelFutureListener shutDown = future -> {
            if (!encrypted && channel instanceof SocketChannel socket && future.isSuccess()) {
                socket.shutdownOutput();
            } else {
                channel.close();
            }
        };
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(shutDown);
        ScheduledFuture<?> patience = loop.loop.schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> patience.cancel(false));
    }

    /** Closes at once: RST, so that the kernel throws away what was not sent; past the pipeline, so that TLS says nothing either. */
    private void reset() {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.unsafe().close(channel.voidPromise());
        }
    }

    private void onLoop(Runnable task) {
        if (loop.loop.inEventLoop()) {
            task.run();
            arm();
        } else {
            loop.loop.execute(() -> {
                task.run();
                arm();
            });
        }
    }

    Channel channel() {
        return channel;
    }
}
