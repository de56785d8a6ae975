package org.porchlight.relay.stream;

/**
 * Where a track stands at one moment: what a viewer that joins now needs for RTP-Info (RFC 2326 section 12.33) and a first sender report
 * (RFC 3550 section 6.4.1).
 *
 * @param ssrc of the stream's track, the same for every viewer and over camera restarts
 * @param nextSequenceNumber 16 bits
 * @param rtpTimestamp of the newest packet, 32 bits; senseless while {@code started} is false
 * @param started whether a packet has come yet
 * @param ntpTime camera's wall clock at {@code ntpRtpTimestamp}, 64-bit NTP format; 0: unknown
 * @param ntpRtpTimestamp continued timestamp that belongs to {@code ntpTime}
 * @param packets RTP packets so far, modulo 2^32
 * @param octets payload octets so far, modulo 2^32
 * @param cuts how the numbers differ for viewers who get datagrams
 */
public record TrackPosition(
        int ssrc,
        int nextSequenceNumber,
        int rtpTimestamp,
        boolean started,
        long ntpTime,
        int ntpRtpTimestamp,
        int packets,
        int octets,
        Cuts cuts) {

    /**
     * What cutting large packets adds for viewers who get datagrams, since the track began.
     *
     * @param packets so many more than in the stream, modulo 2^32; sequence numbers are ahead by the same
     * @param octets so many more payload octets, modulo 2^32
     */
    public record Cuts(int packets, int octets) {
        /** Nothing was cut. */
        public static final Cuts NONE = new Cuts(0, 0);
    }

    /** Of a track of which no packet was cut. */
    public TrackPosition(
            int ssrc,
            int nextSequenceNumber,
            int rtpTimestamp,
            boolean started,
            long ntpTime,
            int ntpRtpTimestamp,
            int packets,
            int octets) {
        this(ssrc, nextSequenceNumber, rtpTimestamp, started, ntpTime, ntpRtpTimestamp, packets, octets, Cuts.NONE);
    }

    /** The same place, numbered and counted as viewers see it who get datagrams. */
    public TrackPosition asDatagrams() {
        return new TrackPosition(
                ssrc,
                nextSequenceNumber + cuts.packets() & 0xffff,
                rtpTimestamp,
                started,
                ntpTime,
                ntpRtpTimestamp,
                packets + cuts.packets(),
                octets + cuts.octets(),
                Cuts.NONE);
    }

    /** The same at a moment that lies so many ticks, 0 or more, before the newest packet. */
    public TrackPosition earlier(int ticks) {
        return new TrackPosition(
                ssrc, nextSequenceNumber, rtpTimestamp - ticks, started, ntpTime, ntpRtpTimestamp, packets, octets);
    }

    /** The same, with nothing said about the first packet. */
    public TrackPosition asNotStarted() {
        return new TrackPosition(
                ssrc, nextSequenceNumber, rtpTimestamp, false, ntpTime, ntpRtpTimestamp, packets, octets, cuts);
    }
}
