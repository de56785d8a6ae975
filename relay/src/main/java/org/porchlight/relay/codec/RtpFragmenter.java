package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * Cuts whole RTP packets that are larger than a datagram may be into RTP packets that fit, each with the header of the original (RFC 3550 section
 * 5.1): CSRCs and extension are repeated, padding is left out, the marker stays with the last. Two of them made for the same format and size cut
 * alike. Owner: one loop; reused for all packets of a track.
 */
public final class RtpFragmenter {
    private static final int PADDING = 0x20;

    private final Fragmenter fragmenter;
    private final int maxBytes;
    private int headerLength;
    private int count;
    private int originalOctets;

    /**
     * @param format of the track
     * @param maxBytes of each packet that comes out, RTP header included, at least {@link RtpHeader#FIXED_LENGTH} and
     *     {@link Fragmenter#MIN_PAYLOAD_BYTES}
     */
    public RtpFragmenter(TrackFormat format, int maxBytes) {
        if (maxBytes < RtpHeader.FIXED_LENGTH + Fragmenter.MIN_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("RTP packets of at most " + maxBytes + " bytes");
        }
        this.fragmenter = new Fragmenter(format);
        this.maxBytes = maxBytes;
    }

    /**
     * Tells into how many packets {@link #cut} would cut this one, and copies no media.
     *
     * @param src borrowed; the packet at {@code [offset, offset + length)}
     * @return 0: it is no RTP packet, or cannot be cut
     */
    public int measure(ByteBuf src, int offset, int length) {
        count = begin(src, offset, length)
                ? fragmenter.measure(src, offset + headerLength, originalOctets, maxBytes - headerLength)
                : 0;
        return count;
    }

    /** By how many octets the payloads of all pieces exceed that of the packet last measured or cut; below 0 where aggregates were undone. */
    public int extraOctets() {
        int sum = -originalOctets;
        for (int i = 0; i < count; i++) {
            sum += fragmenter.pieceLength(i);
        }
        return sum;
    }

    /**
     * Cuts one packet.
     *
     * @param src borrowed; the packet at {@code [offset, offset + length)}
     * @param sequenceNumber of the first piece, low 16 bits; each further one has the next
     * @param out borrowed; pieces are written one behind the other at its writer index, and it is grown if need be
     * @return how many there are; 0: it is no RTP packet or cannot be cut, nothing was written
     */
    public int cut(ByteBuf src, int offset, int length, int sequenceNumber, ByteBuf out) {
        count = begin(src, offset, length)
                ? fragmenter.cut(src, offset + headerLength, originalOctets, maxBytes - headerLength, headerLength, out)
                : 0;
        boolean marker = count > 0 && RtpHeader.marker(src, offset);
        for (int i = 0; i < count; i++) {
            int at = pieceOffset(i);
            src.getBytes(offset, out, at, headerLength);
            out.setByte(at, out.getByte(at) & ~PADDING);
            RtpHeader.setMarker(out, at, marker && i == count - 1);
            RtpHeader.setSequenceNumber(out, at, sequenceNumber + i);
        }
        return count;
    }

    private boolean begin(ByteBuf src, int offset, int length) {
        long layout = RtpHeader.parse(src, offset, length);
        if (!RtpHeader.isValid(layout)) {
            originalOctets = 0;
            return false;
        }
        headerLength = RtpHeader.payloadOffset(layout);
        originalOctets = RtpHeader.payloadLength(layout);
        return maxBytes - headerLength >= Fragmenter.MIN_PAYLOAD_BYTES;
    }

    /** Index in {@code out} of the first byte of a piece's RTP header. */
    public int pieceOffset(int piece) {
        return fragmenter.pieceOffset(piece) - headerLength;
    }

    /** Bytes of a piece, RTP header included. */
    public int pieceLength(int piece) {
        return fragmenter.pieceLength(piece) + headerLength;
    }
}
