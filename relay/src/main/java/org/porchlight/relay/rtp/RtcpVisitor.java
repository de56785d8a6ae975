package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;

/**
 * Is told what a compound RTCP packet holds, in its order. Buffers are lent for the call; offsets are absolute indices. Every method has an
 * empty default: override what matters.
 */
public interface RtcpVisitor {

    /**
     * A sender report; its report blocks follow through {@link #onReportBlock}.
     *
     * @param ntp 64-bit NTP timestamp, see {@link NtpTime}
     * @param packetCount low 32 bits of the sender's count
     * @param octetCount low 32 bits of the sender's count of payload bytes
     */
    default void onSenderReport(int ssrc, long ntp, int rtpTimestamp, int packetCount, int octetCount) {}

    /** A receiver report; its report blocks follow through {@link #onReportBlock}. */
    default void onReceiverReport(int ssrc) {}

    /**
     * One report block (RFC 3550 section 6.4.1).
     *
     * @param reporterSsrc who reports
     * @param ssrc whom it reports on
     * @param fractionLost 1/256, 0 to 255
     * @param cumulativeLost may be negative
     * @param jitterTicks clock-rate ticks, as unsigned
     * @param lastSenderReport middle 32 bits of the sender report's NTP time, 0: none yet
     * @param delaySinceLastSenderReport 1/65,536 s, as unsigned
     */
    default void onReportBlock(
            int reporterSsrc,
            int ssrc,
            int fractionLost,
            int cumulativeLost,
            int extendedHighestSequenceNumber,
            int jitterTicks,
            int lastSenderReport,
            int delaySinceLastSenderReport) {}

    /** The canonical name of a source, UTF-8 bytes. */
    default void onCname(int ssrc, ByteBuf buf, int offset, int length) {}

    /** A source leaves; once for each SSRC of the list. */
    default void onBye(int ssrc) {}

    /**
     * An application-defined packet.
     *
     * @param subtype 0 to 31
     * @param name four ASCII characters, the first in the top byte
     */
    default void onApplication(int ssrc, int subtype, int name, ByteBuf buf, int offset, int length) {}

    /**
     * Generic NACK (RFC 4585 section 6.2.1), once for each entry.
     *
     * @param packetId sequence number that is missing
     * @param lostBitmask bit i: {@code packetId + i + 1} is missing too
     */
    default void onNack(int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {}

    /**
     * Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
     *
     * @param offset where the base sequence number stands
     * @param length bytes from there, at least 8
     */
    default void onTransportFeedback(int senderSsrc, int mediaSsrc, ByteBuf buf, int offset, int length) {}

    /** Picture loss indication (RFC 4585 section 6.3.1). */
    default void onPli(int senderSsrc, int mediaSsrc) {}

    /**
     * Full intra request (RFC 5104 section 4.3.1), once for each entry.
     *
     * @param commandNumber 0 to 255; a repeated one is the same request
     */
    default void onFir(int senderSsrc, int mediaSsrc, int commandNumber) {}

    /** Receiver estimated maximum bit rate (draft-alvestrand-rmcat-remb-03). */
    default void onRemb(int senderSsrc, long bitsPerSecond) {}

    /** Any other packet, format or type; the body begins after the common header. */
    default void onOther(int type, int count, ByteBuf buf, int offset, int length) {}
}
