package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.egress.DatagramTransport;
import org.porchlight.relay.webrtc.ice.TcpFraming;

/**
 * Media of one session over TCP, every packet behind its length (RFC 4571). What a viewer hands over as one run of equal-sized packets leaves as
 * one write. Owner: the session's home.
 */
final class TcpTransport implements DatagramTransport {
    private final Function<InetSocketAddress, @Nullable Channel> channels;
    private @Nullable Channel last;

    TcpTransport(Function<InetSocketAddress, @Nullable Channel> channels) {
        this.channels = channels;
    }

    @Override
    public boolean isWritable() {
        Channel channel = last;
        return channel == null || channel.isWritable();
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
        Channel channel = channels.apply(recipient);
        last = channel;
        if (channel == null) {
            return;
        }
        int packets = (end - start + segment - 1) / segment;
        ByteBuf framed = channel.alloc().directBuffer(end - start + packets * TcpFraming.HEADER_LENGTH);
        for (int at = start; at < end; at += segment) {
            int length = Math.min(segment, end - at);
            TcpFraming.writeHeader(framed, length);
            framed.writeBytes(data, at, length);
        }
        channel.write(framed, channel.voidPromise());
    }

    @Override
    public void flush() {
        Channel channel = last;
        if (channel != null) {
            channel.flush();
        }
    }
}
