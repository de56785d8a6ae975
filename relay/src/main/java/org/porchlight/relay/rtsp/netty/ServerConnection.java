package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.server.ClientConnection;
import org.porchlight.relay.rtsp.server.RtspServerSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: feeds an {@link RtspServerSession} with bytes and time. Owner: the channel's loop; it ends with its channel.
 * {@link ConnectionReads} keeps the bytes, {@link ServedClient} does what the session asks, {@link HttpUpgrade} makes tunnels, and
 * {@link ConnectionEnd} closes.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter implements ConnectionReads.Parser {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private final Channel channel;
    private final ServerLoop loop;
    private final RtspServerSettings settings;
    private final boolean encrypted;
    private final InetSocketAddress remote;
    private final ConnectionReads reads;
    private final ConnectionTimer timer;
    private final ConnectionEnd end;
    private final HttpUpgrade upgrade;
    private final ServedMedia media;
    private final ServedClient client;

    private RtspServerSession session;
    private boolean closing;

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
        this.encrypted = encrypted;
        this.remote = (InetSocketAddress) channel.remoteAddress();
        this.reads = new ConnectionReads(channel, settings.hub().settings().slabs(), slabReads, this);
        this.timer = new ConnectionTimer(loop.loop, settings::nowNanos, this::onTimer);
        this.end = new ConnectionEnd(channel, encrypted);
        this.upgrade = new HttpUpgrade(
                this, tunnels, remote.getAddress(), settings.policy().serverName());
        this.media = new ServedMedia(this, loop, settings, encrypted);
        this.client = new ServedClient(this, loop, settings, remote, media);
        this.session = newSession(false);
    }

    private RtspServerSession newSession(boolean tunnelled) {
        return new RtspServerSession(
                new ClientConnection(remote, encrypted, tunnelled),
                settings.policy(),
                settings.authentication(),
                client,
                loop.counters,
                settings.sessionIds(),
                settings.nowNanos());
    }

    // ---- the channel

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.counters.adjust(Level.CONNECTIONS, 1);
        arm();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (closing) {
            end.discard(in);
        } else {
            reads.onRead(in, settings.nowNanos());
            upgrade.upgrade(ctx, reads);
        }
        arm();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        media.endOfRead(reads, settings.nowNanos());
        arm();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // Who does not read our answers need not ask more.
        if (!reads.useSlabs()) {
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
        upgrade.close();
        timer.stop();
        reads.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            session.close("disconnected", true);
        } else {
            LOG.error("session {}: its connection is closed by an error of ours", client.name(), cause);
            session.close("error", true);
        }
        end.reset();
    }

    // ---- the session, as the reads see it

    @Override
    public int receive(ByteBuf in, int from, int to, long nowNanos) {
        return session.receive(in, from, to, nowNanos);
    }

    @Override
    public int missingBytes() {
        return session.missingBytes();
    }

    @Override
    public boolean isClosed() {
        return session.isClosed();
    }

    // ---- time

    /** To be called behind everything that may have moved a deadline. */
    void arm() {
        long due = session.nextDeadlineNanos();
        long mediaDue = media.nextDeadlineNanos();
        boolean mediaFirst = mediaDue != Long.MAX_VALUE && (due == Long.MAX_VALUE || mediaDue - due < 0);
        timer.arm(mediaFirst ? mediaDue : due);
    }

    private void onTimer() {
        long now = settings.nowNanos();
        media.onDeadline(now);
        session.onDeadline(now);
        arm();
    }

    /** Runs a task on the connection's loop, at once when called there. */
    void onLoop(Runnable task) {
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

    // ---- the tunnel

    void onHttp(RtspRequest request) {
        upgrade.onHttp(request);
    }

    /** The connection is the downward half of a tunnel from now on: another session begins on it. */
    void beginTunnelled() {
        session = newSession(true);
    }

    /** The connection is no client's any more: another handler takes its place. */
    void resign() {
        loop.counters.adjust(Level.CONNECTIONS, -1);
        timer.stop();
        closing = true;
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
                long now = settings.nowNanos();
                reads.onRead(decoded, now);
                media.endOfRead(reads, now);
                arm();
            }
            taken.run();
        });
    }

    // ---- what belongs to it

    Channel channel() {
        return channel;
    }

    EventExecutor executor() {
        return loop.loop;
    }

    RtspServerSession session() {
        return session;
    }

    ConnectionReads reads() {
        return reads;
    }

    /** Reads go where media belong from now on, if that is possible here. */
    void readIntoSlabs(int slabBytes) {
        if (!upgrade.isTunnelled()) {
            reads.intoSlabs(slabBytes);
        }
    }

    /** What carries the requests, for the log. */
    String carrier() {
        if (upgrade.isTunnelled()) {
            return encrypted ? "https" : "http";
        }
        return encrypted ? "tls" : "tcp";
    }

    void transmit(RtspResponse response) {
        channel.writeAndFlush(RtspEncoder.encode(response, channel.alloc()), channel.voidPromise());
    }

    // ---- the end

    /** Ends the connection because the relay stops. */
    void shutDown() {
        session.close("shutdown", false);
    }

    /** The session has ended. */
    void end(boolean abort) {
        closing = true;
        timer.stop();
        if (abort) {
            end.reset();
        } else {
            end.finish();
        }
    }
}
