package org.porchlight.relay.webrtc.congestion;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A receiver's side of transport-wide feedback, in two-bit vectors. */
final class FeedbackWriter {
    private final NavigableMap<Integer, Long> arrivals = new TreeMap<>();
    private int count;

    /** A packet has come; sequence numbers without wraps. */
    void add(int sequenceNumber, long arrivalMicros) {
        arrivals.put(sequenceNumber, arrivalMicros);
    }

    boolean isEmpty() {
        return arrivals.isEmpty();
    }

    /** Feedback from this number to the newest that came. */
    ByteBuf writeFrom(int base) {
        int last = arrivals.lastKey();
        int packets = last - base + 1;
        long reference = arrivals.firstEntry().getValue() / 64_000;
        ByteBuf out = Unpooled.buffer();
        out.writeShort(base)
                .writeShort(packets)
                .writeMedium((int) (reference & 0xff_ffff))
                .writeByte(count++);
        ByteBuf deltas = Unpooled.buffer();
        long previous = reference * 64_000;
        int chunk = 0;
        for (int i = 0; i < packets; i++) {
            Long arrival = arrivals.get(base + i);
            int symbol = 0;
            if (arrival != null) {
                int delta = (int) Math.floorDiv(arrival - previous + 125, 250);
                previous += delta * 250L;
                symbol = delta >= 0 && delta < 256 ? 1 : 2;
                if (symbol == 1) {
                    deltas.writeByte(delta);
                } else {
                    deltas.writeShort(delta);
                }
            }
            chunk |= symbol << (12 - 2 * (i % 7));
            if (i % 7 == 6 || i == packets - 1) {
                out.writeShort(0xc000 | chunk);
                chunk = 0;
            }
        }
        arrivals.clear();
        return out.writeBytes(deltas);
    }

    Map<Integer, Long> arrivals() {
        return arrivals;
    }
}
