package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Puts the packets of one SSRC that came by UDP back into order. Owner: the loop of the source, which closes it.
 *
 * <p>A packet in order costs nothing: {@link #receive} says {@link Verdict#IN_ORDER} and the caller passes it on from where it lies. Only
 * a packet that came too early is copied and kept until what is missing before it has come, or its own waiting time is over, or the
 * buffer is full. After <em>every</em> call of {@code receive}, and when {@link #nextDeadlineNanos} has passed, the caller drains
 * {@link #poll} to null.
 *
 * <p>A sequence number far away is believed when the next packet continues it (RFC 3550 appendix A.1). Unlike there, the first of the two is
 * kept meanwhile: after a camera's restart it is the start of a keyframe.
 */
public final class ReorderBuffer implements AutoCloseable {
    /** Most packets that may be kept. */
    public static final int MAX_CAPACITY = 512;

    /** A step ahead of this many packets is a loss, a larger one a restart (RFC 3550 A.1: MAX_DROPOUT). */
    static final int MAX_DROPOUT = 3000;
    /** As many numbers back a packet is late, further back a restart; also how far duplicates are told from late ones. */
    static final int MAX_MISORDER = 512;

    /** Distance in extended numbers put between an old sequence and the one after a restart; a multiple of 65,536. */
    private static final long RESTART_STRIDE = 1L << 20;

    /** What {@link #receive} did with a packet. */
    public enum Verdict {
        /** Pass it on now; then drain {@link #poll}. */
        IN_ORDER,
        /** Came early; copied and kept. */
        PARKED,
        /** Came after its place was given up; drop it. */
        LATE,
        /** Came before; drop it. */
        DUPLICATE,
        /** Its number is far off; copied and kept aside until the next packet tells what it is. */
        PROBATION,
        /** The sequence has restarted: this packet and the one on probation were copied and come out of {@link #poll}. */
        RESTART
    }

    private final ByteBufAllocator allocator;
    private final int capacity;
    private final long maxWaitNanos;

    // Parked packets in ascending order: a ring of capacity + 2, so that a restart's two packets always fit.
    private final @Nullable ByteBuf[] packets;
    private final long[] numbers;
    private final long[] arrivals;
    private int head;
    private int count;

    private boolean started;
    private long expected;
    private boolean flushing;
    private long restartNumber = Long.MIN_VALUE;
    private @Nullable ByteBuf probation;
    private int probationNumber;
    /** Bit set of the numbers below {@link #expected} that did come, by number modulo {@link #MAX_MISORDER}. */
    private final long[] seen = new long[MAX_MISORDER / 64];

    private int lostBefore;
    private boolean restarted;

    /**
     * An empty buffer; the first packet defines the sequence.
     *
     * @param allocator for copies of parked packets
     * @param capacity packets kept at most, 1 to {@link #MAX_CAPACITY}
     * @param maxWaitNanos how long a packet waits at most for those before it
     */
    public ReorderBuffer(ByteBufAllocator allocator, int capacity, long maxWaitNanos) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 1 to " + MAX_CAPACITY);
        }
        if (maxWaitNanos < 0) {
            throw new IllegalArgumentException("negative waiting time " + maxWaitNanos);
        }
        this.allocator = allocator;
        this.capacity = capacity;
        this.maxWaitNanos = maxWaitNanos;
        packets = new ByteBuf[capacity + 2];
        numbers = new long[capacity + 2];
        arrivals = new long[capacity + 2];
    }

    /**
     * Judges one packet.
     *
     * @param sequenceNumber its RTP sequence number, low 16 bits
     * @param src borrowed; bytes {@code [index, index + length)} are copied where the verdict says so
     * @throws IllegalStateException when {@link #poll} was not drained before
     */
    public Verdict receive(int sequenceNumber, ByteBuf src, int index, int length, long nowNanos) {
        if (!started) {
            start(sequenceNumber & 0xffff);
        }
        int ahead = SequenceNumbers.distance((int) expected, sequenceNumber);
        if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
            return farAway(sequenceNumber & 0xffff, src, index, length, nowNanos);
        }
        dropProbation();
        if (ahead == 0) {
            advanceTo(expected + 1);
            return Verdict.IN_ORDER;
        }
        long number = expected + ahead;
        if (ahead < 0) {
            return hasSeen(number) ? Verdict.DUPLICATE : noteLate(number);
        }
        return park(number, src, index, length, nowNanos) ? Verdict.PARKED : Verdict.DUPLICATE;
    }

    private void start(int sequenceNumber) {
        started = true;
        expected = sequenceNumber + RESTART_STRIDE;
        // Nothing below was seen, nor is it waited for: what comes from there is late.
        java.util.Arrays.fill(seen, 0);
    }

    private Verdict noteLate(long number) {
        markSeen(number);
        return Verdict.LATE;
    }

    private Verdict farAway(int sequenceNumber, ByteBuf src, int index, int length, long nowNanos) {
        ByteBuf first = probation;
        if (first == null || sequenceNumber != SequenceNumbers.next(probationNumber)) {
            dropProbation();
            probation = copy(src, index, length);
            probationNumber = sequenceNumber;
            return Verdict.PROBATION;
        }
        probation = null;
        // The old packets leave first, without waiting; then the new sequence begins at the packet that was on
        // probation.
        long base = (Math.max(expected, count == 0 ? expected : last() + 1) | 0xffff) + 1 + RESTART_STRIDE;
        restartNumber = base + probationNumber;
        flushing = count > 0;
        append(restartNumber, first, nowNanos);
        append(restartNumber + 1, copy(src, index, length), nowNanos);
        return Verdict.RESTART;
    }

    /**
     * The next packet that may leave: it is in order, or it or one behind it has waited long enough, or the buffer is full.
     *
     * @return owned by the caller; null: nothing may leave now
     */
    public @Nullable ByteBuf poll(long nowNanos) {
        if (count == 0) {
            return null;
        }
        long number = numbers[head];
        boolean due = number == expected
                || flushing
                || number == restartNumber
                || count > capacity
                || oldestArrival() + maxWaitNanos - nowNanos <= 0;
        if (!due) {
            return null;
        }
        restarted = number == restartNumber;
        if (restarted) {
            flushing = false;
            restartNumber = Long.MIN_VALUE;
            lostBefore = 0;
            expected = number;
            java.util.Arrays.fill(seen, 0);
        } else {
            lostBefore = (int) (number - expected);
            advanceOver(number);
        }
        advanceTo(number + 1);
        return removeHead();
    }

    /** How many packets are missing right before the one that {@link #poll} returned last. */
    public int lostBefore() {
        return lostBefore;
    }

    /** Whether the packet that {@link #poll} returned last is the first one of a restarted sequence. */
    public boolean isRestart() {
        return restarted;
    }

    /** When {@link #poll} is to be asked again; {@link Long#MAX_VALUE}: nothing waits. */
    public long nextDeadlineNanos() {
        return count == 0 ? Long.MAX_VALUE : oldestArrival() + maxWaitNanos;
    }

    /** Packets kept now. */
    public int size() {
        return count;
    }

    /** Forgets everything, for example when the SSRC changed: the next packet defines the sequence. */
    public void reset() {
        dropProbation();
        while (count > 0) {
            removeHead().release();
        }
        started = false;
        flushing = false;
        restartNumber = Long.MIN_VALUE;
    }

    /** Releases every packet kept; may be repeated. */
    @Override
    public void close() {
        reset();
    }

    private boolean park(long number, ByteBuf src, int index, int length, long nowNanos) {
        int position = count;
        while (position > 0 && numbers[slot(position - 1)] >= number) {
            position--;
        }
        if (position < count && numbers[slot(position)] == number) {
            return false;
        }
        insert(position, number, copy(src, index, length), nowNanos);
        return true;
    }

    private void append(long number, ByteBuf packet, long nowNanos) {
        insert(count, number, packet, nowNanos);
    }

    private void insert(int position, long number, ByteBuf packet, long nowNanos) {
        if (count == packets.length) {
            packet.release();
            throw new IllegalStateException(
                    "poll was not drained: " + count + " packets for a capacity of " + capacity);
        }
        for (int i = count; i > position; i--) {
            packets[slot(i)] = packets[slot(i - 1)];
            numbers[slot(i)] = numbers[slot(i - 1)];
            arrivals[slot(i)] = arrivals[slot(i - 1)];
        }
        packets[slot(position)] = packet;
        numbers[slot(position)] = number;
        arrivals[slot(position)] = nowNanos;
        count++;
    }

    private ByteBuf removeHead() {
        ByteBuf packet = packets[head];
        if (packet == null) {
            throw new IllegalStateException("empty slot at the head");
        }
        packets[head] = null;
        head = slot(1);
        count--;
        return packet;
    }

    private ByteBuf copy(ByteBuf src, int index, int length) {
        ByteBuf copy = allocator.buffer(length, Math.max(1, length));
        copy.writeBytes(src, index, length);
        return copy;
    }

    private int slot(int position) {
        int slot = head + position;
        return slot < packets.length ? slot : slot - packets.length;
    }

    private long last() {
        return numbers[slot(count - 1)];
    }

    private long oldestArrival() {
        long oldest = arrivals[head];
        for (int i = 1; i < count; i++) {
            long arrival = arrivals[slot(i)];
            if (arrival - oldest < 0) {
                oldest = arrival;
            }
        }
        return oldest;
    }

    private void dropProbation() {
        ByteBuf packet = probation;
        if (packet != null) {
            probation = null;
            packet.release();
        }
    }

    /** The numbers from {@link #expected} up to this one did not come. */
    private void advanceOver(long number) {
        long from = Math.max(expected, number - MAX_MISORDER);
        for (long missing = from; missing < number; missing++) {
            seen[word(missing)] &= ~(1L << missing);
        }
        expected = number;
    }

    private void advanceTo(long next) {
        markSeen(next - 1);
        expected = next;
    }

    private void markSeen(long number) {
        seen[word(number)] |= 1L << number;
    }

    private boolean hasSeen(long number) {
        return (seen[word(number)] & 1L << number) != 0;
    }

    private static int word(long number) {
        return (int) (number & MAX_MISORDER - 1) >>> 6;
    }
}
