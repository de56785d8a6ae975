package org.porchlight.relay.webrtc.negotiation;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.FormatParameters;
import org.porchlight.relay.codec.TrackFormat;

/**
 * Which of a viewer's payload types can carry a track. Levels are not compared: a camera's description claims what its maker liked, browsers
 * decode any level their machine can follow, and refusing would take away a picture that plays.
 */
final class CodecMatch {
    /** What browsers and Porchlight have in common. */
    static final Set<Codec> SPOKEN = EnumSet.of(
            Codec.H264, Codec.H265, Codec.AV1, Codec.VP8, Codec.VP9, Codec.OPUS, Codec.PCMU, Codec.PCMA, Codec.G722);

    private CodecMatch() {}

    /** The codec of a payload type; null: none that we speak. */
    static @Nullable Codec codecOf(PayloadFormat payload) {
        Codec codec = byName(payload.map().encodingName());
        return codec != null && payload.map().clockRate() == clockOf(codec) ? codec : null;
    }

    private static @Nullable Codec byName(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "H264" -> Codec.H264;
            case "H265" -> Codec.H265;
            case "AV1" -> Codec.AV1;
            case "VP8" -> Codec.VP8;
            case "VP9" -> Codec.VP9;
            case "OPUS" -> Codec.OPUS;
            case "PCMU" -> Codec.PCMU;
            case "PCMA" -> Codec.PCMA;
            case "G722" -> Codec.G722;
            default -> null;
        };
    }

    /** RTP clock that the codec has in WebRTC, Hz. */
    static int clockOf(Codec codec) {
        return switch (codec) {
            case H264, H265, AV1, VP8, VP9, MJPEG -> 90_000;
            case OPUS -> 48_000;
            case PCMU, PCMA, G722 -> 8_000;
            case AAC, LPCM, ONVIF_METADATA, OPAQUE -> 0;
        };
    }

    /**
     * The best payload type for a track.
     *
     * @param offered in the viewer's order, which decides among equals
     */
    static Optional<PayloadFormat> find(TrackFormat track, List<PayloadFormat> offered) {
        if (!SPOKEN.contains(track.codec()) || track.clockRate() != clockOf(track.codec())) {
            return Optional.empty();
        }
        PayloadFormat best = null;
        int bestRank = Integer.MAX_VALUE;
        for (PayloadFormat payload : offered) {
            int rank = codecOf(payload) == track.codec() ? rank(track, payload) : -1;
            if (rank >= 0 && rank < bestRank) {
                best = payload;
                bestRank = rank;
            }
        }
        return Optional.ofNullable(best);
    }

    /** 0 is perfect, more is worse, -1 does not fit. */
    private static int rank(TrackFormat track, PayloadFormat payload) {
        FormatParameters ours = FormatParameters.parse(track.fmtp());
        FormatParameters theirs = payload.parameters();
        return switch (track.codec()) {
            case H264 ->
                theirs.number("packetization-mode", 0) == 1
                        ? H264Profile.of(ours).rankOf(H264Profile.of(theirs))
                        : -1;
            // A decoder of Main 10 takes Main as well (ITU-T H.265 A.3.3).
            case H265 -> rankOfProfile(ours.number("profile-id", 1), theirs.number("profile-id", 1), 1, 2);
            // A decoder of profile 2 takes profile 0 as well; profiles 1 and 3 differ in their chroma format.
            case VP9 -> rankOfProfile(ours.number("profile-id", 0), theirs.number("profile-id", 0), 0, 2);
            case AV1 -> rankOfProfile(ours.number("profile", 0), theirs.number("profile", 0), 0, 1);
            case PCMU, PCMA, G722 -> payload.map().channels() == track.channels() ? 0 : -1;
            case VP8, OPUS -> 0;
            case MJPEG, AAC, LPCM, ONVIF_METADATA, OPAQUE -> -1;
        };
    }

    private static int rankOfProfile(int ours, int theirs, int lower, int higher) {
        if (ours == theirs) {
            return 0;
        }
        return ours == lower && theirs == higher ? 1 : -1;
    }
}
