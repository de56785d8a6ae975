package org.porchlight.relay.rtsp.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.HttpTunnel;
import org.porchlight.relay.rtsp.RtspEncoder;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.client.ClientOutput;
import org.porchlight.relay.rtsp.client.RtspUrl;
import org.porchlight.relay.rtsp.client.SourceFailure;
import org.porchlight.relay.rtsp.client.TunnelClient;

/**
 * The byte streams to one camera: TCP, TLS over it, or the two halves of an HTTP tunnel (either way). Plain TCP reads go straight into the
 * slab. Owner: the loop; closed by its {@link CameraConnection}.
 */
final class CameraWire {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int HANDSHAKE_TIMEOUT_MILLIS = 5_000;
    private static final int COOKIE_BYTES = 16;
    private static final String USER_AGENT = "Porchlight";

    private final EventLoop loop;
    private final RtspUrl url;
    private final InetAddress address;
    private final @Nullable SslContext tls;
    private final SourceEnvironment environment;
    private final SlabReads reads;
    private final Receiver receiver;
    private final @Nullable TunnelClient tunnel;
    private @Nullable Channel down;
    private @Nullable Channel up;
    private boolean open;
    private boolean closed;

    /** What is told of the wire; on the loop. */
    interface Receiver {
        /** Requests may be sent. */
        void onOpen();

        /** Bytes came; with {@code inSlab} they are in the slab already and {@code bytes} is a view of them. Borrowed. */
        void onBytes(ByteBuf bytes, boolean inSlab);

        void onReadComplete();

        /** It broke or was never made; nothing follows. */
        void onBroken(SourceFailure.Kind kind, String detail);

        /** The tunnel was not opened; nothing follows. */
        void onTunnelOver(ClientOutput.Outcome outcome);
    }

    CameraWire(
            EventLoop loop,
            RtspUrl url,
            InetAddress address,
            @Nullable SslContext tls,
            @Nullable TunnelClient tunnel,
            SourceEnvironment environment,
            SlabReads reads,
            Receiver receiver) {
        this.loop = loop;
        this.url = url;
        this.address = address;
        this.tls = tls;
        this.environment = environment;
        this.reads = reads;
        this.receiver = receiver;
        this.tunnel = tunnel;
    }

