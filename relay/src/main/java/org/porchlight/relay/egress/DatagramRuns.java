package org.porchlight.relay.egress;

import org.jspecify.annotations.Nullable;

/**
 * Finds the runs of datagrams that one segmented send (UDP GSO) takes: of one track and kind, one size, the last one perhaps shorter. Owner: one
 * loop; reused for all batches of a group.
 */
final class DatagramRuns {
    /** Linux takes at most 64 segments in one send (UDP_MAX_SEGMENTS). */
    static final int MAX_SEGMENTS = 60;

    private static final int MAX_RUN_BYTES = 62_000;

    private @Nullable PreparedBatch prepared;
    private int start;
    private int end;
    private int segment;
    private int lastLength;
    private int packets;
    private int what;
    private boolean entryNext;
    private boolean entryHasParameterSets;

    /** @param batch without ranges yet; given back by {@link #end} */
    void begin(PreparedBatch batch) {
        prepared = batch;
        packets = 0;
        entryNext = false;
    }

    /** A viewer that waits may begin with the datagram added next; what is said for a batch's second entry is not heard. */
    void enterNext(boolean withParameterSets) {
        entryNext = batch().entryRange() < 0;
        entryHasParameterSets = withParameterSets;
    }

    /** The last video packet so far, as it is sent. */
    void markLastVideo(int sequenceNumber, int timestamp, boolean endsFrame) {
        batch().markLastVideo(sequenceNumber, timestamp, endsFrame);
    }

    /** A keyframe ends with the datagram added last. */
    void markKeyframeEnd() {
        batch().markKeyframeEnd();
    }

    /**
     * Adds a datagram right behind the one before.
     *
     * @param at index of its first byte in the batch's data
     * @param length above 0
     * @param whatItIs track, and {@link PreparedBatch#REPORT_RANGE} for RTCP
     */
    void add(int at, int length, int whatItIs) {
        boolean fits = packets > 0
                && !entryNext
                && whatItIs == what
                && lastLength == segment
                && length <= segment
                && packets < MAX_SEGMENTS
                && at - start + length <= MAX_RUN_BYTES;
        if (packets > 0 && !fits) {
            close();
        }
        if (entryNext) {
            entryNext = false;
            batch().markEntry(entryHasParameterSets);
        }
        if (packets == 0) {
            start = at;
            segment = length;
            what = whatItIs;
        }
        end = at + length;
        lastLength = length;
        packets++;
    }

    private void close() {
        batch().addRange(start, end, segment, packets, what);
        packets = 0;
    }

    /** The batch with all ranges. */
    PreparedBatch end() {
        if (packets > 0) {
            close();
        }
        PreparedBatch done = batch();
        prepared = null;
        return done;
    }

    private PreparedBatch batch() {
        PreparedBatch current = prepared;
        if (current == null) {
            throw new IllegalStateException("runs of no batch");
        }
        return current;
    }
}
