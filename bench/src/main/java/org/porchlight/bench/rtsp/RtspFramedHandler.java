package org.porchlight.bench.rtsp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.InterleavedFramer;

/**
 * Feeds what a connection brings to the framer. Frames and messages that lie whole within one read are parsed where they are; only one that
 * is cut by the end of a read is copied aside. Owner: the loop of the connection.
 */
public abstract class RtspFramedHandler extends ChannelInboundHandlerAdapter implements InterleavedFramer.Sink {
    private final InterleavedFramer framer;
    /** The beginning of a frame or message whose end has not come yet. */
    private @Nullable ByteBuf cut;

    /** What {@link #onInterleaved} may look at while it runs. */
    private @Nullable ByteBuf current;

    protected RtspFramedHandler(InterleavedFramer.Limits limits) {
        framer = new InterleavedFramer(limits);
    }

    /** The buffer that the offsets of {@link #onInterleaved} belong to, lent during that call. */
    protected final ByteBuf frameView() {
        ByteBuf buf = current;
        if (buf == null) {
            throw new IllegalStateException("no frame at hand");
        }
        return buf;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            int at = in.readerIndex();
            if (cut != null) {
                at = continueCut(in, cut);
            }
            if (cut == null) {
                parse(ctx, in, at);
            }
        } finally {
            in.release();
        }
    }

    private void parse(ChannelHandlerContext ctx, ByteBuf in, int from) {
        current = in;
        int end = framer.parse(in, from, in.writerIndex(), this);
        current = null;
        if (end < in.writerIndex()) {
            int rest = in.writerIndex() - end;
            ByteBuf kept = ctx.alloc().buffer(rest + Math.max(64, framer.missingBytes()));
            kept.writeBytes(in, end, rest);
            cut = kept;
        }
    }

    /** Completes the cut piece byte for byte as needed; returns where the rest of {@code in} begins. */
    private int continueCut(ByteBuf in, ByteBuf kept) {
        int at = in.readerIndex();
        while (at < in.writerIndex()) {
            int take = Math.min(framer.missingBytes(), in.writerIndex() - at);
            kept.writeBytes(in, at, take);
            at += take;
            current = kept;
            int end = framer.parse(kept, kept.readerIndex(), kept.writerIndex(), this);
            current = null;
            kept.readerIndex(end);
            if (!kept.isReadable()) {
                kept.release();
                cut = null;
                return at;
            }
        }
        return at;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (cut != null) {
            cut.release();
            cut = null;
        }
    }

    @Override
    public void onGarbage(int bytes) {
        // counted by those who care
    }

    @Override
    public abstract void onFatal(FramingError error);
}
