package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** How a connection ends: with everything said, or at once with nothing more. Owner: the connection's loop. */
final class ConnectionEnd {
    private static final long LINGER_SECONDS = 2;
    private static final int MAX_LINGER_BYTES = 4 << 20;

    private final Channel channel;
    private final boolean encrypted;
    private long lingerBytes;

    ConnectionEnd(Channel channel, boolean encrypted) {
        this.channel = channel;
        this.encrypted = encrypted;
    }

    /** What we said is sent, then nothing more; the client's words are thrown away until it hangs up too. */
    void finish() {
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
        ScheduledFuture<?> patience =
                channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> patience.cancel(false));
    }

    /**
     * Throws away what came behind the end; too much of it ends the patience.
     *
     * @param in given away
     */
    void discard(ByteBuf in) {
        lingerBytes += in.readableBytes();
        in.release();
        if (lingerBytes > MAX_LINGER_BYTES) {
            reset();
        }
    }

    /** Closes at once: RST, so that the kernel throws away what was not sent; past the pipeline, so that TLS says nothing either. */
    void reset() {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.unsafe().close(channel.voidPromise());
        }
    }
}
