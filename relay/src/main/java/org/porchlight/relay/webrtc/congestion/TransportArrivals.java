package org.porchlight.relay.webrtc.congestion;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtp.SequenceNumbers;

/**
 * The receiving side of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): notes when each packet came and tells the sender, who
 * estimates its path from it. Owner: the session's loop.
 *
 * <p>A packet that comes after it was told as missing is told anew, with those after it. Only vectors of two-bit symbols are written: they cost two bytes for
 * seven packets, and a report is about {@link #MAX_PACKETS} at most.
 */
public final class TransportArrivals {
    /** Packets that one report is about at most. */
    public static final int MAX_PACKETS = 280;

    /** Bytes of one report at most. */
    public static final int MAX_BYTES = 12 + 8 + (MAX_PACKETS + 6) / 7 * 2 + MAX_PACKETS * 2 + 3;

    /** Packets between two reports at least 50 ms, as browsers' own receivers do at usual rates. */
    public static final long INTERVAL_NANOS = 50_000_000;

    private static final int KEPT = 1024;
    private static final int MAX_MISORDER = 512;
    private static final long TICK_NANOS = 250_000;
    private static final int TICKS_PER_REFERENCE = 256;
    private static final long NOT_RECEIVED = -1;
    private static final int ONE_BYTE_PROFILE = 0xbede;
    private static final int SYMBOLS_PER_CHUNK = 7;

    /** Ticks of arrival, by number modulo {@link #KEPT}, of the numbers from {@code newest - KEPT + 1} on. */
    private final long[] ticks = new long[KEPT];

    private final long originNanos;
    private boolean started;
    private long newest;
    /** The first packet that the next report is about. */
    private long begin;

    private long nextNanos;
    private int reports;

    /** Nothing has come. */
    public TransportArrivals(long nowNanos) {
        originNanos = nowNanos;
        nextNanos = nowNanos + INTERVAL_NANOS;
    }

    /**
     * The transport-wide sequence number of an RTP packet, from its header extension in the one-byte form (RFC 8285 section 4.2).
     *
     * @param packet with a sound header at {@code index}
     * @param id of the extension, 1 to 14
     * @return 0 to 65,535; -1: it has none
     */
    public static int sequenceNumber(ByteBuf packet, int index, int id) {
        if (!RtpHeader.hasExtension(packet, index)) {
            return -1;
        }
        int at = index + RtpHeader.FIXED_LENGTH + (packet.getByte(index) & 0x0f) * 4;
        if (packet.getUnsignedShort(at) != ONE_BYTE_PROFILE) {
            return -1;
        }
        int end = at + 4 + packet.getUnsignedShort(at + 2) * 4;
        at += 4;
        while (at < end) {
            int head = packet.getUnsignedByte(at++);
            int length = head == 0 ? 0 : (head & 0x0f) + 1;
            if (head >>> 4 == 15 || length > end - at) {
                return -1;
            }
            if (head >>> 4 == id && head != 0) {
                return length == 2 ? packet.getUnsignedShort(at) : -1;
            }
            at += length;
        }
        return -1;
    }

    /** @param sequenceNumber transport-wide, low 16 bits */
    public void onPacket(int sequenceNumber, long nowNanos) {
        if (!started) {
            start(sequenceNumber & 0xffff);
        }
        int ahead = SequenceNumbers.distance((int) newest, sequenceNumber);
        if (ahead > MAX_MISORDER || ahead < -MAX_MISORDER) {
            start(sequenceNumber & 0xffff);
            ahead = 1;
        }
        for (int i = 1; i <= ahead; i++) {
            ticks[slot(newest + i)] = NOT_RECEIVED;
        }
        long number = newest + ahead;
        newest = Math.max(newest, number);
        if (ticks[slot(number)] == NOT_RECEIVED) {
            ticks[slot(number)] = (nowNanos - originNanos) / TICK_NANOS;
            begin = Math.min(begin, number);
        }
    }

    /** The first packet is yet to be noted. */
    private void start(int sequenceNumber) {
        java.util.Arrays.fill(ticks, NOT_RECEIVED);
        started = true;
        // Below it nothing was sent, as far as we know, but a number may come late.
        newest = sequenceNumber + (1L << 20) - 1;
        begin = newest + 1;
    }

    private static int slot(long number) {
        return (int) (number & KEPT - 1);
    }

    /** When {@link #write} has something to say; {@link Long#MAX_VALUE}: nothing has come since the last report. */
    public long nextDeadlineNanos() {
        return started && begin <= newest ? nextNanos : Long.MAX_VALUE;
    }

    /**
     * Writes a report if one is due.
     *
     * @param out borrowed; takes {@link #MAX_BYTES} at most
     * @param mediaSsrc of any track
     */
    public void write(ByteBuf out, int ownSsrc, int mediaSsrc, long nowNanos) {
        if (!started || begin > newest || nextNanos - nowNanos > 0) {
            return;
        }
        int start = out.writerIndex();
        begin = Math.max(begin, newest - (KEPT - 1));
        long end = Math.min(newest + 1, begin + MAX_PACKETS);
        long first = begin;
        while (first < end && ticks[slot(first)] == NOT_RECEIVED) {
            first++;
        }
        if (first == end) {
            // A gap wider than a report: the next one goes on behind it.
            begin = end;
            return;
        }
        long reference = ticks[slot(first)] / TICKS_PER_REFERENCE;
        end = deltasFit(begin, end, reference * TICKS_PER_REFERENCE);
        RtcpWriter.writeTransportFeedback(out, ownSsrc, mediaSsrc, 8);
        out.writeShort((int) begin);
        out.writeShort((int) (end - begin));
        out.writeMedium((int) reference & 0xffffff);
        out.writeByte(reports++);
        writeSymbols(out, end, reference * TICKS_PER_REFERENCE);
        writeDeltas(out, end, reference * TICKS_PER_REFERENCE);
        out.writeZero((start - out.writerIndex()) & 3);
        out.setShort(start + 2, (out.writerIndex() - start) / 4 - 1);
        boolean more = end <= newest;
        begin = end;
        nextNanos = more ? nowNanos : nowNanos + INTERVAL_NANOS;
    }

    /** Where a delta would not fit into two bytes the report ends. */
    private long deltasFit(long from, long to, long referenceTicks) {
        long before = referenceTicks;
        for (long number = from; number < to; number++) {
            long at = ticks[slot(number)];
            if (at != NOT_RECEIVED) {
                if ((short) (at - before) != at - before) {
                    return number;
                }
                before = at;
            }
        }
        return to;
    }

    private static boolean isSmall(long delta) {
        return delta >= 0 && delta <= 255;
    }

    private void writeSymbols(ByteBuf out, long end, long referenceTicks) {
        long before = referenceTicks;
        for (long number = begin; number < end; ) {
            int chunk = 0xc000;
            for (int i = 0; i < SYMBOLS_PER_CHUNK && number < end; i++, number++) {
                long at = ticks[slot(number)];
                if (at != NOT_RECEIVED) {
                    chunk |= (isSmall(at - before) ? 1 : 2) << (12 - 2 * i);
                    before = at;
                }
            }
            out.writeShort(chunk);
        }
    }

    private void writeDeltas(ByteBuf out, long end, long referenceTicks) {
        long before = referenceTicks;
        for (long number = begin; number < end; number++) {
            long at = ticks[slot(number)];
            if (at == NOT_RECEIVED) {
                continue;
            }
            if (isSmall(at - before)) {
                out.writeByte((int) (at - before));
            } else {
                out.writeShort((int) (at - before));
            }
            before = at;
        }
    }
}
