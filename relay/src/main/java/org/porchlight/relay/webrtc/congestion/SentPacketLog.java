package org.porchlight.relay.webrtc.congestion;

/** When the last packets left and how large they were, by transport-wide sequence number: 16 KiB. Owner: its estimator. */
final class SentPacketLog {
    /** Packets; at 20 Mb/s about a second. */
    static final int SIZE = 2_048;

    private static final int NANOS_PER_MICRO = 1_000;
    private static final int BYTES = 0x7fff;
    private static final int TOLD_LOST = 0x8000;

    /** Sequence number in the upper half, then {@link #TOLD_LOST}, then bytes; 0 bytes: nothing sent, or told of already. */
    private final int[] packets = new int[SIZE];
    /** Low 32 bits of the time in microseconds, which go round in 71 minutes. */
    private final int[] micros = new int[SIZE];

    void add(int sequenceNumber, int bytes, long nowNanos) {
        int slot = sequenceNumber & (SIZE - 1);
        packets[slot] = sequenceNumber << 16 | Math.max(1, Math.min(bytes, BYTES));
        micros[slot] = (int) (nowNanos / NANOS_PER_MICRO);
    }

    /** Bytes of a packet whose arrival nobody has told of; 0: not known. */
    int bytes(int sequenceNumber) {
        int packet = packets[sequenceNumber & (SIZE - 1)];
        return packet >>> 16 == sequenceNumber ? packet & BYTES : 0;
    }

    /** Whether it was taken for lost before; only for a packet that {@link #bytes} knows. */
    boolean isToldLost(int sequenceNumber) {
        return (packets[sequenceNumber & (SIZE - 1)] & TOLD_LOST) != 0;
    }

    /** When it left, in microseconds, on the clock of {@code nowNanos}; only for a packet that {@link #bytes} knows. */
    long sentMicros(int sequenceNumber, long nowNanos) {
        long now = nowNanos / NANOS_PER_MICRO;
        return now - ((int) now - micros[sequenceNumber & (SIZE - 1)]);
    }

    /** It has not arrived, as far as the receiver knows. */
    void tellLost(int sequenceNumber) {
        packets[sequenceNumber & (SIZE - 1)] |= TOLD_LOST;
    }

    /** It has arrived; to be told so once more is no news. */
    void tellArrived(int sequenceNumber) {
        packets[sequenceNumber & (SIZE - 1)] &= ~BYTES;
    }
}
