package org.porchlight.relay.rtsp.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;

/**
 * Listens for RTSP clients, in the clear and over TLS, and serves them on the media loops. RTSP over HTTP comes to the same ports.
 * Thread-safe; closed by whoever made it, before the loops.
 */
public final class RtspServer {
    private static final int BACKLOG = 1024;
    private static final long TLS_HANDSHAKE_MILLIS = 10_000;
    /** A client whose machine is gone is noticed after about a minute without media, or this long with. */
    private static final int USER_TIMEOUT_MILLIS = 20_000;

    private static final int KEEP_IDLE_SECONDS = 30;
    private static final int KEEP_INTERVAL_SECONDS = 10;
    private static final int KEEP_PROBES = 3;
    /** Most unsent bytes that the kernel takes for one client: what is in the kernel can no longer be dropped when it is stale. */
    private static final long NOT_SENT_LOW_WATER = 256 << 10;
    /**
     * Takes a keyframe in one write. The kernel's own choice begins at 16 KiB, which cuts most frames in two; what is not on its way yet is
     * bounded by the low-water mark above all the same. The system's net.core.wmem_max may make it less.
     */
    private static final int SEND_BUFFER_BYTES = 1 << 20;

    private final EventLoopGroup group;
    private final RtspServerSettings settings;
    private final ConnectionLimits limits;
    private final Tunnels tunnels = new Tunnels();
    private final IdentityHashMap<EventLoop, ServerLoop> loops = new IdentityHashMap<>();
    private final Set<Channel> listeners = ConcurrentHashMap.newKeySet();
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    /** @param group the media loops (epoll), which also accept */
    public RtspServer(EventLoopGroup group, RtspServerSettings settings) {
        this.group = group;
        this.settings = settings;
        this.limits = new ConnectionLimits(settings.maxConnections(), settings.maxConnectionsPerAddress());
        group.forEach(executor -> {
            EventLoop loop = (EventLoop) executor;
            loops.put(
                    loop,
                    new ServerLoop(loop, settings.hub().settings().counters().apply(loop)));
        });
    }

    /**
     * Listens on one more address.
     *
     * @param tls asked for each connection, so that certificates may change; null: in the clear
     * @return the address with the port that was bound; fails with the error of bind
     */
    public CompletionStage<InetSocketAddress> listen(InetSocketAddress address, @Nullable Supplier<SslContext> tls) {
        CompletableFuture<InetSocketAddress> bound = new CompletableFuture<>();
        ChannelFuture binding = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS)
                .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS)
                .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_PROBES)
                .childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS)
                .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, tls);
                    }
                })
                .bind(address);
        binding.addListener(done -> {
            if (done.isSuccess()) {
                listeners.add(binding.channel());
                bound.complete((InetSocketAddress) binding.channel().localAddress());
            } else {
                bound.completeExceptionally(done.cause());
            }
        });
        return bound;
    }

    private void accept(Channel channel, @Nullable Supplier<SslContext> tls) {
        ServerLoop loop = loops.get(channel.eventLoop());
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        if (loop == null || remote == null) {
            channel.close();
            return;
        }
        InetAddress address = remote.getAddress();
        ConnectionLimits.Entry entry = limits.enter(address);
        if (entry != ConnectionLimits.Entry.ADMITTED) {
            loop.counters.increment(
                    entry == ConnectionLimits.Entry.TOO_MANY
                            ? Counter.CONNECTIONS_REFUSED_LIMIT
                            : Counter.CONNECTIONS_REFUSED_ADDRESS_LIMIT);
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
            return;
        }
        loop.counters.increment(Counter.CONNECTIONS_ACCEPTED);
        SlabReads reads = tls == null ? new SlabReads() : null;
        if (reads != null) {
            channel.config().setRecvByteBufAllocator(reads);
        } else if (tls != null) {
            SslHandler handler = tls.get().newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(TLS_HANDSHAKE_MILLIS);
            channel.pipeline().addLast(handler);
        }
        ServerConnection connection = new ServerConnection(channel, loop, settings, tunnels, reads, tls != null);
        connections.add(connection);
        channel.closeFuture().addListener(closed -> {
            connections.remove(connection);
            limits.leave(address);
        });
        channel.pipeline().addLast(connection);
    }

    /** Stops listening on one address, as told by {@link #listen}; connections stay. */
    public CompletionStage<Void> unlisten(InetSocketAddress bound) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        for (Channel listener : listeners) {
            if (bound.equals(listener.localAddress())) {
                listeners.remove(listener);
                listener.close().addListener(closed -> done.complete(null));
                return done;
            }
        }
        done.complete(null);
        return done;
    }

    /** Other limits for clients that connect from now on; who is there stays. */
    public void limit(int maxConnections, int maxConnectionsPerAddress) {
        limits.use(maxConnections, maxConnectionsPerAddress);
    }

    /** Connections open now. */
    public int connections() {
        return limits.open();
    }

    /** Stops listening, ends all sessions, closes all sockets; completes when the last is closed, within about 2 s. */
    public CompletionStage<Void> close() {
        List<CompletableFuture<Void>> open = new ArrayList<>();
        for (Channel listener : listeners) {
            open.add(closed(listener));
            listener.close();
        }
        for (ServerConnection connection : connections) {
            open.add(closed(connection.channel()));
            connection.executor().execute(connection::shutDown);
        }
        return CompletableFuture.allOf(open.toArray(CompletableFuture[]::new)).thenRun(() -> {
            for (ServerLoop loop : loops.values()) {
                loop.loop.execute(loop::close);
            }
        });
    }

    private static CompletableFuture<Void> closed(Channel channel) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        channel.closeFuture().addListener(future -> done.complete(null));
        return done;
    }
}
