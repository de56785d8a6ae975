package org.porchlight.relay.webrtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Agents at the ends of a network in memory that loses, delays and reorders by a seed, in virtual time. */
final class IcePeers {
    /** One agent of either kind, behind one address that may change. */
    interface Peer {
        CheckResult receive(StunMessage message, InetSocketAddress source, long nowNanos, StunWriter writer);

        @Nullable
        IcePath poll(long nowNanos, StunWriter writer);

        long nextDeadlineNanos();
    }

    private static final class Packet {
        final long arrivalNanos;
        final int order;
        final InetSocketAddress from;
        final InetSocketAddress to;
        final byte[] bytes;

        Packet(long arrivalNanos, int order, InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
            this.arrivalNanos = arrivalNanos;
            this.order = order;
            this.from = from;
            this.to = to;
            this.bytes = bytes;
        }
    }

    private final Random random;
    private final double loss;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final PriorityQueue<Packet> wire = new PriorityQueue<>(
            Comparator.<Packet>comparingLong(p -> p.arrivalNanos).thenComparingInt(p -> p.order));
    private final StunMessage message = new StunMessage();
    private final StunWriter writer = new StunWriter();
    private int order;
    private int answers;
    long nowNanos;
    boolean cut;

    IcePeers(long seed, double loss) {
        random = new Random(seed);
        this.loss = loss;
    }

    int add(InetSocketAddress address, Peer peer) {
        addresses.add(address);
        peers.add(peer);
        return peers.size() - 1;
    }

    void move(int peer, InetSocketAddress address) {
        addresses.set(peer, address);
    }

    /** Lets time pass; every event happens at its own time. */
    void run(long forNanos) {
        long end = nowNanos + forNanos;
        for (int steps = 0; ; steps++) {
            assertThat(steps)
                    .as("events; more than this means that somebody spins")
                    .isLessThan(200_000);
            pollAll();
            long next = end;
            for (Peer peer : peers) {
                next = Math.min(next, peer.nextDeadlineNanos());
            }
            Packet packet = wire.peek();
            if (packet != null && packet.arrivalNanos <= next) {
                nowNanos = Math.max(nowNanos, packet.arrivalNanos);
                wire.remove();
                deliver(packet);
            } else if (next >= end) {
                nowNanos = end;
                return;
            } else {
                nowNanos = Math.max(nowNanos, next);
            }
        }
    }

    private void pollAll() {
        for (int i = 0; i < peers.size(); i++) {
            IcePath path = peers.get(i).poll(nowNanos, writer);
            while (path != null) {
                send(i, path.remote());
                path = peers.get(i).poll(nowNanos, writer);
            }
            assertThat(peers.get(i).nextDeadlineNanos())
                    .as("deadline of peer %d", i)
                    .isGreaterThan(nowNanos);
        }
    }

    private void deliver(Packet packet) {
        int to = addresses.indexOf(packet.to);
        if (to < 0) {
            return;
        }
        ByteBuf buf = Unpooled.wrappedBuffer(packet.bytes);
        assertThat(message.parse(buf, 0, packet.bytes.length)).isEqualTo(StunMessage.Parsing.OK);
        CheckResult result = peers.get(to).receive(message, packet.from, nowNanos, writer);
        assertThat(result.isAnswered() || writer.length() == 0).isTrue();
        if (writer.length() > 0) {
            answers++;
            send(to, packet.from);
        }
    }

    private void send(int from, InetSocketAddress to) {
        if (cut || random.nextDouble() < loss) {
            return;
        }
        long delay = 5_000_000L + random.nextInt(60_000_000);
        wire.add(new Packet(nowNanos + delay, order++, addresses.get(from), to, StunVectors.bytesOf(writer)));
    }

    int answers() {
        return answers;
    }
}
