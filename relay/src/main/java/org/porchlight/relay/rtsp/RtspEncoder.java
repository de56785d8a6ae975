package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/** Writes messages (RFC 2326 sections 4 to 7). {@code Content-Length} is added where a body has none. */
public final class RtspEncoder {
    private RtspEncoder() {}

    /** The bytes of a message in a new buffer, which is the caller's. */
    public static ByteBuf encode(RtspMessage message, ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(256 + message.body().length);
        encode(message, out);
        return out;
    }

    /** Appends the bytes of a message; the buffer stays the caller's. */
    public static void encode(RtspMessage message, ByteBuf out) {
        if (message instanceof RtspRequest request) {
            write(
                    out,
                    request.method() + ' ' + request.uri() + ' '
                            + request.version().token() + "\r\n");
        } else if (message instanceof RtspResponse response) {
            write(out, response.version().token() + ' ' + response.status() + ' ' + response.reason() + "\r\n");
        }
        for (RtspHeaders.Field field : message.headers().fields()) {
            write(out, field.name() + ": " + field.value() + "\r\n");
        }
        byte[] body = message.body();
        if (body.length > 0 && !message.headers().contains(RtspHeaders.CONTENT_LENGTH)) {
            write(out, RtspHeaders.CONTENT_LENGTH + ": " + body.length + "\r\n");
        }
        write(out, "\r\n");
        out.writeBytes(body);
    }

    private static void write(ByteBuf out, String text) {
        ByteBufUtil.writeUtf8(out, text);
    }
}
