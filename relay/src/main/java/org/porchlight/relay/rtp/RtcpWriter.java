package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/**
 * Writes RTCP packets one behind the other at a buffer's writer index; a compound packet is what one buffer holds in the end, a report first
 * (RFC 3550 section 6.1). No state. The buffer is borrowed and must have room for what is written.
 */
public final class RtcpWriter {
    /** Report blocks that fit one report. */
    public static final int MAX_REPORT_BLOCKS = 31;
    /** Bytes of a canonical name at most. */
    public static final int MAX_CNAME_LENGTH = 255;

    private static final int PSFB_PLI = 1;
    private static final int PSFB_FIR = 4;
    private static final int RTPFB_NACK = 1;
    private static final int RTPFB_TRANSPORT_CC = 15;

    private RtcpWriter() {}

    /**
     * A sender report (RFC 3550 section 6.4.1). Its report blocks are to be written right behind it, for example with
     * {@link ReceiveStatistics#writeReportBlock}.
     *
     * @param ntp 64-bit NTP time of the same moment as {@code rtpTimestamp}
     * @param packetCount low 32 bits
     * @param octetCount payload bytes, low 32 bits
     * @param reportBlocks how many blocks will follow, 0 to {@link #MAX_REPORT_BLOCKS}
     */
    public static void writeSenderReport(
            ByteBuf out, int ssrc, long ntp, int rtpTimestamp, int packetCount, int octetCount, int reportBlocks) {
        writeHeader(out, checkBlocks(reportBlocks), RtcpType.SR, 24 + reportBlocks * 24);
        out.writeInt(ssrc);
        out.writeLong(ntp);
        out.writeInt(rtpTimestamp);
        out.writeInt(packetCount);
        out.writeInt(octetCount);
    }

    /**
     * A receiver report (RFC 3550 section 6.4.2); blocks as for {@link #writeSenderReport}.
     *
     * @param ssrc of the reporter
     */
    public static void writeReceiverReport(ByteBuf out, int ssrc, int reportBlocks) {
        writeHeader(out, checkBlocks(reportBlocks), RtcpType.RR, 4 + reportBlocks * 24);
        out.writeInt(ssrc);
    }

    private static int checkBlocks(int reportBlocks) {
        if (reportBlocks < 0 || reportBlocks > MAX_REPORT_BLOCKS) {
            throw new IllegalArgumentException(
                    reportBlocks + " report blocks are not within 0 to " + MAX_REPORT_BLOCKS);
        }
        return reportBlocks;
    }

    /**
     * A source description with one chunk and the canonical name alone (RFC 3550 section 6.5.1).
     *
     * @param cname UTF-8, 1 to {@link #MAX_CNAME_LENGTH} bytes
     */
    public static void writeCname(ByteBuf out, int ssrc, byte[] cname) {
        if (cname.length == 0 || cname.length > MAX_CNAME_LENGTH) {
            throw new IllegalArgumentException("canonical name of " + cname.length + " bytes");
        }
        int items = 2 + cname.length;
        int padded = (items / 4 + 1) * 4;
        writeHeader(out, 1, RtcpType.SDES, 4 + padded);
        out.writeInt(ssrc);
        out.writeByte(1);
        out.writeByte(cname.length);
        out.writeBytes(cname);
        out.writeZero(padded - items);
    }

    /** One source leaves (RFC 3550 section 6.6). */
    public static void writeBye(ByteBuf out, int ssrc) {
        writeHeader(out, 1, RtcpType.BYE, 4);
        out.writeInt(ssrc);
    }

    /** Picture loss indication (RFC 4585 section 6.3.1). */
    public static void writePli(ByteBuf out, int senderSsrc, int mediaSsrc) {
        writeHeader(out, PSFB_PLI, RtcpType.PSFB, 8);
        out.writeInt(senderSsrc);
        out.writeInt(mediaSsrc);
    }

    /**
     * Full intra request with one entry (RFC 5104 section 4.3.1).
     *
     * @param commandNumber low 8 bits; one more for each new request
     */
    public static void writeFir(ByteBuf out, int senderSsrc, int mediaSsrc, int commandNumber) {
        writeHeader(out, PSFB_FIR, RtcpType.PSFB, 16);
        out.writeInt(senderSsrc);
        out.writeInt(0);
        out.writeInt(mediaSsrc);
        out.writeByte(commandNumber);
        out.writeZero(3);
    }

    /**
     * Generic NACK with one entry (RFC 4585 section 6.2.1).
     *
     * @param packetId missing sequence number
     * @param lostBitmask bit i: {@code packetId + i + 1} is missing too
     */
    public static void writeNack(ByteBuf out, int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {
        writeHeader(out, RTPFB_NACK, RtcpType.RTPFB, 12);
        out.writeInt(senderSsrc);
        out.writeInt(mediaSsrc);
        out.writeShort(packetId);
        out.writeShort(lostBitmask);
    }

    /** Bytes that {@link #writeNacks} takes at most for so many packets. */
    public static int nacksLength(int count) {
        return 12 + count * 4;
    }

    /**
     * Generic NACK with as many entries as it needs (RFC 4585 section 6.2.1).
     *
     * @param sequenceNumbers the first {@code count} are missing, in ascending order, which may wrap
     * @param count 1 or more
     */
    public static void writeNacks(ByteBuf out, int senderSsrc, int mediaSsrc, int[] sequenceNumbers, int count) {
        int start = out.writerIndex();
        writeHeader(out, RTPFB_NACK, RtcpType.RTPFB, 8);
        out.writeInt(senderSsrc);
        out.writeInt(mediaSsrc);
        for (int i = 0; i < count; ) {
            int packetId = sequenceNumbers[i++];
            int lostBitmask = 0;
            for (int step; i < count; i++) {
                step = SequenceNumbers.distance(packetId, sequenceNumbers[i]);
                if (step < 1 || step > 16) {
                    break;
                }
                lostBitmask |= 1 << (step - 1);
            }
            out.writeShort(packetId);
            out.writeShort(lostBitmask);
        }
        out.setShort(start + 2, (out.writerIndex() - start) / 4 - 1);
    }

    /**
     * The beginning of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1); what the report says follows it.
     *
     * @param bodyLength bytes that follow, a multiple of 4
     */
    public static void writeTransportFeedback(ByteBuf out, int senderSsrc, int mediaSsrc, int bodyLength) {
        writeHeader(out, RTPFB_TRANSPORT_CC, RtcpType.RTPFB, 8 + bodyLength);
        out.writeInt(senderSsrc);
        out.writeInt(mediaSsrc);
    }

    private static void writeHeader(ByteBuf out, int count, int type, int bodyLength) {
        out.writeByte(0x80 | count);
        out.writeByte(type);
        out.writeShort(bodyLength / 4);
    }
}
