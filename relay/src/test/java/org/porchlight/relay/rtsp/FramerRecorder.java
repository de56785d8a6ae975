package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Feeds a framer piece by piece and writes down what it finds; neighbouring garbage becomes one entry. */
final class FramerRecorder implements InterleavedFramer.Sink {
    final List<String> found = new ArrayList<>();
    final List<RtspMessage> messages = new ArrayList<>();
    private final InterleavedFramer framer;
    private byte[] pending = {};
    private ByteBuf current = Unpooled.EMPTY_BUFFER;
    private int garbage;

    FramerRecorder(InterleavedFramer.Limits limits) {
        framer = new InterleavedFramer(limits);
    }

    /** Everything found in these bytes when they come in pieces of at most {@code step}. */
    static List<String> of(InterleavedFramer.Limits limits, byte[] bytes, int step) {
        FramerRecorder recorder = new FramerRecorder(limits);
        for (int at = 0; at < bytes.length; at += step) {
            recorder.feed(java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step)));
        }
        return recorder.finish();
    }

    void feed(byte[] more) {
        byte[] all = java.util.Arrays.copyOf(pending, pending.length + more.length);
        System.arraycopy(more, 0, all, pending.length, more.length);
        // Bytes before and behind, to notice a framer that looks beyond its borders.
        current = Unpooled.buffer()
                .writeBytes(new byte[] {'$', 0})
                .writeBytes(all)
                .writeBytes(new byte[] {'\n', '\n'});
        int from = 2;
        int to = 2 + all.length;
        int at = framer.parse(current, from, to, this);
        while (at > from && at < to) {
            from = at;
            at = framer.parse(current, from, to, this);
        }
        assert at >= from && at <= to : "stopped at " + at;
        assert framer.missingBytes() >= 1;
        pending = java.util.Arrays.copyOfRange(all, at - 2, all.length);
    }

    List<String> finish() {
        noGarbage();
        if (pending.length > 0) {
            found.add("left " + pending.length);
        }
        return found;
    }

    int missingBytes() {
        return framer.missingBytes();
    }

    @Override
    public void onInterleaved(int channel, int offset, int length) {
        noGarbage();
        found.add("frame " + channel + " " + current.toString(offset, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void onMessage(RtspMessage message) {
        noGarbage();
        messages.add(message);
        String start = message instanceof RtspRequest request
                ? request.method() + " " + request.uri() + " " + request.version()
                : ((RtspResponse) message).status() + " " + message.version();
        StringBuilder text = new StringBuilder(start);
        for (RtspHeaders.Field field : message.headers().fields()) {
            text.append(" | ").append(field.name()).append(": ").append(field.value());
        }
        if (message.body().length > 0) {
            text.append(" || ").append(new String(message.body(), StandardCharsets.UTF_8));
        }
        found.add(text.toString());
    }

    @Override
    public void onGarbage(int bytes) {
        garbage += bytes;
    }

    @Override
    public void onFatal(FramingError error) {
        noGarbage();
        found.add("fatal " + error.kind() + " " + error.cseq());
    }

    private void noGarbage() {
        if (garbage > 0) {
            found.add("garbage " + garbage);
            garbage = 0;
        }
    }
}
