package org.porchlight.relay.codec;

/**
 * The format of one track, as a session description names it.
 *
 * @param kind what the track carries
 * @param codec the payload format
 * @param payloadType RTP payload type, 0 to 127
 * @param encodingName encoding name of {@code a=rtpmap} as written there, for example {@code H264}
 * @param clockRate RTP clock in Hz, above 0
 * @param channels audio channels, 1 for everything else
 * @param fmtp format parameters, the text after the payload type in {@code a=fmtp}; empty: none
 */
public record TrackFormat(
        MediaKind kind, Codec codec, int payloadType, String encodingName, int clockRate, int channels, String fmtp) {

    public TrackFormat {
        if (payloadType < 0 || payloadType > 127) {
            throw new IllegalArgumentException("payload type " + payloadType + " is not within 0 to 127");
        }
        if (clockRate <= 0) {
            throw new IllegalArgumentException("clock rate " + clockRate + " is not above 0");
        }
        if (channels <= 0) {
            throw new IllegalArgumentException("channel count " + channels + " is not above 0");
        }
    }

    public TrackFormat withFmtp(String newFmtp) {
        return new TrackFormat(kind, codec, payloadType, encodingName, clockRate, channels, newFmtp);
    }

    public TrackFormat withPayloadType(int newPayloadType) {
        return new TrackFormat(kind, codec, newPayloadType, encodingName, clockRate, channels, fmtp);
    }
}
