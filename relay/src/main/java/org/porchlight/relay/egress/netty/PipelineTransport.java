package org.porchlight.relay.egress.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.porchlight.relay.egress.ByteTransport;
import org.porchlight.relay.egress.Pieces;

/**
 * A viewer's connection that changes bytes on their way (TLS): media goes through the channel's pipeline, which takes slices of the shared
 * buffers while the channel is below its high-water mark. Owner: the channel's loop.
 */
public final class PipelineTransport implements ByteTransport {
    private final Channel channel;

    public PipelineTransport(Channel channel) {
        this.channel = channel;
    }

    @Override
    public long send(Pieces pieces) {
        if (!channel.isActive()) {
            return -1;
        }
        long taken = 0;
        for (int i = 0; i < pieces.count() && channel.isWritable(); i++) {
            int length = pieces.end(i) - pieces.start(i);
            channel.write(pieces.buffer(i).retainedSlice(pieces.start(i), length), channel.voidPromise());
            taken += length;
        }
        if (taken > 0) {
            channel.flush();
        }
        return taken;
    }

    @Override
    public void whenWritable(ByteBuf rest, Runnable callback) {
        channel.writeAndFlush(rest).addListener((ChannelFutureListener) future -> {
            if (future.isSuccess()) {
                callback.run();
            }
        });
    }
}
