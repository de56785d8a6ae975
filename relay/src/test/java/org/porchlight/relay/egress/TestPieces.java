package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/** Lets tests of the sockets fill pieces as viewers do. */
public final class TestPieces {
    private TestPieces() {}

    public static boolean add(Pieces pieces, ByteBuf buffer, int start, int end) {
        return pieces.add(buffer, start, end);
    }

    public static void clear(Pieces pieces) {
        pieces.clear();
    }
}
