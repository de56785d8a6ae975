package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.porchlight.relay.webrtc.ice.IceTransport;

/**
 * Packets that arrived on one loop for sessions of another, gathered during a read and handed over as one task. Owner: the loop on which
 * they arrived; a batch that was handed over belongs to the other.
 */
final class HandedPackets {
    /** Packets on their way to one loop at most, from all others. */
    static final int MAX_ON_THE_WAY = 2048;

    /**
     * One of them.
     *
     * @param packet owned
     */
    record Packet(HostedSession session, IceTransport transport, InetSocketAddress source, ByteBuf packet) {}

    private final PortLoop from;
    private final PortLoop to;
    private List<Packet> gathered = new ArrayList<>();

    HandedPackets(PortLoop from, PortLoop to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Takes one more.
     *
     * @param packet borrowed
     * @return false: too many are on their way; it is lost
     */
    boolean gather(HostedSession session, IceTransport transport, InetSocketAddress source, ByteBuf packet) {
        AtomicInteger onTheWay = to.handedOver();
        if (onTheWay.get() >= MAX_ON_THE_WAY) {
            return false;
        }
        onTheWay.incrementAndGet();
        gathered.add(new Packet(session, transport, source, packet.copy()));
        return true;
    }

    /** Hands over what was gathered. */
    void flush() {
        if (gathered.isEmpty()) {
            return;
        }
        List<Packet> batch = gathered;
        gathered = new ArrayList<>();
        try {
            to.executor().execute(() -> to.takeOver(batch, from));
        } catch (RejectedExecutionException e) {
            // The loop has ended, and its sessions with it.
            batch.forEach(one -> one.packet().release());
        }
    }
}
