package org.porchlight.bench.camera;

/**
 * How one track of a session travels.
 *
 * @param interleavedChannel RTP channel within the connection, -1: UDP; RTCP is on the next
 * @param rtpPort where the far side takes RTP, 0 when interleaved
 * @param rtcpPort where it takes RTCP
 */
public record TrackTransport(int interleavedChannel, int rtpPort, int rtcpPort) {

    public static TrackTransport interleaved(int channel) {
        return new TrackTransport(channel, 0, 0);
    }

    public static TrackTransport udp(int rtpPort, int rtcpPort) {
        return new TrackTransport(-1, rtpPort, rtcpPort);
    }

    public boolean isUdp() {
        return interleavedChannel < 0;
    }
}
