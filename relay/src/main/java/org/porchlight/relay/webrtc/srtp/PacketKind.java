package org.porchlight.relay.webrtc.srtp;

/** What a session key is for: SRTP and SRTCP have keys of their own (RFC 3711 section 4.3.1). */
enum PacketKind {
    RTP(0x00),
    RTCP(0x03);

    /** The first of the three labels: encryption key, authentication key, salt. */
    private final int firstLabel;

    PacketKind(int firstLabel) {
        this.firstLabel = firstLabel;
    }

    int encryptionLabel() {
        return firstLabel;
    }

    int authenticationLabel() {
        return firstLabel + 1;
    }

    int saltLabel() {
        return firstLabel + 2;
    }

    /**
     * The 32 bits that are authenticated behind a packet: for SRTP the rollover counter, which is never sent, for SRTCP the E flag and the
     * index.
     */
    int trailer(long packetIndex) {
        return this == RTP ? (int) (packetIndex >>> 16) : 0x8000_0000 | (int) packetIndex;
    }
}
