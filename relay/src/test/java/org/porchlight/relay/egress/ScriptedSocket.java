package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket with a buffer of some bytes that somebody empties. */
final class ScriptedSocket implements ByteTransport {
    final ByteBuf received = Unpooled.buffer();
    int room = Integer.MAX_VALUE;
    boolean broken;
    int sends;
    private @Nullable ByteBuf rest;
    private @Nullable Runnable callback;

    @Override
    public long send(Pieces pieces) {
        assertThat(callback).as("nothing is sent while it waits").isNull();
        sends++;
        if (broken) {
            return -1;
        }
        long taken = 0;
        for (int i = 0; i < pieces.count() && room > 0; i++) {
            int length = Math.min(room, pieces.end(i) - pieces.start(i));
            received.writeBytes(pieces.buffer(i), pieces.start(i), length);
            take(length);
            taken += length;
        }
        return taken;
    }

    private void take(int length) {
        room -= room == Integer.MAX_VALUE ? 0 : length;
    }

    @Override
    public void whenWritable(ByteBuf bytes, Runnable whenDone) {
        assertThat(callback).isNull();
        rest = bytes;
        callback = whenDone;
    }

    /** The other side reads: there is room for so many bytes more. */
    void drain(int bytes) {
        room = bytes;
        ByteBuf waiting = rest;
        Runnable done = callback;
        if (waiting == null || done == null) {
            return;
        }
        int length = Math.min(room, waiting.readableBytes());
        received.writeBytes(waiting, length);
        take(length);
        if (!waiting.isReadable() && room > 0) {
            waiting.release();
            rest = null;
            callback = null;
            done.run();
        }
    }

    void close() {
        if (rest != null) {
            rest.release();
            rest = null;
        }
    }

    /** The frames that came as a whole. */
    List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (received.writerIndex() - at >= 4) {
            assertThat(received.getByte(at))
                    .as("frame %d begins at %d", frames.size(), at)
                    .isEqualTo((byte) '$');
            int length = received.getUnsignedShort(at + 2);
            if (received.writerIndex() - at < 4 + length) {
                break;
            }
            byte[] frame = new byte[4 + length];
            received.getBytes(at, frame);
            frames.add(frame);
            at += 4 + length;
        }
        return frames;
    }
}
