package org.porchlight.relay.stream;

import org.porchlight.relay.codec.RtpFragmenter;
import org.porchlight.relay.codec.TrackFormat;

/**
 * How RTP packets that are too large for a datagram are cut. Who numbers the packets and who sends them use the same one, so that both cut alike.
 *
 * @param maxBytes of an RTP packet in a datagram, {@link #MIN_BYTES} to {@link #ETHERNET_BYTES}
 * @param description of the stream that the packets belong to
 */
public record DatagramLimit(int maxBytes, StreamDescription description) {
    /** What an Ethernet path takes: 1,500 bytes less 40 of IPv6 and 8 of UDP. Over IPv4, 20 bytes are to spare for one layer of tunnelling. */
    public static final int ETHERNET_BYTES = 1452;
    /** What every IPv4 path takes: 576 bytes less headers (RFC 791), less what some paths add. */
    public static final int MIN_BYTES = 512;

    public DatagramLimit {
        if (maxBytes < MIN_BYTES || maxBytes > ETHERNET_BYTES) {
            throw new IllegalArgumentException("datagrams of at most " + maxBytes + " bytes");
        }
    }

    /** Cuts the packets of a track; owned by the loop that asks for it. */
    public RtpFragmenter fragmenter(int track) {
        return new RtpFragmenter(format(track), maxBytes);
    }

    private TrackFormat format(int track) {
        return description.tracks().get(track);
    }
}
