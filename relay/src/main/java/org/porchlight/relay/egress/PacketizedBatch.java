package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.Recycler;
import io.netty.util.ReferenceCounted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.stream.MediaBatch;

/**
 * A batch as packets that fit a path: a table of payloads, each a few header bytes of its own and then pieces of the batch's slab. Media is not
 * copied, but where a format can only be cut by rewriting. Filled by {@link Packetizer}, then read-only; reference-counted, used on one loop.
 *
 * <p>Packets have consecutive numbers in the ring of their loop, which say nothing to any receiver: each viewer gives them numbers of its own.
 */
final class PacketizedBatch extends AbstractReferenceCounted {
    /** Bit besides those of packets: the last packet of its frame, or what had the marker. */
    static final int MARKER = 1 << 19;

    private static final int FIELDS = 5;
    private static final int TRACK_SHIFT = 24;
    private static final int FLAGS = (1 << TRACK_SHIFT) - 1;

    private static final Recycler<PacketizedBatch> RECYCLER = new Recycler<>() {
        @Override
        protected PacketizedBatch newObject(Handle<PacketizedBatch> handle) {
            return new PacketizedBatch(handle);
        }
    };

    private final Recycler.Handle<PacketizedBatch> handle;
    private int[] table = new int[16 * FIELDS];
    private int count;
    /** Offset and length of each piece; offsets below 0 lie in the buffer of rewritten payloads, as their complement. */
    private int[] pieces = new int[64];

    private int pieceCount;
    private int firstNumber;
    private int allFlags;
    private int bytes;
    private long captureNtp;
    private @Nullable MediaBatch source;
    private @Nullable ByteBuf rewritten;

    private PacketizedBatch(Recycler.Handle<PacketizedBatch> handle) {
        this.handle = handle;
    }

    /**
     * Without packets yet; the caller owns its reference.
     *
     * @param source retained here
     */
    static PacketizedBatch of(MediaBatch source) {
        PacketizedBatch batch = RECYCLER.get();
        batch.setRefCnt(1);
        batch.source = (MediaBatch) source.retain();
        return batch;
    }

    // ---- filling

    /** Room for payloads that are not in the slab; lent. */
    ByteBuf rewritten(ByteBufAllocator allocator) {
        ByteBuf buffer = rewritten;
        if (buffer == null) {
            buffer = allocator.directBuffer(2048);
            rewritten = buffer;
        }
        return buffer;
    }

    /**
     * Begins a packet; its pieces follow.
     *
     * @param header its own first bytes, first to last from bit 24 down, at most three
     * @param headerLength 0 to 3
     */
    void beginPacket(int track, int flags, int rtpTimestamp, int header, int headerLength) {
        int at = count * FIELDS;
        if (at == table.length) {
            table = Arrays.copyOf(table, table.length * 2);
        }
        table[at] = flags | track << TRACK_SHIFT;
        table[at + 1] = rtpTimestamp;
        table[at + 2] = (header & ~0xff) | headerLength;
        table[at + 3] = pieceCount;
        table[at + 4] = headerLength;
        count++;
        allFlags |= flags;
        bytes += headerLength;
    }

    /** A piece of the packet begun last, in the slab. */
    void addPiece(int offset, int length) {
        int at = pieceCount * 2;
        if (at == pieces.length) {
            pieces = Arrays.copyOf(pieces, pieces.length * 2);
        }
        pieces[at] = offset;
        pieces[at + 1] = length;
        pieceCount++;
        table[(count - 1) * FIELDS + 4] += length;
        bytes += length;
    }

    /** A piece of the packet begun last, in the buffer of rewritten payloads. */
    void addRewritten(int offset, int length) {
        addPiece(~offset, length);
    }

    void addFlagsToLast(int flags) {
        table[(count - 1) * FIELDS] |= flags;
        allFlags |= flags;
    }

    void number(int first, long capturedNtp) {
        firstNumber = first;
        captureNtp = capturedNtp;
    }

    // ---- reading

    int count() {
        return count;
    }

    /** Number of the first packet; the others follow. */
    int firstNumber() {
        return firstNumber;
    }

    int endNumber() {
        return firstNumber + count;
    }

    int allFlags() {
        return allFlags;
    }

    /** Payload bytes. */
    int bytes() {
        return bytes;
    }

    /** The camera's clock at the moment of its video frame; 0: unknown. */
    long captureNtp() {
        return captureNtp;
    }

    long arrivalNanos() {
        return source().arrivalNanos();
    }

    int flags(int i) {
        return table[i * FIELDS] & FLAGS;
    }

    int track(int i) {
        return table[i * FIELDS] >>> TRACK_SHIFT;
    }

    int rtpTimestamp(int i) {
        return table[i * FIELDS + 1];
    }

    /** Bytes of a packet's payload. */
    int length(int i) {
        return table[i * FIELDS + 4];
    }

    /**
     * Writes all of a payload but its last piece.
     *
     * @return how many bytes that were
     */
    int writeBeginning(int i, ByteBuf out, int index) {
        int header = table[i * FIELDS + 2];
        int headerLength = header & 0xff;
        int to = index;
        for (int n = 0; n < headerLength; n++) {
            out.setByte(to++, header >>> (24 - 8 * n));
        }
        int last = lastPiece(i);
        for (int piece = table[i * FIELDS + 3]; piece < last; piece++) {
            int length = pieces[piece * 2 + 1];
            bufferOf(piece).getBytes(offsetOf(piece), out, to, length);
            to += length;
        }
        return to - index;
    }

    /** Where the last piece of a payload lies; lent. */
    ByteBuf lastBuffer(int i) {
        return bufferOf(lastPiece(i));
    }

    int lastOffset(int i) {
        return offsetOf(lastPiece(i));
    }

    int lastLength(int i) {
        return pieces[lastPiece(i) * 2 + 1];
    }

    private int lastPiece(int i) {
        return (i + 1 < count ? table[(i + 1) * FIELDS + 3] : pieceCount) - 1;
    }

    private ByteBuf bufferOf(int piece) {
        ByteBuf other = rewritten;
        return pieces[piece * 2] >= 0 ? source().slab() : other == null ? Unpooled.EMPTY_BUFFER : other;
    }

    private int offsetOf(int piece) {
        int offset = pieces[piece * 2];
        return offset >= 0 ? offset : ~offset;
    }

    private MediaBatch source() {
        MediaBatch current = source;
        if (current == null) {
            throw new IllegalStateException("packetized batch used after its last release");
        }
        return current;
    }

    @Override
    public ReferenceCounted touch(@Nullable Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        MediaBatch current = source();
        source = null;
        ByteBuf other = rewritten;
        rewritten = null;
        if (other != null) {
            other.release();
        }
        count = 0;
        pieceCount = 0;
        allFlags = 0;
        bytes = 0;
        captureNtp = 0;
        current.release();
        handle.recycle(this);
    }
}