    /** A text for {@link TunnelClient} that nobody can guess. */
    static String cookie(SourceEnvironment environment) {
        byte[] bytes = new byte[COOKIE_BYTES];
        environment.random().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    void connect() {
        down = connect(new DownReader(), tls == null && tunnel == null);
    }

    private Channel connect(ChannelInboundHandlerAdapter reader, boolean intoSlab) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tls != null) {
                            SslHandler handler = tls.newHandler(
                                    channel.alloc(),
                                    url.host(),
                                    url.port(),
                                    environment.lookup().threads());
                            handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT_MILLIS);
                            channel.pipeline().addLast(handler);
                        }
                        channel.pipeline().addLast(reader);
                    }
                });
        if (intoSlab) {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, reads);
        }
        ChannelFuture connecting = bootstrap.connect(new InetSocketAddress(address, url.port()));
        connecting.addListener(future -> {
            if (!future.isSuccess()) {
                broken(
                        SourceFailure.Kind.UNREACHABLE,
                        "no connection to " + url.origin() + ": " + told(future.cause()));
            }
        });
        return connecting.channel();
    }

    /** Sends bytes; they are given away. */
    void send(ByteBuf bytes) {
        Channel channel = up;
        if (channel == null || closed) {
            bytes.release();
            return;
        }
        if (tunnel == null) {
            channel.writeAndFlush(bytes, channel.voidPromise());
            return;
        }
        ByteBuf encoded = HttpTunnel.encodeUpward(bytes, channel.alloc());
        bytes.release();
        channel.writeAndFlush(encoded, channel.voidPromise());
    }

    /** Whether the camera takes what is sent. */
    boolean isWritable() {
        Channel channel = up;
        return channel != null && channel.isWritable();
    }

    /** The address of ours that the camera sees. */
    @Nullable
    InetAddress localAddress() {
        Channel channel = down;
        return channel != null && channel.localAddress() instanceof InetSocketAddress local ? local.getAddress() : null;
    }

    void close() {
        closed = true;
        for (Channel channel : new Channel[] {down, up}) {
            if (channel != null) {
                channel.close();
            }
        }
    }

    private void broken(SourceFailure.Kind kind, String detail) {
        if (!closed) {
            close();
            receiver.onBroken(kind, detail);
        }
    }

    private static String told(@Nullable Throwable cause) {
        Throwable root = cause;
        while (root instanceof DecoderException && root.getCause() != null) {
            root = root.getCause();
        }
        String message = root == null ? null : root.getMessage();
        if (message == null) {
            return root == null ? "unknown" : root.getClass().getSimpleName();
        }
        String line = message.lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }

    private void ready() {
        if (!open && !closed) {
            open = true;
            receiver.onOpen();
        }
    }

    private void write(Channel channel, RtspMessage message) {
        channel.writeAndFlush(RtspEncoder.encode(message, channel.alloc()), channel.voidPromise());
    }

    /** Reads the answer of a half; -1: more is needed, or all is over; else the index at which RTSP begins. */
    private int answered(TunnelClient client, HttpTunnel.Half half, ByteBuf bytes) {
        TunnelClient.Answer answer = client.receive(half, bytes);
        if (answer instanceof TunnelClient.Answer.Open opened) {
            return opened.rest();
        }
        if (answer instanceof TunnelClient.Answer.Over over && !closed) {
            close();
            receiver.onTunnelOver(over.outcome());
        }
        return -1;
    }

    /** The connection on which the camera sends. */
    private final class DownReader extends ChannelInboundHandlerAdapter {
        private boolean isOpen = tunnel == null;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (tls == null) {
                begin(ctx.channel());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (handshake.isSuccess()) {
                    begin(ctx.channel());
                } else {
                    broken(SourceFailure.Kind.TLS, "TLS with " + url.origin() + " failed: " + told(handshake.cause()));
                }
            }
        }

        private void begin(Channel channel) {
            if (closed) {
                channel.close();
                return;
            }
            down = channel;
            TunnelClient client = tunnel;
            if (client == null) {
                up = channel;
                ready();
            } else {
                write(channel, client.request(HttpTunnel.Half.DOWN, USER_AGENT));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                if (closed) {
                    return;
                }
                TunnelClient client = tunnel;
                if (isOpen || client == null) {
                    receiver.onBytes(bytes, tls == null && client == null);
                } else {
                    readHead(client, bytes);
                }
            } finally {
                bytes.release();
            }
        }

        private void readHead(TunnelClient client, ByteBuf bytes) {
            int end = answered(client, HttpTunnel.Half.DOWN, bytes);
            if (end < 0) {
                return;
            }
            isOpen = true;
            int rest = bytes.writerIndex() - end;
            if (rest > 0) {
                receiver.onBytes(bytes.slice(end, rest), false);
            }
            up = connect(new UpReader(client), false);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (!closed && open) {
                receiver.onReadComplete();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            broken(SourceFailure.Kind.CLOSED, "the camera closed the connection");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            boolean handshake = !open && cause.getCause() instanceof SSLException;
            broken(
                    handshake ? SourceFailure.Kind.TLS : SourceFailure.Kind.CLOSED,
                    "the connection broke: " + told(cause));
        }
    }

    /** The connection of the tunnel on which we send; cameras answer nothing there, or that they do not let us in. */
    private final class UpReader extends ChannelInboundHandlerAdapter {
        private final TunnelClient client;
        private boolean isOpen;

        UpReader(TunnelClient client) {
            this.client = client;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (tls == null) {
                begin(ctx.channel());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                begin(ctx.channel());
            }
        }

        private void begin(Channel channel) {
            if (closed) {
                channel.close();
                return;
            }
            up = channel;
            write(channel, client.request(HttpTunnel.Half.UP, USER_AGENT));
            ready();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                if (!closed && !isOpen) {
                    isOpen = answered(client, HttpTunnel.Half.UP, bytes) >= 0;
                }
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            broken(SourceFailure.Kind.CLOSED, "the camera closed the upward half of the tunnel");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            broken(SourceFailure.Kind.CLOSED, "the upward half of the tunnel broke: " + told(cause));
        }
    }
}
