package org.porchlight.relay.rtsp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.client.ClientTrack;
import org.porchlight.relay.rtsp.client.KeyframeFeedback;

/**
 * Our RTCP to one camera, interleaved or from the UDP ports of its tracks, which belong to it: receiver reports (RFC 3550 section 6.4.2), requests for
 * keyframes, and the first datagrams that open firewalls. Owner: the loop; closed by its {@link CameraConnection}.
 */
final class CameraFeedback {
    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);

    private final int ownSsrc;
    private final List<PortPair> ports = new ArrayList<>();
    private List<ClientTrack> tracks = List.of();
    private int[] ssrcs = {};

    /** @param ownSsrc the SSRC under which we report */
    CameraFeedback(int ownSsrc) {
        this.ownSsrc = ownSsrc;
    }

    /** The ports of a track, or null while it has none. */
    @Nullable
    NumberPair portsOf(int track) {
        return track < ports.size() ? ports.get(track).numbers() : null;
    }

    /** The ports of the next track are open; closed from here. */
    void addPorts(PortPair opened) {
        ports.add(opened);
    }

    /** Local port of every track's RTP and RTCP. */
    int[] portNumbers() {
        return ports.stream()
                .map(PortPair::numbers)
                .flatMapToInt(pair -> IntStream.of(pair.first(), pair.second()))
                .toArray();
    }

    /** The tracks are set up. */
    void begin(List<ClientTrack> setUp) {
        tracks = List.copyOf(setUp);
        ssrcs = new int[tracks.size()];
    }

    /** RTP of a track came from this SSRC. */
    void onSsrc(int track, int ssrc) {
        ssrcs[track] = ssrc;
    }

    /** Opens the way for the camera's datagrams through firewalls between us: they let in what answers something. */
    void openPath(InetAddress camera) {
        for (int track = 0; track < tracks.size(); track++) {
            NumberPair server = tracks.get(track).serverPorts();
            if (server == null || track >= ports.size()) {
                continue;
            }
            ByteBuf rtp = ByteBufAllocator.DEFAULT.buffer(RtpHeader.FIXED_LENGTH);
            rtp.writeByte(0x80).writeZero(7).writeInt(ownSsrc);
            ports.get(track).send(false, rtp, new InetSocketAddress(camera, server.first()));
            ByteBuf rtcp = ByteBufAllocator.DEFAULT.buffer();
            RtcpWriter.writeReceiverReport(rtcp, ownSsrc, 0);
            RtcpWriter.writeCname(rtcp, ownSsrc, CNAME);
            ports.get(track).send(true, rtcp, new InetSocketAddress(camera, server.second()));
        }
    }

    /** Sends a receiver report; answers whether there was a way. */
    boolean report(int track, ReceiveStatistics statistics, Way way, long nowNanos) {
        ByteBuf packet = begin(track, statistics, nowNanos);
        RtcpWriter.writeCname(packet, ownSsrc, CNAME);
        return send(track, packet, way);
    }

    /** Asks for a keyframe (RFC 4585 section 6.3.1, RFC 5104 section 4.3.1); answers whether there was a way. */
    boolean askForKeyframe(
            int track,
            KeyframeFeedback feedback,
            int commandNumber,
            ReceiveStatistics statistics,
            Way way,
            long nowNanos) {
        ByteBuf packet = begin(track, statistics, nowNanos);
        RtcpWriter.writeCname(packet, ownSsrc, CNAME);
        switch (feedback) {
            case PLI -> RtcpWriter.writePli(packet, ownSsrc, ssrcs[track]);
            case FIR -> RtcpWriter.writeFir(packet, ownSsrc, ssrcs[track], commandNumber);
        }
        return send(track, packet, way);
    }

    /** Every compound packet begins with a report (RFC 3550 section 6.1). Room for the interleaved header is left in front. */
    private ByteBuf begin(int track, ReceiveStatistics statistics, long nowNanos) {
        ByteBuf packet = ByteBufAllocator.DEFAULT.buffer();
        packet.writeZero(SlabCursor.HEADROOM);
        boolean known = statistics.received() > 0;
        RtcpWriter.writeReceiverReport(packet, ownSsrc, known ? 1 : 0);
        if (known) {
            statistics.writeReportBlock(packet, ssrcs[track], nowNanos);
        }
        return packet;
    }

    /** How to reach the camera now. */
    record Way(InetAddress camera, CameraWire wire, int channel) {}

    private boolean send(int track, ByteBuf packet, Way way) {
        ClientTrack set = tracks.get(track);
        NumberPair server = set.serverPorts();
        boolean udp = set.transport() == ClientTrack.Transport.UDP;
        if (udp && server != null && track < ports.size()) {
            packet.skipBytes(SlabCursor.HEADROOM);
            ports.get(track).send(true, packet, new InetSocketAddress(way.camera(), server.second()));
            return true;
        }
        if (!udp && way.channel() >= 0) {
            packet.setByte(0, '$').setByte(1, way.channel());
            packet.setShort(2, packet.readableBytes() - SlabCursor.HEADROOM);
            way.wire().send(packet);
            return true;
        }
        packet.release();
        return false;
    }

    void close() {
        ports.forEach(PortPair::close);
    }
}
