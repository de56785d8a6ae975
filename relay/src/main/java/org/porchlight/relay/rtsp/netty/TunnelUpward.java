package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.porchlight.relay.rtsp.Base64TunnelDecoder;

/**
 * The upward half of a tunnel: decodes what comes and hands it to the downward half, on its loop. Reads on only when that has been taken,
 * so no more than one read waits between the loops. Owner: its own channel's loop.
 */
final class TunnelUpward extends ChannelInboundHandlerAdapter {
    private final ServerConnection downward;
    private final Base64TunnelDecoder decoder = new Base64TunnelDecoder();

    TunnelUpward(ServerConnection downward) {
        this.downward = downward;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            take(ctx, in, in.readerIndex(), in.writerIndex());
        } finally {
            in.release();
        }
    }

    /** Takes encoded bytes; {@code in} is borrowed. */
    void take(ChannelHandlerContext ctx, ByteBuf in, int from, int to) {
        ByteBuf decoded = ctx.alloc().buffer((to - from) / 4 * 3 + 6);
        if (!decoder.decode(in, from, to, decoded)) {
            decoded.release();
            ctx.close();
            return;
        }
        ctx.channel().config().setAutoRead(false);
        downward.offerUpward(decoded, () -> ctx.channel().config().setAutoRead(true));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
