package org.porchlight.bench.packet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.porchlight.bench.media.FrameStamp;

/** Lays payloads out as RTP packets (RFC 3550 section 5.1) with blank sequence number, timestamp and SSRC. Owner: one thread. */
final class TemplateBuilder {
    static final int RTP_HEADER = 12;
    private static final byte VERSION_2 = (byte) 0x80;
    private static final int MARKER = 0x80;

    private final int payloadType;
    private final List<Integer> starts = new ArrayList<>();
    private byte[] bytes = new byte[4_096];
    private int size;

    TemplateBuilder(int payloadType) {
        this.payloadType = payloadType;
    }

    void beginPacket() {
        starts.add(size);
        need(RTP_HEADER);
        bytes[size] = VERSION_2;
        bytes[size + 1] = (byte) payloadType;
        size += RTP_HEADER;
    }

    TemplateBuilder put(int value) {
        need(1);
        bytes[size++] = (byte) value;
        return this;
    }

    TemplateBuilder put16(int value) {
        return put(value >> 8).put(value);
    }

    TemplateBuilder put(byte[] source, int from, int length) {
        need(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
        return this;
    }

    TemplateBuilder put(byte[] source) {
        return put(source, 0, source.length);
    }

    private void need(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }

    /** Sets the marker of the last packet. */
    FrameTemplate build(boolean keyframe) {
        bytes[starts.get(starts.size() - 1) + 1] |= (byte) MARKER;
        byte[] exact = Arrays.copyOf(bytes, size);
        int[] index = starts.stream().mapToInt(Integer::intValue).toArray();
        return new FrameTemplate(exact, index, FrameStamp.indexOf(exact, 0, exact.length), keyframe);
    }
}
