package org.porchlight.relay.webrtc.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.webrtc.session.SessionListener;
import org.porchlight.relay.webrtc.session.SessionPlan;

/**
 * The node's one port for WebRTC. Thread-safe; closed by whoever made it, before the loops and the DTLS endpoint.
 *
 * <p>Sockets are read by {@code recvmmsg}, {@value #READ_AT_ONCE} packets at a time: on this port many wait at once. GRO stays off, as it costs
 * more than it gains for peers that send a few packets each.
 */
public final class WebRtcPort {
    private static final int READ_AT_ONCE = 16;
    private static final int MAX_PACKET = 2048;
    private static final int READS_PER_WAKE_UP = 64;
    private static final int TRIES = 16;
    private static final int BACKLOG = 256;
    /** Keyframes for many viewers, feedback of many; the kernel caps it at {@code net.core.rmem_max} and {@code wmem_max}. */
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;
    /** A TCP client that takes this little is behind: what is queued for it would only grow stale. */
    private static final WriteBufferWaterMark TCP_WATER_MARK = new WriteBufferWaterMark(128 << 10, 512 << 10);

    private static final long NOT_SENT_LOW_WATER = 128 << 10;

    /** Sessions that are closed with the port still say so to their peers. */
    private static final long LAST_WORD_MILLIS = 300;

    private final EventLoopGroup group;
    private final WebRtcSettings settings;
    private final SessionDirectory directory;
    private final List<PortLoop> loops = new ArrayList<>();
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicInteger tcpConnections = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean closed;

    /**
     * A port that is not open yet.
     *
     * @param group the media loops (epoll)
     * @param random of cryptographic strength
     */
    public WebRtcPort(EventLoopGroup group, WebRtcSettings settings, RandomGenerator random) {
        this.group = group;
        this.settings = settings;
        this.directory = new SessionDirectory(settings.maxSessions());
        group.forEach(executor -> loops.add(new PortLoop((EventLoop) executor, settings, directory, random.nextInt())));
    }

    WebRtcSettings settings() {
        return settings;
    }

    SessionDirectory directory() {
        return directory;
    }

    /**
     * Binds the sockets of all loops, and the TCP listener of the same number.
     *
     * @param address port 0: any that is free for both
     * @return the address with its port; fails with the error of bind
     */
    public CompletionStage<InetSocketAddress> listen(InetSocketAddress address) {
        CompletableFuture<InetSocketAddress> bound = new CompletableFuture<>();
        attempt(address, address.getPort() == 0 ? TRIES : 1, bound);
        return bound;
    }

    private void attempt(InetSocketAddress address, int tries, CompletableFuture<InetSocketAddress> bound) {
        List<Channel> opened = new ArrayList<>();
        bindFrom(0, address, opened).whenComplete((at, failure) -> {
            if (failure == null) {
                channels.addAll(opened);
                bound.complete(at);
                return;
            }
            opened.forEach(Channel::close);
            if (tries > 1) {
                attempt(address, tries - 1, bound);
            } else {
                bound.completeExceptionally(failure);
            }
        });
    }

    /** The sockets one after the other: the first one's number is that of all. */
    private CompletableFuture<InetSocketAddress> bindFrom(int index, InetSocketAddress address, List<Channel> opened) {
        if (index == loops.size()) {
            return bindTcp(address, opened);
        }
        PortLoop loop = loops.get(index);
        CompletableFuture<InetSocketAddress> done = new CompletableFuture<>();
        bindUdp(loop, address).addListener(binding -> {
            if (!binding.isSuccess()) {
                done.completeExceptionally(binding.cause());
                return;
            }
            Channel channel = ((ChannelFuture) binding).channel();
            opened.add(channel);
            loop.begin(channel);
            InetSocketAddress numbered = (InetSocketAddress) channel.localAddress();
            bindFrom(index + 1, numbered, opened).whenComplete((at, failure) -> {
                if (failure == null) {
                    done.complete(at);
                } else {
                    done.completeExceptionally(failure);
                }
            });
        });
        return done;
    }

    private static ChannelFuture bindUdp(PortLoop loop, InetSocketAddress address) {
        return new Bootstrap()
                .group(loop.executor())
                .channel(EpollDatagramChannel.class)
                .option(EpollChannelOption.SO_REUSEPORT, true)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_PACKET)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(READ_AT_ONCE * MAX_PACKET).maxMessagesPerRead(READS_PER_WAKE_UP))
                .handler(loop)
                .bind(address);
    }

    private CompletableFuture<InetSocketAddress> bindTcp(InetSocketAddress address, List<Channel> opened) {
        CompletableFuture<InetSocketAddress> done = new CompletableFuture<>();
        ChannelFuture binding = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, TCP_WATER_MARK)
                .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                })
                .bind(address);
        binding.addListener(bound -> {
            if (bound.isSuccess()) {
                opened.add(binding.channel());
                done.complete(address);
            } else {
                done.completeExceptionally(bound.cause());
            }
        });
        return done;
    }

    private void accept(Channel channel) {
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        PortLoop loop = loopOf(channel.eventLoop());
        if (remote == null || loop == null || closed || tcpConnections.get() >= settings.maxTcpConnections()) {
            channel.close();
            return;
        }
        tcpConnections.incrementAndGet();
        channels.add(channel);
        channel.closeFuture().addListener(gone -> {
            tcpConnections.decrementAndGet();
            channels.remove(channel);
        });
        channel.pipeline().addLast(new IceTcpConnection(loop, channel, remote));
    }

    private @Nullable PortLoop loopOf(EventLoop executor) {
        for (PortLoop loop : loops) {
            if (loop.executor() == executor) {
                return loop;
            }
        }
        return null;
    }

    /**
     * Opens a session, which waits for its peer's checks from now on; any thread.
     *
     * @param listener told on the session's loop
     * @return empty: there are as many sessions as there may be, or the port is closed
     */
    public Optional<HostedSession> open(SessionPlan plan, SessionListener listener) {
        PortLoop home = loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
        HostedSession session = new HostedSession(this, home, plan, listener, settings.nowNanos());
        if (closed || !directory.enter(plan.local().ufrag(), session)) {
            return Optional.empty();
        }
        session.execute(() -> session.home().open(session));
        return Optional.of(session);
    }

    /** Sessions open now. */
    public int sessions() {
        return directory.sessions().size();
    }

    /** Ends all sessions and closes all sockets; completes when the last is closed. */
    public CompletionStage<Void> close() {
        closed = true;
        long lastWordMillis = directory.sessions().isEmpty() ? 0 : LAST_WORD_MILLIS;
        directory.sessions().forEach(HostedSession::close);
        List<CompletableFuture<Void>> open = new ArrayList<>();
        for (Channel channel : channels) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            channel.eventLoop()
                    .schedule(
                            () -> channel.close().addListener(gone -> done.complete(null)),
                            lastWordMillis,
                            TimeUnit.MILLISECONDS);
            open.add(done);
        }
        return CompletableFuture.allOf(open.toArray(CompletableFuture[]::new));
    }
}
