package org.porchlight.relay.webrtc.netty;

import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * How many STUN messages an address may send: {@value #PER_INTERVAL} in each second, more than any client's checks, so that a flood from one
 * address costs a look into this table and no more. Addresses share a cell by chance when there are many: memory is bounded, and a flood
 * from very many addresses may delay somebody's first check by an interval. Owner: a loop.
 */
final class StunGauge {
    static final int PER_INTERVAL = 60;

    private static final long INTERVAL_NANOS = 1_000_000_000L;
    private static final int CELLS = 1 << 12;

    private final byte[] counts = new byte[CELLS];
    private final int salt;
    private long intervalEndNanos;
    private boolean started;

    /** @param salt unguessable, so that nobody picks addresses that fall into a victim's cell */
    StunGauge(int salt) {
        this.salt = salt;
    }

    /** Whether one more from there may be looked at now. */
    boolean admits(InetSocketAddress source, long nowNanos) {
        if (!started || intervalEndNanos - nowNanos <= 0) {
            started = true;
            intervalEndNanos = nowNanos + INTERVAL_NANOS;
            Arrays.fill(counts, (byte) 0);
        }
        int cell = cellOf(source.hashCode());
        if (counts[cell] >= PER_INTERVAL) {
            return false;
        }
        counts[cell]++;
        return true;
    }

    private int cellOf(int hash) {
        int mixed = (hash ^ salt) * 0x9e3779b9;
        mixed ^= mixed >>> 15;
        return (mixed * 0x85ebca6b) >>> (32 - 12);
    }
}
