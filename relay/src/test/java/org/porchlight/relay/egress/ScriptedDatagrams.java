package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Datagrams of a loop, and whether the socket takes them. */
final class ScriptedDatagrams implements DatagramTransport {
    final List<byte[]> sent = new ArrayList<>();
    final List<InetSocketAddress> to = new ArrayList<>();
    boolean writable = true;
    int flushes;

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void send(ByteBuf data, int start, int end, int segment, InetSocketAddress recipient, boolean report) {
        for (int at = start; at < end; at += segment) {
            byte[] datagram = new byte[Math.min(segment, end - at)];
            data.getBytes(at, datagram);
            sent.add(datagram);
            to.add(recipient);
        }
    }

    @Override
    public void flush() {
        flushes++;
    }

    int bytes() {
        return sent.stream().mapToInt(d -> d.length).sum();
    }
}
