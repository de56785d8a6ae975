package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtp.RtpTimestamps;

/**
 * One track as one viewer sees it: its own SSRC, payload type, sequence numbers without holes and a timeline that never goes back, whatever the
 * packets are taken from. Owner: the viewer's loop.
 *
 * <p>Timestamps are the stream's, shifted. A cached GOP is pressed together linearly up to the live edge, as {@link CollapsedTimeline} does for others, but
 * never reaches before what was sent last.
 */
final class OutboundTrack {
    /** A cached GOP is shown within this time. */
    private static final int PRESSED_MILLIS = 100;
    /** The edge of a GOP that is shown again lies so far behind what was sent last at least. */
    private static final int LEAST_STEP_MILLIS = 10;

    private final PacketTrack track;
    private final PacketProtector protector;
    private final @Nullable SentPackets sent;

    private int nextSequenceNumber;
    private int nextRtxNumber;
    private int shift;
    private boolean placed;
    private boolean started;
    private int lastTimestamp;
    private long lastNanos;
    private int packets;
    private int octets;

    // a GOP under way
    private int burstEnd;
    private boolean pressed;
    private int edge;
    private long span;
    private long pressedSpan;

    /** @param random 32 bits of dice for the beginnings of both sequences (RFC 3550 section 5.1) */
    OutboundTrack(PacketTrack track, PacketProtector protector, int random) {
        this.track = track;
        this.protector = protector;
        this.sent = track.retransmits() ? new SentPackets() : null;
        // Well below the end of the 16 bits, so that no receiver has to guess the rollover counter at once.
        this.nextSequenceNumber = random & 0x3fff;
        this.nextRtxNumber = random >>> 16 & 0x3fff;
        this.shift = random * 0x9e3779b1;
    }

    PacketTrack track() {
        return track;
    }

    boolean hasStarted() {
        return started;
    }

    int packets() {
        return packets;
    }

    int octets() {
        return octets;
    }

    // ---- timeline

    /** What comes now has another timeline: it is placed when its first packet is sent. */
    void replace() {
        placed = false;
        pressed = false;
    }

    /**
     * What comes now is a cached GOP and then the live media behind it.
     *
     * @param first timestamp of the GOP's first packet
     * @param edgeTimestamp of the newest one
     * @param endNumber ring number of the first live packet
     */
    void press(int first, int edgeTimestamp, int endNumber, long nowNanos) {
        edge = edgeTimestamp;
        burstEnd = endNumber;
        span = Math.max(0, RtpTimestamps.distance(first, edgeTimestamp));
        long room = ticks(PRESSED_MILLIS);
        if (started) {
            place(edgeTimestamp, LEAST_STEP_MILLIS, nowNanos);
            room = Math.min(room, RtpTimestamps.distance(lastTimestamp, edgeTimestamp + shift) - 1L);
        }
        placed = true;
        pressedSpan = Math.min(span, Math.max(0, room));
        pressed = span > 0;
    }

    private long ticks(int millis) {
        return (long) track.format().clockRate() * millis / 1000;
    }

    /** Puts a timestamp as far behind the last one sent as time has passed. */
    private void place(int timestamp, int leastMillis, long nowNanos) {
        long passed =
                RtpTimestamps.nanosToTicks(nowNanos - lastNanos, track.format().clockRate());
        shift = lastTimestamp + (int) Math.max(passed, Math.max(1, ticks(leastMillis))) - timestamp;
    }

    /** The timestamp for the viewer of a packet that is about to be sent. */
    int timestampOf(int ringNumber, int timestamp, long nowNanos) {
        if (!placed) {
            placed = true;
            if (started) {
                place(timestamp, 1, nowNanos);
            }
        }
        if (pressed && ringNumber - burstEnd < 0) {
            long before = RtpTimestamps.distance(timestamp, edge);
            if (before > 0) {
                return (int) (edge - before * pressedSpan / span) + shift;
            }
        }
        return timestamp + shift;
    }

    /** The same for reports: of a live packet. */
    int liveTimestampOf(int timestamp) {
        return timestamp + shift;
    }

