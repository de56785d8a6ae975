package org.porchlight.relay.egress;

/**
 * What one viewer was sent lately on one track, as far as it takes to send it again: 16 bytes for each of the last {@link #CAPACITY} packets. The
 * packets themselves are in the {@link PacketRing} that all share. Owner: the viewer's loop.
 */
final class SentPackets {
    /** More than two seconds of 4 Mb/s. */
    static final int CAPACITY = 1024;

    private static final int MASK = CAPACITY - 1;

    /** Ring number 32 bits, sequence number 16, transport-wide number 16. */
    private final long[] identities = new long[CAPACITY];
    /** Timestamp 32 bits, generation 8 (0: empty), moment of the last repetition 24 in milliseconds. */
    private final long[] details = new long[CAPACITY];

    /** @param generation of the ring in which the number counts, 1 to 255 */
    void put(int sequenceNumber, int ringNumber, int transportNumber, int timestamp, int generation) {
        int slot = sequenceNumber & MASK;
        identities[slot] = (long) ringNumber << 32 | (sequenceNumber & 0xffffL) << 16 | (transportNumber & 0xffffL);
        details[slot] = (long) timestamp << 32 | (long) generation << 24;
    }

    /** Whether it was sent, from the ring of this generation, and is remembered. */
    boolean has(int sequenceNumber, int generation) {
        int slot = sequenceNumber & MASK;
        return (details[slot] >>> 24 & 0xff) == generation
                && (identities[slot] >>> 16 & 0xffff) == (sequenceNumber & 0xffff);
    }

    int ringNumber(int sequenceNumber) {
        return (int) (identities[sequenceNumber & MASK] >>> 32);
    }

    int transportNumber(int sequenceNumber) {
        return (int) identities[sequenceNumber & MASK] & 0xffff;
    }

    int timestamp(int sequenceNumber) {
        return (int) (details[sequenceNumber & MASK] >>> 32);
    }

    /**
     * Whether it may be repeated now: not so soon after the last time that both are under way at once.
     *
     * @param leastMillis between two repetitions
     */
    boolean mayRepeat(int sequenceNumber, long nowMillis, int leastMillis) {
        int slot = sequenceNumber & MASK;
        long last = details[slot] & 0xff_ffff;
        long now = Math.max(1, nowMillis & 0xff_ffff);
        if (last != 0 && (now - last & 0xff_ffff) < leastMillis) {
            return false;
        }
        details[slot] = (details[slot] & ~0xff_ffffL) | now;
        return true;
    }
}
