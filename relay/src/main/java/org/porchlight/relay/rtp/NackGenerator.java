package org.porchlight.relay.rtp;

/**
 * Which packets of one SSRC are missing, and when to ask for each (generic NACK, RFC 4585 section 6.2.1). Owner: the loop of the source.
 *
 * <p>A packet is asked for as soon as one behind it has come, then again each round trip, until it comes or is too old to be of use. The round
 * trip is what passes between a first request and its packet. A jump of the sequence, ahead or back, is a new beginning: nothing before it is
 * asked for.
 */
public final class NackGenerator {
    /** Packets that are asked for at a time at most, and the widest gap that is asked for at all. */
    public static final int MAX_MISSING = 256;

    /** How often one packet is asked for at most. */
    static final int MAX_REQUESTS = 10;

    /** As many numbers back a packet is late, further back a restart. */
    static final int MAX_MISORDER = 512;

    static final long FIRST_ROUND_TRIP_NANOS = 100_000_000;
    private static final long MIN_ROUND_TRIP_NANOS = 10_000_000;
    private static final long MAX_ROUND_TRIP_NANOS = 500_000_000;

    private final long maxAgeNanos;

    // What is missing, in ascending order.
    private final long[] numbers = new long[MAX_MISSING];
    private final long[] missedNanos = new long[MAX_MISSING];
    private final long[] askedNanos = new long[MAX_MISSING];
    private final int[] requests = new int[MAX_MISSING];
    private int count;

    private boolean started;
    private long newest;
    private long roundTripNanos = FIRST_ROUND_TRIP_NANOS;
    private long givenUp;
    private long repaired;

    /** @param maxAgeNanos how long a packet is of use after it was missed, above 0 */
    public NackGenerator(long maxAgeNanos) {
        if (maxAgeNanos <= 0) {
            throw new IllegalArgumentException("age " + maxAgeNanos + " is not above 0");
        }
        this.maxAgeNanos = maxAgeNanos;
    }

    /**
     * A packet has come, for the first time or again.
     *
     * @param sequenceNumber low 16 bits
     */
    public void onPacket(int sequenceNumber, long nowNanos) {
        if (!started) {
            begin(sequenceNumber);
            return;
        }
        int ahead = SequenceNumbers.distance((int) newest, sequenceNumber);
        if (ahead > MAX_MISSING + 1 || ahead < -MAX_MISORDER) {
            givenUp += count + (ahead > 0 ? 1 : 0);
            begin(sequenceNumber);
        } else if (ahead > 0) {
            for (long number = newest + 1; number < newest + ahead; number++) {
                miss(number, nowNanos);
            }
            newest += ahead;
        } else if (count > 0) {
            arrive(newest + ahead, nowNanos);
        }
    }

    private void begin(int sequenceNumber) {
        started = true;
        newest = sequenceNumber & 0xffff;
        count = 0;
    }

    private void miss(long number, long nowNanos) {
        if (count == MAX_MISSING) {
            removeFirst(1);
            givenUp++;
        }
        numbers[count] = number;
        missedNanos[count] = nowNanos;
        requests[count] = 0;
        count++;
    }

    private void arrive(long number, long nowNanos) {
        for (int i = 0; i < count; i++) {
            if (numbers[i] == number) {
                if (requests[i] == 1) {
                    measure(nowNanos - askedNanos[i]);
                }
                repaired += requests[i] > 0 ? 1 : 0;
                remove(i);
                return;
            }
        }
    }

    /** Only of packets that were asked for once: of others nobody knows which request was answered. */
    private void measure(long sampleNanos) {
        long sample = Math.max(MIN_ROUND_TRIP_NANOS, Math.min(MAX_ROUND_TRIP_NANOS, sampleNanos));
        roundTripNanos += (sample - roundTripNanos) / 8;
    }

    private void removeFirst(int n) {
        count -= n;
        System.arraycopy(numbers, n, numbers, 0, count);
        System.arraycopy(missedNanos, n, missedNanos, 0, count);
        System.arraycopy(askedNanos, n, askedNanos, 0, count);
        System.arraycopy(requests, n, requests, 0, count);
    }

    private void remove(int i) {
        count--;
        System.arraycopy(numbers, i + 1, numbers, i, count - i);
        System.arraycopy(missedNanos, i + 1, missedNanos, i, count - i);
        System.arraycopy(askedNanos, i + 1, askedNanos, i, count - i);
        System.arraycopy(requests, i + 1, requests, i, count - i);
    }

    /**
     * What to ask for now, which counts as asked for. What is too old is given up.
     *
     * @param out takes sequence numbers in ascending order; what does not fit is due at the next call
     * @return how many
     */
    public int collect(int[] out, long nowNanos) {
        int old = 0;
        // The oldest lie first: they were missed first.
        while (old < count && missedNanos[old] + maxAgeNanos - nowNanos <= 0) {
            old++;
        }
        if (old > 0) {
            removeFirst(old);
            givenUp += old;
        }
        int collected = 0;
        for (int i = 0; i < count && collected < out.length; i++) {
            if (requestNanos(i) - nowNanos <= 0 && requests[i] < MAX_REQUESTS) {
                requests[i]++;
                askedNanos[i] = nowNanos;
                out[collected++] = (int) numbers[i] & 0xffff;
            }
        }
        return collected;
    }

    private long requestNanos(int i) {
        return requests[i] == 0 ? missedNanos[i] : askedNanos[i] + roundTripNanos + roundTripNanos / 4;
    }

    /** When {@link #collect} has something to do; {@link Long#MAX_VALUE}: nothing is missing. */
    public long nextDeadlineNanos() {
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        long next = missedNanos[0] + maxAgeNanos;
        for (int i = 0; i < count; i++) {
            long request = requestNanos(i);
            if (requests[i] < MAX_REQUESTS && request - next < 0) {
                next = request;
            }
        }
        return next;
    }

    /** The source has another SSRC: its next packet is the first. */
    public void reset() {
        started = false;
        count = 0;
    }

    /** Packets missing now. */
    public int missing() {
        return count;
    }

    /** How many will not come any more; a gap too wide to be asked for counts once. */
    public long givenUp() {
        return givenUp;
    }

    /** How many came after they were asked for. */
    public long repaired() {
        return repaired;
    }
}