    boolean isPlaced() {
        return placed;
    }

    // ---- packets

    /** Bytes of a packet when it is protected. */
    int lengthOf(PacketizedBatch batch, int i) {
        return headerLength(batch, i) + batch.length(i) + protector.rtpOverhead();
    }

    private int headerLength(PacketizedBatch batch, int i) {
        return track.extensions().headerLength(isKey(batch, i), batch.captureNtp());
    }

    private static boolean isKey(PacketizedBatch batch, int i) {
        return PacketFlags.isSet(batch.flags(i), PacketFlags.KEYFRAME);
    }

    /**
     * Writes the next packet.
     *
     * @param transportNumber transport-wide
     * @param generation of the ring, for retransmissions
     * @return its length; negative: it may not be sent
     */
    int writeNext(
            ByteBuf out, int at, PacketizedBatch batch, int i, int transportNumber, int generation, long nowNanos) {
        int number = batch.firstNumber() + i;
        int timestamp = timestampOf(number, batch.rtpTimestamp(i), nowNanos);
        int sequenceNumber = nextSequenceNumber;
        nextSequenceNumber = sequenceNumber + 1 & 0xffff;
        if (sent != null) {
            sent.put(sequenceNumber, number, transportNumber, timestamp, generation);
        }
        if (!started || RtpTimestamps.isLater(timestamp, lastTimestamp)) {
            lastTimestamp = timestamp;
        }
        started = true;
        lastNanos = nowNanos;
        packets++;
        octets += batch.length(i);
        return write(out, at, batch, i, sequenceNumber, timestamp, transportNumber);
    }

    private int write(
            ByteBuf out, int at, PacketizedBatch batch, int i, int sequenceNumber, int timestamp, int transportNumber) {
        boolean marker = PacketFlags.isSet(batch.flags(i), PacketizedBatch.MARKER);
        RtpHeader.write(out, at, marker, track.format().payloadType(), sequenceNumber, timestamp, track.ssrc());
        int header = track.extensions().write(out, at, transportNumber, isKey(batch, i), batch.captureNtp());
        int prefix = batch.writeBeginning(i, out, at + header);
        return protector.protectRtp(
                out, at, header, prefix, batch.lastBuffer(i), batch.lastOffset(i), batch.lastLength(i));
    }

    // ---- once more

    /** What was sent; null: nothing of it is remembered. */
    @Nullable
    SentPackets sent() {
        return sent;
    }

    /** Bytes of {@link #writeAgain} at most. */
    int repeatedLengthOf(PacketizedBatch batch, int i) {
        return lengthOf(batch, i) + 2;
    }

    /**
     * Writes a packet that was sent before: by RTX (RFC 4588 section 4) where that is agreed, else as it was, to the byte.
     *
     * @param transportNumber for a packet of RTX, which is a new one
     * @return its length; negative: it may not be sent
     */
    int writeAgain(
            ByteBuf out,
            int at,
            PacketizedBatch batch,
            int i,
            int sequenceNumber,
            SentPackets remembered,
            int transportNumber) {
        int timestamp = remembered.timestamp(sequenceNumber);
        if (!track.hasRtx()) {
            return write(out, at, batch, i, sequenceNumber, timestamp, remembered.transportNumber(sequenceNumber));
        }
        boolean marker = PacketFlags.isSet(batch.flags(i), PacketizedBatch.MARKER);
        RtpHeader.write(out, at, marker, track.rtxPayloadType(), nextRtxNumber, timestamp, track.rtxSsrc());
        nextRtxNumber = nextRtxNumber + 1 & 0xffff;
        int header = track.extensions().write(out, at, transportNumber, isKey(batch, i), batch.captureNtp());
        out.setShort(at + header, sequenceNumber);
        int prefix = 2 + batch.writeBeginning(i, out, at + header + 2);
        return protector.protectRtp(
                out, at, header, prefix, batch.lastBuffer(i), batch.lastOffset(i), batch.lastLength(i));
    }
}
