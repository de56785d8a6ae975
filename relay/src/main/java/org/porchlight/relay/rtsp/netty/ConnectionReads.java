package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;

/**
 * Where a client's bytes lie while they are parsed. Owner: the connection's loop; the connection closes it.
 *
 * <p>Requests are read into small buffers, of which what is not understood yet is kept for the next read. When a publisher over plain TCP
 * records, reads go straight into media slabs, and its packets are found there; behind TLS or a tunnel each packet is copied once.
 */
final class ConnectionReads {
    /** Less room than this at the end of a slab is not worth a read. */
    private static final int MIN_READ_BYTES = 2048;

    /** Who understands the bytes. */
    interface Parser {
        /** Takes {@code [from, to)}; the index of the first byte that is still needed. */
        int receive(ByteBuf in, int from, int to, long nowNanos);

        /** Bytes that the message begun last still needs, at least 1. */
        int missingBytes();

        /** It needs nothing any more. */
        boolean isClosed();
    }

    private final Channel channel;
    private final SlabPool pool;
    private final @Nullable SlabReads slabReads;
    private final Parser parser;

    private @Nullable ByteBuf leftover;
    private ByteBuf reading = Unpooled.EMPTY_BUFFER;
    private long nowNanos;
    private @Nullable SlabCursor slabs;
    private int parsedTo;
    private boolean receiving;
    private boolean readingSlab;

    /** @param slabReads the channel's receive allocator, for plain TCP; null: reads never go into slabs */
    ConnectionReads(Channel channel, SlabPool pool, @Nullable SlabReads slabReads, Parser parser) {
        this.channel = channel;
        this.pool = pool;
        this.slabReads = slabReads;
        this.parser = parser;
    }

    // ---- reading

    /** @param in given away */
    void onRead(ByteBuf in, long now) {
        nowNanos = now;
        SlabCursor cursor = slabs;
        if (cursor == null) {
            readBuffer(in);
        } else {
            readSlab(cursor, in);
        }
    }

    private void readBuffer(ByteBuf in) {
        ByteBuf all = in;
        ByteBuf before = leftover;
        if (before != null) {
            leftover = null;
            all = before.discardReadBytes().writeBytes(in);
            in.release();
        }
        reading = all;
        all.readerIndex(receive(all.readerIndex(), all.writerIndex()));
        SlabCursor cursor = slabs;
        if (parser.isClosed() || !all.isReadable()) {
            all.release();
        } else if (cursor != null) {
            carryOver(cursor, all);
        } else {
            leftover = all;
        }
    }

    private int receive(int from, int to) {
        receiving = true;
        int used = parser.receive(reading, from, to, nowNanos);
        receiving = false;
        if (!channel.isActive()) {
            releaseLeftover();
        }
        return used;
    }

    /** @param view of the cursor's free space, given away */
    private void readSlab(SlabCursor cursor, ByteBuf view) {
        cursor.advance(view.readableBytes());
        view.release();
        reading = cursor.slab();
        readingSlab = true;
        parsedTo = receive(parsedTo, cursor.writeIndex());
        readingSlab = false;
        if (slabs == cursor) {
            makeRoom(cursor);
        } else {
            retire(cursor);
        }
    }

    private void makeRoom(SlabCursor cursor) {
        int needed = parsedTo < cursor.writeIndex() ? Math.max(MIN_READ_BYTES, parser.missingBytes()) : MIN_READ_BYTES;
        if (cursor.writableBytes() < needed) {
            parsedTo = cursor.rollKeeping(parsedTo, needed);
        }
    }

    /** The buffer whose bytes are being received. */
    ByteBuf currentView() {
        return reading;
    }

    /** Whether that is a slab, with room for a head in front of each packet. */
    boolean isInSlab() {
        return readingSlab;
    }

    /** When it was read. */
    long nowNanos() {
        return nowNanos;
    }

    /** Whether media are read: then nothing may hold reads back. */
    boolean useSlabs() {
        return slabs != null;
    }

    /** The upward half of a tunnel takes what has not been understood yet; the caller's to release; null: nothing is left. */
    @Nullable
    ByteBuf takeLeftover() {
        ByteBuf rest = leftover;
        leftover = null;
        return rest;
    }

    // ---- where the next reads go

    /** From now on reads go where media belong. */
    void intoSlabs(int slabBytes) {
        SlabReads reads = slabReads;
        if (reads == null) {
            return;
        }
        SlabCursor cursor = new SlabCursor(pool, slabBytes);
        cursor.slab();
        parsedTo = cursor.writeIndex();
        slabs = cursor;
        reads.use(cursor);
        ByteBuf rest = takeLeftover();
        if (rest != null) {
            carryOver(cursor, rest);
        }
    }

    /** Recording has begun in the middle of a read: the beginning of a packet moves into the slab, where its end will be read. */
    private void carryOver(SlabCursor cursor, ByteBuf rest) {
        parsedTo = cursor.append(rest, rest.readerIndex(), rest.readableBytes());
        rest.release();
        makeRoom(cursor);
    }

    /** Later slabs are of another size. */
    void resizeSlabs(int slabBytes) {
        SlabCursor cursor = slabs;
        if (cursor != null) {
            cursor.resize(slabBytes);
        }
    }

    /** From now on only requests are read; may be repeated. */
    void intoBuffers() {
        SlabCursor cursor = slabs;
        SlabReads reads = slabReads;
        if (cursor == null || reads == null) {
            return;
        }
        slabs = null;
        reads.use(null);
        if (!receiving || !readingSlab) {
            retire(cursor);
        }
    }

    /** Requests may follow behind the last packet: they move out of the slab. */
    private void retire(SlabCursor cursor) {
        int rest = cursor.writeIndex() - parsedTo;
        if (rest > 0 && channel.isActive() && !parser.isClosed()) {
            leftover = channel.alloc().buffer(rest).writeBytes(cursor.slab(), parsedTo, rest);
        }
        cursor.close();
    }

    /** The channel is gone. */
    void close() {
        if (!receiving) {
            releaseLeftover();
        }
    }

    private void releaseLeftover() {
        ByteBuf rest = takeLeftover();
        if (rest != null) {
            rest.release();
        }
    }
}
