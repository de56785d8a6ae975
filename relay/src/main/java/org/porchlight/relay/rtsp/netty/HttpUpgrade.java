package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.HttpTunnel;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspVersion;

/**
 * A connection whose first words were HTTP: it becomes half of a tunnel, or ends. The downward half carries the session; the upward half is
 * no client any more but a pipe to the other. Owner: the connection's loop.
 */
final class HttpUpgrade {
    private final ServerConnection connection;
    private final Tunnels tunnels;
    private final InetAddress remote;
    private final String serverName;

    private @Nullable RtspRequest asked;
    private @Nullable HttpTunnel downward;

    HttpUpgrade(ServerConnection connection, Tunnels tunnels, InetAddress remote, String serverName) {
        this.connection = connection;
        this.tunnels = tunnels;
        this.remote = remote;
        this.serverName = serverName;
    }

    /** The session has heard HTTP; {@link #upgrade} follows when it has returned. */
    void onHttp(RtspRequest request) {
        asked = request;
    }

    /** Does what the client has asked for, if it has. */
    void upgrade(ChannelHandlerContext ctx, ConnectionReads reads) {
        RtspRequest request = asked;
        asked = null;
        if (request == null || connection.session().isClosed()) {
            return;
        }
        HttpTunnel half = HttpTunnel.of(request);
        if (half == null) {
            refuse();
        } else if (half.half() == HttpTunnel.Half.DOWN) {
            becomeDownward(half);
        } else {
            ServerConnection other = tunnels.find(remote, half.cookie());
            if (other == null) {
                refuse();
            } else {
                becomeUpward(ctx, reads, other);
            }
        }
    }

    private void refuse() {
        connection.transmit(new RtspResponse(
                404,
                "Not Found",
                RtspVersion.HTTP,
                RtspHeaders.of(RtspHeaders.CONNECTION, "close", RtspHeaders.CONTENT_LENGTH, "0"),
                RtspMessage.NO_BODY));
        connection.session().close("no_tunnel", false);
    }

    private void becomeDownward(HttpTunnel half) {
        if (tunnels.open(remote, half.cookie(), connection)) {
            downward = half;
            connection.beginTunnelled();
            connection.transmit(HttpTunnel.accepted(serverName));
        } else {
            refuse();
        }
    }

    private void becomeUpward(ChannelHandlerContext ctx, ConnectionReads reads, ServerConnection other) {
        TunnelUpward upward = new TunnelUpward(other);
        ByteBuf rest = reads.takeLeftover();
        connection.resign();
        Channel channel = connection.channel();
        ChannelFutureListener hangUp = closed -> channel.close();
        other.channel().closeFuture().addListener(hangUp);
        channel.closeFuture()
                .addListener(closed -> other.channel().closeFuture().removeListener(hangUp));
        ctx.pipeline().replace(connection, null, upward);
        if (rest != null) {
            upward.take(ctx.pipeline().context(upward), rest, rest.readerIndex(), rest.writerIndex());
            rest.release();
        }
    }

    /** Whether the session goes through a tunnel. */
    boolean isTunnelled() {
        return downward != null;
    }

    /** The connection is gone. */
    void close() {
        HttpTunnel half = downward;
        if (half != null) {
            tunnels.close(remote, half.cookie(), connection);
        }
    }
}
