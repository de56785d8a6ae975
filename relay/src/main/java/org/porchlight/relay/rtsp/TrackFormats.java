package org.porchlight.relay.rtsp;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.sdp.Attribute;
import org.porchlight.relay.sdp.MediaDescription;
import org.porchlight.relay.sdp.RtpMap;
import org.porchlight.relay.sdp.StaticPayloadType;

/**
 * Between m-lines and {@link TrackFormat}s, both ways. Reading bends to what cameras write: a wrong or missing clock, rtpmap or payload
 * type is put right where the codec leaves no doubt, and told as a {@link Flaw}.
 */
public final class TrackFormats {
    private static final int VIDEO_CLOCK = 90_000;
    private static final int FIRST_DYNAMIC = 96;

    private TrackFormats() {}

    /** What was wrong with an m-line and was put right. */
    public enum Flaw {
        /** No rtpmap for a dynamic payload type: the codec was guessed from format parameters or the media type. */
        FORMAT_GUESSED,
        /** The clock of the rtpmap is missing or not the codec's. */
        CLOCK_WRONG,
        /** The rtpmap names a payload type that the m-line does not. */
        PAYLOAD_TYPE_MISMATCH
    }

    /**
     * One m-line understood.
     *
     * @param format of the track
     * @param flaws what was put right
     */
    public record Reading(TrackFormat format, Set<Flaw> flaws) {
        public Reading {
            flaws = Set.copyOf(flaws);
        }
    }

    /**
     * The format of a media description: of several, the first that Porchlight understands, else the first.
     *
     * @return empty when it is no RTP media (for example {@code m=application 0 TCP/...}) or holds nothing that names a payload type
     */
    public static Optional<Reading> of(MediaDescription media) {
        if (!media.protocol().regionMatches(true, 0, "RTP/", 0, 4)) {
            return Optional.empty();
        }
        List<Reading> readings = new ArrayList<>();
        for (int payloadType : media.payloadTypes()) {
            Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
            RtpMap map = rtpMap(media, payloadType, flaws);
            readings.add(reading(media, payloadType, map, flaws));
        }
        if (readings.isEmpty()) {
            // m-line without a usable format: the rtpmap must say it
            for (RtpMap map : media.rtpMaps()) {
                Set<Flaw> flaws = EnumSet.of(Flaw.PAYLOAD_TYPE_MISMATCH);
                readings.add(reading(media, map.payloadType(), map, flaws));
            }
        }
        return readings.stream()
                .filter(reading -> reading.format().codec() != Codec.OPAQUE)
                .findFirst()
                .or(() -> readings.stream().findFirst());
    }

    /**
     * The m-line of a track: {@code RTP/AVP}, port 0, one payload type, with rtpmap, fmtp and control.
     *
     * @param control value of {@code a=control}; empty: none
     */
    public static MediaDescription describe(TrackFormat format, String control) {
        List<Attribute> attributes = new ArrayList<>(3);
        attributes.add(new RtpMap(format.payloadType(), format.encodingName(), format.clockRate(), format.channels())
                .toAttribute());
        if (!format.fmtp().isEmpty()) {
            attributes.add(new Attribute("fmtp", format.payloadType() + " " + format.fmtp()));
        }
        if (!control.isEmpty()) {
            attributes.add(new Attribute("control", control));
        }
        String media = switch (format.kind()) {
            case VIDEO -> "video";
            case AUDIO -> "audio";
            case METADATA -> "application";
        };
        return new MediaDescription(
                media, 0, "RTP/AVP", List.of(Integer.toString(format.payloadType())), "", 0, attributes);
    }

    private static RtpMap rtpMap(MediaDescription media, int payloadType, Set<Flaw> flaws) {
        Optional<RtpMap> written = media.rtpMap(payloadType);
        if (written.isPresent()) {
            return written.get();
        }
        List<RtpMap> others = media.rtpMaps();
        if (others.size() == 1 && media.payloadTypes().size() == 1) {
            flaws.add(Flaw.PAYLOAD_TYPE_MISMATCH);
            RtpMap other = others.get(0);
            return new RtpMap(payloadType, other.encodingName(), other.clockRate(), other.channels());
        }
        flaws.add(Flaw.FORMAT_GUESSED);
        return new RtpMap(payloadType, guessedName(media, payloadType), 0, 1);
    }

    /** What a dynamic payload type without rtpmap most likely is. */
    private static String guessedName(MediaDescription media, int payloadType) {
        String fmtp = media.fmtp(payloadType).toLowerCase(Locale.ROOT);
        if (fmtp.contains("sprop-vps") || fmtp.contains("sprop-sps")) {
            return "H265";
        }
        if (fmtp.contains("sprop-parameter-sets") || fmtp.contains("packetization-mode")) {
            return "H264";
        }
        if (fmtp.contains("mode=aac")) {
            return "MPEG4-GENERIC";
        }
        boolean dynamicVideo = media.media().equals("video") && payloadType >= FIRST_DYNAMIC;
        return dynamicVideo ? "H264" : "X-UNKNOWN";
    }

