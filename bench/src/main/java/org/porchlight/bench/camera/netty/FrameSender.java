package org.porchlight.bench.camera.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.porchlight.bench.camera.CameraOutput;
import org.porchlight.bench.camera.TrackTransport;
import org.porchlight.bench.packet.FrameTemplate;

/**
 * Puts frames on the wire: TCP one write per frame, UDP one GSO message per run of equal packets. Owner: the loop of the RTSP connection,
 * which is also that of the UDP pair.
 */
final class FrameSender implements CameraOutput {
    /** Kernel limits of one GSO message: UDP_MAX_SEGMENTS was 64 for long, and a datagram's length field. */
    private static final int MAX_SEGMENTS = 64;

    private static final int MAX_MESSAGE_BYTES = 65_000;
    private static final boolean GSO = EpollDatagramChannel.isSegmentedDatagramPacketSupported();

    private final Channel connection;
    private final UdpPair udp;
    private final TrackTransport[] transports;
    private final InetSocketAddress[] rtpAddresses;
    private final InetSocketAddress[] rtcpAddresses;
    private final boolean anyUdp;

    FrameSender(Channel connection, UdpPair udp, int tracks, Map<Integer, TrackTransport> chosen) {
        this.connection = connection;
        this.udp = udp;
        transports = new TrackTransport[tracks];
        rtpAddresses = new InetSocketAddress[tracks];
        rtcpAddresses = new InetSocketAddress[tracks];
        InetAddress peer = ((InetSocketAddress) connection.remoteAddress()).getAddress();
        boolean seenUdp = false;
        for (int track = 0; track < tracks; track++) {
            TrackTransport transport = chosen.getOrDefault(track, NOT_SET_UP);
            transports[track] = transport;
            rtpAddresses[track] = new InetSocketAddress(peer, transport.rtpPort());
            rtcpAddresses[track] = new InetSocketAddress(peer, transport.rtcpPort());
            seenUdp |= transport.isUdp();
        }
        anyUdp = seenUdp;
    }

    private static final TrackTransport NOT_SET_UP = TrackTransport.udp(0, 0);

    @Override
    public boolean isWritable() {
        return anyUdp ? udp.rtp().isWritable() : connection.isWritable();
    }

    @Override
    public int interleavedChannel(int track) {
        return transports[track].interleavedChannel();
    }

    @Override
    public void sendFrame(int track, ByteBuf packets, FrameTemplate template) {
        if (!transports[track].isUdp()) {
            connection.write(packets, connection.voidPromise());
            return;
        }
        if (rtpAddresses[track].getPort() == 0) {
            packets.release();
            return;
        }
        int packet = 0;
        while (packet < template.packets()) {
            int end = runEnd(template, packet);
            int from = template.start(packet);
            int to = end < template.packets() ? template.start(end) : template.bytes();
            ByteBuf run = packets.retainedSlice(from, to - from);
            Channel rtp = udp.rtp();
            if (end - packet == 1) {
                rtp.write(new DatagramPacket(run, rtpAddresses[track]), rtp.voidPromise());
            } else {
                rtp.write(
                        new SegmentedDatagramPacket(run, template.length(packet), rtpAddresses[track]),
                        rtp.voidPromise());
            }
            packet = end;
        }
        packets.release();
    }

    /** First packet that no longer fits into one GSO message with {@code first}: equal lengths, only the last may be shorter. */
    private static int runEnd(FrameTemplate template, int first) {
        int length = template.length(first);
        int end = first + 1;
        int bytes = length;
        while (GSO && end < template.packets() && end - first < MAX_SEGMENTS) {
            int next = template.length(end);
            if (next > length || bytes + next > MAX_MESSAGE_BYTES) {
                break;
            }
            bytes += next;
            end++;
            if (next < length) {
                break;
            }
        }
        return end;
    }

    @Override
    public void sendPacket(int track, ByteBuf packet) {
        send(udp.rtp(), rtpAddresses[track], transports[track], packet);
    }

    @Override
    public void sendReport(int track, ByteBuf report) {
        send(udp.rtcp(), rtcpAddresses[track], transports[track], report);
    }

    private void send(Channel socket, InetSocketAddress address, TrackTransport transport, ByteBuf packet) {
        if (!transport.isUdp()) {
            connection.write(packet, connection.voidPromise());
        } else if (address.getPort() == 0) {
            packet.release();
        } else {
            socket.write(new DatagramPacket(packet, address), socket.voidPromise());
        }
    }

    @Override
    public void flush() {
        if (anyUdp) {
            udp.rtp().flush();
            udp.rtcp().flush();
        }
        connection.flush();
    }
}
