package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.Recycler;
import io.netty.util.ReferenceCounted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one batch as a group of viewers sends them: a buffer (the slab itself where possible) and ranges of it. Read-only,
 * reference-counted, used on one loop.
 *
 * <p>A range is a run of whole packets that are neighbours in memory. For datagrams all packets of a range but the last have the same size,
 * so that one GSO send takes it (Linux UDP_SEGMENT), and all belong to one track.
 */
final class PreparedBatch extends AbstractReferenceCounted {
    private static final int FIELDS = 4;
    private static final int INITIAL_RANGES = 8;

    private static final Recycler<PreparedBatch> RECYCLER = new Recycler<>() {
        @Override
        protected PreparedBatch newObject(Handle<PreparedBatch> handle) {
            return new PreparedBatch(handle);
        }
    };

    private final Recycler.Handle<PreparedBatch> handle;
    private int[] table = new int[INITIAL_RANGES * FIELDS];
    private int ranges;
    private int bytes;
    private int entryRange = -1;
    private boolean entryHasParameterSets;
    private boolean keyframeEnd;
    private boolean hasVideo;
    private boolean frameEnd;
    private int lastSequenceNumber;
    private int lastTimestamp;
    private long arrivalNanos;
    private @Nullable ByteBuf data;

    private PreparedBatch(Recycler.Handle<PreparedBatch> handle) {
        this.handle = handle;
    }

    /**
     * Without ranges yet; the caller owns its reference.
     *
     * @param data owned by the batch from now on
     */
    static PreparedBatch of(ByteBuf data, long arrivalNanos) {
        PreparedBatch batch = RECYCLER.get();
        batch.setRefCnt(1);
        batch.data = data;
        batch.arrivalNanos = arrivalNanos;
        return batch;
    }

    /**
     * Adds a range.
     *
     * @param segment for datagrams the size of all packets but the last; 0 for interleaved frames
     * @param what track, and {@link #REPORT_RANGE} for RTCP
     */
    void addRange(int start, int end, int segment, int packets, int what) {
        int at = ranges * FIELDS;
        if (at == table.length) {
            table = Arrays.copyOf(table, table.length * 2);
        }
        table[at] = start;
        table[at + 1] = end;
        table[at + 2] = segment;
        table[at + 3] = packets << 8 | what;
        ranges++;
        bytes += end - start;
    }

    /** Bit of {@code what}: the range holds RTCP. */
    static final int REPORT_RANGE = 0x80;

    /** The same bytes without the first ranges, as a batch of its own that may be entered at once; owned by the caller. */
    PreparedBatch from(int range) {
        PreparedBatch part = of(data().retain(), arrivalNanos);
        part.markEntry(entryHasParameterSets);
        part.keyframeEnd = keyframeEnd;
        part.hasVideo = hasVideo;
        part.frameEnd = frameEnd;
        part.lastSequenceNumber = lastSequenceNumber;
        part.lastTimestamp = lastTimestamp;
        for (int i = range; i < ranges; i++) {
            part.addRange(start(i), end(i), segment(i), packets(i), table[i * FIELDS + 3] & 0xff);
        }
        return part;
    }

    /** Packets of all ranges. */
    int packets() {
        int sum = 0;
        for (int i = 0; i < ranges; i++) {
            sum += packets(i);
        }
        return sum;
    }

    /** @param withParameterSets they stand there in band, so that a decoder that knows others can begin */
    void markEntry(boolean withParameterSets) {
        if (entryRange < 0) {
            entryRange = ranges;
            entryHasParameterSets = withParameterSets;
        }
    }

    boolean entryHasParameterSets() {
        return entryHasParameterSets;
    }

    /**
     * The last of its video packets, as it is sent.
     *
     * @param endsFrame it is the last one of its frame
     */
    void markLastVideo(int sequenceNumber, int timestamp, boolean endsFrame) {
        hasVideo = true;
        lastSequenceNumber = sequenceNumber;
        lastTimestamp = timestamp;
        frameEnd = endsFrame;
    }

    boolean hasVideo() {
        return hasVideo;
    }

    /** Of the last video packet, as sent. */
    int lastSequenceNumber() {
        return lastSequenceNumber;
    }

    /** Of the last video packet, as sent. */
    int lastTimestamp() {
        return lastTimestamp;
    }

    /** Whether the last video packet ends its frame. */
    boolean endsFrame() {
        return frameEnd;
    }

    void markKeyframeEnd() {
        keyframeEnd = true;
    }

    /** Whether the last packet of a keyframe is among them. */
    boolean hasKeyframeEnd() {
        return keyframeEnd;
    }

    ByteBuf data() {
        ByteBuf current = data;
        if (current == null) {
            throw new IllegalStateException("prepared batch used after its last release");
        }
        return current;
    }

    int ranges() {
        return ranges;
    }

    int start(int range) {
        return table[range * FIELDS];
    }

    int end(int range) {
        return table[range * FIELDS + 1];
    }

    int segment(int range) {
        return table[range * FIELDS + 2];
    }

    int packets(int range) {
        return table[range * FIELDS + 3] >>> 8;
    }

    int track(int range) {
        return table[range * FIELDS + 3] & 0x7f;
    }

    boolean isReport(int range) {
        return (table[range * FIELDS + 3] & REPORT_RANGE) != 0;
    }

    /** Bytes of all ranges. */
    int bytes() {
        return bytes;
    }

    /** The range at which a viewer that waits for a keyframe may begin; -1: none. */
    int entryRange() {
        return entryRange;
    }

    long arrivalNanos() {
        return arrivalNanos;
    }

    @Override
    public ReferenceCounted touch(@Nullable Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        ByteBuf current = data();
        data = null;
        ranges = 0;
        bytes = 0;
        entryRange = -1;
        entryHasParameterSets = false;
        keyframeEnd = false;
        hasVideo = false;
        frameEnd = false;
        current.release();
        handle.recycle(this);
    }
}
