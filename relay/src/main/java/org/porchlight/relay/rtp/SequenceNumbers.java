package org.porchlight.relay.rtp;

/** Arithmetic of 16-bit RTP sequence numbers, which wrap (RFC 3550 section 5.1). Arguments use their low 16 bits. */
public final class SequenceNumbers {
    private SequenceNumbers() {}

    /** The number after this one, 0 to 65,535. */
    public static int next(int sequenceNumber) {
        return sequenceNumber + 1 & 0xffff;
    }

    /** Steps from one number to another by the shorter way, -32,768 to 32,767; positive: {@code to} is newer. */
    public static int distance(int from, int to) {
        return (short) (to - from);
    }

    public static boolean isNewer(int sequenceNumber, int than) {
        return distance(than, sequenceNumber) > 0;
    }

    /**
     * The number of a long counter that has these low 16 bits and lies nearest to a reference, so that a counter goes on over wraps.
     *
     * @param reference an extended sequence number near to the answer
     */
    public static long extend(long reference, int sequenceNumber) {
        return reference + distance((int) reference, sequenceNumber);
    }
}
