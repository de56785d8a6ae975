package org.porchlight.relay.sdp;

import java.util.Optional;

/**
 * The payload types that RFC 3551 section 6 (tables 4 and 5) binds to an encoding for ever, so that an m-line may name them without
 * rtpmap.
 */
public enum StaticPayloadType {
    PCMU(0, "PCMU", 8_000, 1),
    GSM(3, "GSM", 8_000, 1),
    G723(4, "G723", 8_000, 1),
    DVI4_8000(5, "DVI4", 8_000, 1),
    DVI4_16000(6, "DVI4", 16_000, 1),
    LPC(7, "LPC", 8_000, 1),
    PCMA(8, "PCMA", 8_000, 1),
    /** Sampled at 16,000 Hz; its RTP clock stays 8,000 Hz by an error of RFC 1890 (RFC 3551 section 4.5.2). */
    G722(9, "G722", 8_000, 1),
    L16_STEREO(10, "L16", 44_100, 2),
    L16_MONO(11, "L16", 44_100, 1),
    QCELP(12, "QCELP", 8_000, 1),
    CN(13, "CN", 8_000, 1),
    MPA(14, "MPA", 90_000, 1),
    G728(15, "G728", 8_000, 1),
    DVI4_11025(16, "DVI4", 11_025, 1),
    DVI4_22050(17, "DVI4", 22_050, 1),
    G729(18, "G729", 8_000, 1),
    CELB(25, "CelB", 90_000, 1),
    JPEG(26, "JPEG", 90_000, 1),
    NV(28, "nv", 90_000, 1),
    H261(31, "H261", 90_000, 1),
    MPV(32, "MPV", 90_000, 1),
    MP2T(33, "MP2T", 90_000, 1),
    H263(34, "H263", 90_000, 1);

    private static final StaticPayloadType[] BY_NUMBER = new StaticPayloadType[128];

    static {
        for (StaticPayloadType type : values()) {
            BY_NUMBER[type.payloadType] = type;
        }
    }

    private final int payloadType;
    private final String encodingName;
    private final int clockRate;
    private final int channels;

    StaticPayloadType(int payloadType, String encodingName, int clockRate, int channels) {
        this.payloadType = payloadType;
        this.encodingName = encodingName;
        this.clockRate = clockRate;
        this.channels = channels;
    }

    /** What an rtpmap of this payload type would say. */
    public RtpMap rtpMap() {
        return new RtpMap(payloadType, encodingName, clockRate, channels);
    }

    /**
     * The entry of a payload type.
     *
     * @param payloadType any number
     * @return empty when it is dynamic, unassigned or reserved
     */
    public static Optional<StaticPayloadType> of(int payloadType) {
        return payloadType < 0 || payloadType > 127 ? Optional.empty() : Optional.ofNullable(BY_NUMBER[payloadType]);
    }
}
