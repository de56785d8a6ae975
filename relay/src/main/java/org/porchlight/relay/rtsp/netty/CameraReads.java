package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.rtsp.client.RtspClientSession;

/**
 * The bytes of one camera's connection on their way through the slabs to the session: plain TCP is read into the slab by the socket itself, what comes out of TLS
 * or a tunnel is copied once. What the session does not consume stays for the next read. Owner: the loop; closed by its {@link CameraConnection}.
 */
final class CameraReads {
    /** Less free space than this makes many small reads. */
    private static final int MIN_READ_BYTES = 4096;

    private final SlabCursor slabs;
    private final SlabReads socketReads = new SlabReads();
    private int unread = SlabCursor.HEADROOM;

    CameraReads(SlabPool pool) {
        this.slabs = new SlabCursor(pool, SlabPool.MIN_SLAB_BYTES);
    }

    /** What tells a socket where to read; it gives room in the slab after {@link #intoSlab}. */
    SlabReads socketReads() {
        return socketReads;
    }

    /** The socket may read straight into the slab. */
    void intoSlab() {
        socketReads.use(slabs);
    }

    /** Fits the slabs to the stream. */
    void resize(int bytes) {
        slabs.resize(bytes);
    }

    /**
     * Takes bytes in.
     *
     * @param bytes borrowed
     * @param inSlab they were read into the slab
     */
    void take(ByteBuf bytes, boolean inSlab) {
        int count = bytes.readableBytes();
        slabs.slab();
        if (!inSlab) {
            if (slabs.writableBytes() < count) {
                unread = slabs.rollKeeping(unread, count);
            }
            slabs.slab().setBytes(slabs.writeIndex(), bytes, bytes.readerIndex(), count);
        }
        slabs.advance(count);
    }

    /** Lets the session read what it has not consumed. */
    void feed(RtspClientSession session, int newBytes, long nowNanos, RtspClientSession.MediaSink sink) {
        unread = session.receive(slabs.slab(), unread, slabs.writeIndex(), newBytes, nowNanos, sink);
    }

    /** The next read finds room for the rest of what has begun, and for a bit more. */
    void makeRoom(int missing) {
        int wanted = Math.max(missing, MIN_READ_BYTES);
        if (slabs.writableBytes() < wanted) {
            unread = slabs.rollKeeping(unread, wanted);
        }
    }

    void close() {
        socketReads.use(null);
        slabs.close();
    }
}
