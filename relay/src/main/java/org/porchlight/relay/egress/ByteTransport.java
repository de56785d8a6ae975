package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/** A byte stream to one viewer (TCP, TLS, tunnel). Owner: the viewer's loop. */
public interface ByteTransport {
    /**
     * Sends as much as the other side takes now.
     *
     * @param pieces borrowed
     * @return bytes taken, 0 when nothing can be taken now; negative: the connection is broken
     */
    long send(Pieces pieces);

    /**
     * Calls back once when more can be taken.
     *
     * @param rest owned by the callee: bytes that must leave before anything else, the end of a frame that was cut by a full socket;
     *     may be empty
     */
    void whenWritable(ByteBuf rest, Runnable callback);
}
