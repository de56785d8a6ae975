package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.Recycler;
import io.netty.util.ReferenceCounted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;

/**
 * The packets that one read of a source brought: a reference to the slab in which they lie, and a table that says where. Each packet
 * stands there as an interleaved frame (RFC 2326 section 10.12) with channel {@code 2 x track} for RTP and {@code 2 x track + 1} for
 * RTCP, its RTP header already continued, so that neighbours in the table are mostly neighbours in memory.
 *
 * <p>Filled by the loop of its source, read-only once published, reference-counted; the last release gives the slab back and recycles
 * the object.
 */
public final class MediaBatch extends AbstractReferenceCounted {
    /** The packet is RTCP of the relay's own making, not RTP. */
    public static final int REPORT = 1 << 16;
    /** The packet belongs to a video track. */
    public static final int VIDEO = 1 << 17;
    /** A viewer of this video track may begin with this packet: a keyframe, or the parameter sets in front of one. */
    public static final int ENTRY = 1 << 18;
    /** The packet is too large for a datagram and is cut for it, as {@link #datagramLimit} says. */
    public static final int CUT = 1 << 19;
    /** With {@link #REPORT}: counts packets as viewers over a byte stream get them, and is not for those who get datagrams. */
    public static final int FOR_STREAMS = 1 << 20;
    /** With {@link #REPORT}: counts packets as they are after cutting, and is for viewers who get datagrams alone. */
    public static final int FOR_DATAGRAMS = 1 << 21;

    /** Most packets in one batch. */
    static final int MAX_PACKETS = 512;

    private static final int FIELDS = 4;
    private static final int INITIAL_PACKETS = 32;
    private static final int TRACK_SHIFT = 24;
    private static final int LENGTH_BITS = 16;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;

    private static final Recycler<MediaBatch> RECYCLER = new Recycler<>() {
        @Override
        protected MediaBatch newObject(Handle<MediaBatch> handle) {
            return new MediaBatch(handle);
        }
    };

    private final Recycler.Handle<MediaBatch> handle;
    private int[] table = new int[INITIAL_PACKETS * FIELDS];
    private int count;
    private int bytes;
    private int allFlags;
    private long arrivalNanos;
    private @Nullable ByteBuf slab;
    private @Nullable DatagramLimit datagramLimit;

    private MediaBatch(Recycler.Handle<MediaBatch> handle) {
        this.handle = handle;
    }

    /**
     * An empty batch; the caller owns its reference.
     *
     * @param slab retained here
     * @param arrivalNanos when the read happened that brought the first packet
     */
    static MediaBatch open(ByteBuf slab, long arrivalNanos) {
        MediaBatch batch = RECYCLER.get();
        batch.setRefCnt(1);
        batch.slab = slab.retain();
        batch.arrivalNanos = arrivalNanos;
        return batch;
    }

    /**
     * Adds a packet behind the last one.
     *
     * @param offset index in the slab of its first RTP or RTCP byte; the four bytes before are its interleaved header
     * @param length 0 to 65,535
     * @param flags bits of {@link PacketFlags} and of this class
     * @param datagramShift see {@link #datagramShift}; low 16 bits
     */
    void add(int track, int offset, int length, int flags, int rtpTimestamp, int datagramShift) {
        int at = count * FIELDS;
        if (at == table.length) {
            table = Arrays.copyOf(table, table.length * 2);
        }
        table[at] = offset;
        table[at + 1] = length | datagramShift << LENGTH_BITS;
        table[at + 2] = flags | track << TRACK_SHIFT;
        table[at + 3] = rtpTimestamp;
        count++;
        bytes += length;
        allFlags |= flags;
    }

    boolean isFull() {
        return count == MAX_PACKETS;
    }

    @SuppressWarnings("ReferenceEquality") // the same memory, not equal bytes
    boolean isOver(ByteBuf otherSlab) {
        return slab == otherSlab;
    }

    /** The slab, lent while a reference to this batch is held. */
    public ByteBuf slab() {
        ByteBuf current = slab;
        if (current == null) {
            throw new IllegalStateException("batch used after its last release");
        }
        return current;
    }

    /** How many packets it has. */
    public int count() {
        return count;
    }

    /** RTP and RTCP bytes, without interleaved headers. */
    public int bytes() {
        return bytes;
    }

    /** Every flag that some packet has. */
    public int allFlags() {
        return allFlags;
    }

    /** {@link System#nanoTime()} of the read that brought the first packet. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** Index in the slab of packet {@code i}'s first RTP byte. */
    public int offset(int i) {
        return table[i * FIELDS];
    }

    /** RTP bytes of packet {@code i}. */
    public int length(int i) {
        return table[i * FIELDS + 1] & LENGTH_MASK;
    }

    /**
     * What packet {@code i}'s sequence number is to be increased by for viewers who get datagrams, modulo 65,536: so many numbers more than packets
     * were used by those before that were cut. The same for all viewers of the stream, whenever they came, and over all batches.
     */
    public int datagramShift(int i) {
        return table[i * FIELDS + 1] >>> LENGTH_BITS;
    }

    /** How packets that are marked {@link #CUT} are cut; null: there are none. */
    public @Nullable DatagramLimit datagramLimit() {
        return datagramLimit;
    }

    /** Some packet is to be cut. */
    void cutBy(DatagramLimit limit) {
        datagramLimit = limit;
    }

    /** Flags of packet {@code i}. */
    public int flags(int i) {
        return table[i * FIELDS + 2] & ((1 << TRACK_SHIFT) - 1);
    }

    /** Track of packet {@code i}. */
    public int track(int i) {
        return table[i * FIELDS + 2] >>> TRACK_SHIFT;
    }

    /** Timestamp in the header of packet {@code i}, in ticks of its track's clock. */
    public int rtpTimestamp(int i) {
        return table[i * FIELDS + 3];
    }

    @Override
    public ReferenceCounted touch(@Nullable Object hint) {
        ByteBuf current = slab;
        if (current != null) {
            current.touch(hint);
        }
        return this;
    }

    @Override
    protected void deallocate() {
        ByteBuf current = slab();
        slab = null;
        datagramLimit = null;
        count = 0;
        bytes = 0;
        allFlags = 0;
        current.release();
        handle.recycle(this);
    }
}
