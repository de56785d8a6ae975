package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtp.RtcpWriter;

/**
 * Sender reports of one viewer's tracks (RFC 3550 section 6.4.1): the camera's clock on the viewer's timeline, so that sound and pictures meet, and
 * recordings of several cameras can be compared. Owner: the viewer's loop.
 */
final class PacketReports {
    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 256;

    private final PacketSetting setting;

    PacketReports(PacketSetting setting) {
        this.setting = setting;
    }

    /** Sends one compound packet for the tracks that have begun and whose clock is known; its bytes, 0: there was nothing to say. */
    int send(
            PacketFeed feed,
            PacketRing ring,
            @Nullable OutboundTrack video,
            @Nullable OutboundTrack audio,
            InetSocketAddress remote) {
        ByteBuf out = setting.allocator().directBuffer(BYTES, BYTES);
        try {
            write(out, ring, feed.videoTrack(), video);
            write(out, ring, feed.audioTrack(), audio);
            int length = out.writerIndex();
            if (length == 0) {
                return 0;
            }
            int whole = setting.protector().protectRtcp(out, 0, length);
            if (whole <= 0) {
                return 0;
            }
            setting.transport().send(out, 0, whole, whole, remote, false);
            return whole;
        } finally {
            out.release();
        }
    }

    private static void write(ByteBuf out, PacketRing ring, int track, @Nullable OutboundTrack outbound) {
        if (outbound == null || track < 0 || !outbound.hasStarted() || !outbound.isPlaced() || !ring.hasBegun(track)) {
            return;
        }
        int newest = ring.newestTimestamp(track);
        long ntp = ring.ntpAt(track, newest);
        if (ntp == 0) {
            return;
        }
        int ssrc = outbound.track().ssrc();
        RtcpWriter.writeSenderReport(
                out, ssrc, ntp, outbound.liveTimestampOf(newest), outbound.packets(), outbound.octets(), 0);
        RtcpWriter.writeCname(out, ssrc, CNAME);
    }
}
