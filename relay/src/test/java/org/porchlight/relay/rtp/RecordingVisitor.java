package org.porchlight.relay.rtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes down each event as a line; touches every byte it is lent, so that a wrong range shows. */
final class RecordingVisitor implements RtcpVisitor {
    final List<String> events = new ArrayList<>();

    @Override
    public void onSenderReport(int ssrc, long ntp, int rtpTimestamp, int packetCount, int octetCount) {
        events.add(
                "SR " + ssrc + " " + Long.toHexString(ntp) + " " + rtpTimestamp + " " + packetCount + " " + octetCount);
    }

    @Override
    public void onReceiverReport(int ssrc) {
        events.add("RR " + ssrc);
    }

    @Override
    public void onReportBlock(
            int reporterSsrc,
            int ssrc,
            int fractionLost,
            int cumulativeLost,
            int extendedHighestSequenceNumber,
            int jitterTicks,
            int lastSenderReport,
            int delaySinceLastSenderReport) {
        events.add("block " + reporterSsrc + "->" + ssrc + " " + fractionLost + " " + cumulativeLost + " "
                + extendedHighestSequenceNumber + " " + jitterTicks + " " + lastSenderReport + " "
                + delaySinceLastSenderReport);
    }

    @Override
    public void onCname(int ssrc, ByteBuf buf, int offset, int length) {
        events.add("cname " + ssrc + " " + buf.toString(offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void onBye(int ssrc) {
        events.add("BYE " + ssrc);
    }

    @Override
    public void onApplication(int ssrc, int subtype, int name, ByteBuf buf, int offset, int length) {
        byte[] letters = {(byte) (name >> 24), (byte) (name >> 16), (byte) (name >> 8), (byte) name};
        events.add("APP " + ssrc + " " + subtype + " " + new String(letters, StandardCharsets.ISO_8859_1) + " "
                + touched(buf, offset, length));
    }

    @Override
    public void onNack(int senderSsrc, int mediaSsrc, int packetId, int lostBitmask) {
        events.add("NACK " + senderSsrc + " " + mediaSsrc + " " + packetId + " " + Integer.toHexString(lostBitmask));
    }

    @Override
    public void onTransportFeedback(int senderSsrc, int mediaSsrc, ByteBuf buf, int offset, int length) {
        events.add("TWCC " + senderSsrc + " " + mediaSsrc + " " + touched(buf, offset, length));
    }

    @Override
    public void onPli(int senderSsrc, int mediaSsrc) {
        events.add("PLI " + senderSsrc + " " + mediaSsrc);
    }

    @Override
    public void onFir(int senderSsrc, int mediaSsrc, int commandNumber) {
        events.add("FIR " + senderSsrc + " " + mediaSsrc + " " + commandNumber);
    }

    @Override
    public void onRemb(int senderSsrc, long bitsPerSecond) {
        events.add("REMB " + senderSsrc + " " + bitsPerSecond);
    }

    @Override
    public void onOther(int type, int count, ByteBuf buf, int offset, int length) {
        events.add("other " + type + " " + count + " " + touched(buf, offset, length));
    }

    private static int touched(ByteBuf buf, int offset, int length) {
        byte[] copy = new byte[length];
        buf.getBytes(offset, copy);
        return copy.length;
    }
}
