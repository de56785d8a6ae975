package org.porchlight.relay.rtsp.netty;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections of clients, in all and by address. Thread-safe; holds no more addresses than there are connections. */
final class ConnectionLimits {
    private volatile int max;
    private volatile int maxPerAddress;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** What became of a connection that asks to be let in. */
    enum Entry {
        /** Counted until {@link #leave}. */
        ADMITTED,
        TOO_MANY,
        TOO_MANY_FROM_ADDRESS
    }

    ConnectionLimits(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    /** Other limits for those who come from now on. */
    void use(int newMax, int newMaxPerAddress) {
        max = newMax;
        maxPerAddress = newMaxPerAddress;
    }

    Entry enter(InetAddress remote) {
        if (open.incrementAndGet() > max) {
            open.decrementAndGet();
            return Entry.TOO_MANY;
        }
        if (byAddress.merge(remote, 1, Integer::sum) > maxPerAddress) {
            leave(remote);
            return Entry.TOO_MANY_FROM_ADDRESS;
        }
        return Entry.ADMITTED;
    }

    void leave(InetAddress remote) {
        open.decrementAndGet();
        byAddress.computeIfPresent(remote, (address, count) -> count == 1 ? null : count - 1);
    }

    int open() {
        return open.get();
    }
}
