package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/** Datagrams between addresses in virtual time: lost, delayed, repeated and overtaking each other by a seed. */
final class VirtualNetwork {
    private static final long TICK_NANOS = 1_000_000;

    /** Somebody at an address. */
    interface Host {
        void receive(byte[] datagram, InetSocketAddress source, long nowNanos);
    }

    /** Somebody who wants to know that time passes, once a millisecond. */
    interface Clocked {
        void tick(long nowNanos);
    }

    private record Flight(long atNanos, long order, InetSocketAddress from, InetSocketAddress to, ByteBuf datagram) {}

    private final Random dice;
    private final PriorityQueue<Flight> flights =
            new PriorityQueue<>(Comparator.comparingLong(Flight::atNanos).thenComparingLong(Flight::order));
    private final Map<InetSocketAddress, Host> hosts = new HashMap<>();
    private long nowNanos = 1_000_000_000L;
    private long order;
    double loss;
    double repetition;
    long minDelayNanos = 1_000_000;
    long maxDelayNanos = 1_000_000;
    private final Map<InetSocketAddress, Integer> sent = new HashMap<>();

    VirtualNetwork(long seed) {
        dice = new Random(seed);
    }

    long nowNanos() {
        return nowNanos;
    }

    /** Datagrams that went out from there so far. */
    int sentFrom(InetSocketAddress address) {
        return sent.getOrDefault(address, 0);
    }

    Random dice() {
        return dice;
    }

    void attach(InetSocketAddress address, Host host) {
        hosts.put(address, host);
    }

    void detach(InetSocketAddress address) {
        hosts.remove(address);
    }

    /** Releases the datagram. */
    void send(InetSocketAddress from, InetSocketAddress to, ByteBuf datagram) {
        byte[] bytes = ByteBufUtil.getBytes(datagram);
        datagram.release();
        send(from, to, bytes);
    }

    void send(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
        sent.merge(from, 1, Integer::sum);
        if (dice.nextDouble() >= loss) {
            fly(from, to, bytes);
        }
        if (dice.nextDouble() < repetition) {
            fly(from, to, bytes);
        }
    }

    private void fly(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
        long delay = minDelayNanos + (long) (dice.nextDouble() * (maxDelayNanos - minDelayNanos));
        flights.add(new Flight(nowNanos + delay, order++, from, to, Unpooled.copiedBuffer(bytes)));
    }

    void run(long millis, Clocked... clocked) {
        long end = nowNanos + millis * 1_000_000L;
        while (nowNanos < end) {
            nowNanos += TICK_NANOS;
            while (!flights.isEmpty() && flights.element().atNanos <= nowNanos) {
                Flight flight = flights.remove();
                Host host = hosts.get(flight.to);
                if (host != null) {
                    host.receive(ByteBufUtil.getBytes(flight.datagram), flight.from, nowNanos);
                }
            }
            for (Clocked one : clocked) {
                one.tick(nowNanos);
            }
        }
    }
}