    private static Reading reading(MediaDescription media, int payloadType, RtpMap map, Set<Flaw> flaws) {
        MediaKind kind = kindOf(media.media(), map.encodingName());
        String fmtp = media.fmtp(payloadType);
        if (fmtp.isEmpty() && map.payloadType() != payloadType) {
            fmtp = media.fmtp(map.payloadType());
        }
        if (fmtp.isEmpty() && flaws.contains(Flaw.PAYLOAD_TYPE_MISMATCH)) {
            fmtp = media.rtpMaps().stream()
                    .map(other -> media.fmtp(other.payloadType()))
                    .filter(text -> !text.isEmpty())
                    .findFirst()
                    .orElse("");
        }
        Codec codec = codecOf(kind, map.encodingName(), fmtp);
        int clockRate = clockOf(codec, kind, map, fmtp);
        if (clockRate != map.clockRate() && !flaws.contains(Flaw.FORMAT_GUESSED)) {
            flaws.add(Flaw.CLOCK_WRONG);
        }
        int channels = kind == MediaKind.AUDIO ? map.channels() : 1;
        return new Reading(
                new TrackFormat(kind, codec, payloadType, map.encodingName(), clockRate, channels, fmtp), flaws);
    }

    private static MediaKind kindOf(String media, String encodingName) {
        return switch (media) {
            case "video" -> MediaKind.VIDEO;
            case "audio" -> MediaKind.AUDIO;
            default -> videoCodec(encodingName) ? MediaKind.VIDEO : MediaKind.METADATA;
        };
    }

    private static boolean videoCodec(String encodingName) {
        return switch (encodingName.toUpperCase(Locale.ROOT)) {
            case "H264", "H265", "HEVC", "AV1", "VP8", "VP9", "JPEG" -> true;
            default -> false;
        };
    }

    private static Codec codecOf(MediaKind kind, String encodingName, String fmtp) {
        String name = encodingName.toUpperCase(Locale.ROOT);
        return switch (kind) {
            case VIDEO ->
                switch (name) {
                    case "H264" -> Codec.H264;
                    case "H265", "HEVC" -> Codec.H265;
                    case "AV1", "AV1X" -> Codec.AV1;
                    case "VP8" -> Codec.VP8;
                    case "VP9" -> Codec.VP9;
                    case "JPEG" -> Codec.MJPEG;
                    default -> Codec.OPAQUE;
                };
            case AUDIO ->
                switch (name) {
                    case "MPEG4-GENERIC" -> isOtherThanAac(fmtp) ? Codec.OPAQUE : Codec.AAC;
                    case "MP4A-LATM", "AAC" -> Codec.AAC;
                    case "OPUS" -> Codec.OPUS;
                    case "PCMU" -> Codec.PCMU;
                    case "PCMA" -> Codec.PCMA;
                    case "G722" -> Codec.G722;
                    case "L8", "L16", "L24" -> Codec.LPCM;
                    default -> Codec.OPAQUE;
                };
            case METADATA -> name.startsWith("VND.ONVIF.METADATA") ? Codec.ONVIF_METADATA : Codec.OPAQUE;
        };
    }

    /** RFC 3640 also carries CELP and others; without a mode it is AAC in practice. */
    private static boolean isOtherThanAac(String fmtp) {
        String lower = fmtp.toLowerCase(Locale.ROOT).replace(" ", "");
        return lower.contains("mode=") && !lower.contains("mode=aac");
    }

    private static int clockOf(Codec codec, MediaKind kind, RtpMap map, String fmtp) {
        int written = map.clockRate();
        return switch (codec) {
            case H264, H265, AV1, VP8, VP9, MJPEG -> VIDEO_CLOCK;
            case OPUS -> 48_000;
            case G722 -> 8_000;
            case AAC -> written > 0 ? written : aacClock(fmtp);
            case PCMU, PCMA -> written > 0 ? written : 8_000;
            case LPCM, ONVIF_METADATA, OPAQUE ->
                written > 0
                        ? written
                        : StaticPayloadType.of(map.payloadType())
                                .map(type -> type.rtpMap().clockRate())
                                .orElse(kind == MediaKind.AUDIO ? 8_000 : VIDEO_CLOCK);
        };
    }

    /** Sampling frequency from the AudioSpecificConfig in {@code config=} (ISO/IEC 14496-3 table 1.18); 48,000 when it cannot be read. */
    private static int aacClock(String fmtp) {
        int[] rates = {
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350
        };
        String lower = fmtp.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("config=");
        if (at < 0 || at + 11 > lower.length()) {
            return 48_000;
        }
        int bits = 0;
        for (int i = at + 7; i < at + 11; i++) {
            int digit = Character.digit(lower.charAt(i), 16);
            if (digit < 0) {
                return 48_000;
            }
            bits = bits << 4 | digit;
        }
        int index = bits >> 7 & 0xf;
        return index < rates.length ? rates[index] : 48_000;
    }
}
