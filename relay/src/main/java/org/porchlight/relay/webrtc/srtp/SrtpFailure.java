package org.porchlight.relay.webrtc.srtp;

/** Why a packet was not protected or not opened: the negative results of {@link SrtpSender} and {@link SrtpReceiver}. */
public enum SrtpFailure {
    /** Too few bytes for header, tag and index. */
    TOO_SHORT(-1),
    /** More bytes than a datagram holds. */
    TOO_LONG(-2),
    /** Not version 2, or the header reaches beyond the packet. */
    MALFORMED(-3),
    /** Came before. */
    REPLAYED(-4),
    /** So far behind the newest packet that nobody knows whether it came before. */
    TOO_OLD(-5),
    /** Not sent by our peer under this key, or altered. */
    AUTH_FAILED(-6),
    /** SRTCP without encryption, which WebRTC does not allow. */
    NOT_ENCRYPTED(-7),
    /** More SSRCs in one direction of one session than {@link SrtpSender#MAX_SSRCS}. */
    TOO_MANY_SSRCS(-8),
    /** To be sent: another packet left under this SSRC and sequence number; both together would betray their difference. */
    REPEATED_DIFFERENTLY(-9),
    /** To be sent: as many packets as one key may protect have left (RFC 3711 section 9.2). */
    KEY_EXHAUSTED(-10);

    private static final SrtpFailure[] ALL = values();

    private final int code;

    SrtpFailure(int code) {
        this.code = code;
    }

    /** The negative result that stands for this failure: -1 for the first, -2 for the second. */
    int code() {
        return code;
    }

    /** The failure behind a negative result. */
    public static SrtpFailure of(int result) {
        return ALL[-1 - result];
    }
}
