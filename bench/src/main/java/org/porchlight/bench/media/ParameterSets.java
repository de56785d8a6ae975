package org.porchlight.bench.media;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Tells NAL unit types apart and writes parameter sets as a session description wants them. */
public final class ParameterSets {

    private ParameterSets() {}

    public static int nalType(boolean hevc, byte[] nal) {
        return hevc ? (nal[0] >> 1) & 0x3f : nal[0] & 0x1f;
    }

    /** H.264 SPS and PPS, H.265 VPS, SPS and PPS. */
    public static boolean isParameterSet(boolean hevc, byte[] nal) {
        int type = nalType(hevc, nal);
        return hevc ? (type >= 32 && type <= 34) : (type == 7 || type == 8);
    }

    /** Access unit delimiters, end marks, filler and the encoder's own SEI: nothing a viewer misses. */
    public static boolean isDispensable(boolean hevc, byte[] nal) {
        int type = nalType(hevc, nal);
        return hevc ? (type >= 35 && type <= 40) : (type == 6 || (type >= 9 && type <= 12));
    }

    /** IDR, and for H.265 every IRAP picture. */
    public static boolean isKeyframeSlice(boolean hevc, byte[] nal) {
        int type = nalType(hevc, nal);
        return hevc ? type >= 16 && type <= 21 : type == 5;
    }

    /** The text after the payload type in {@code a=fmtp}: RFC 6184 section 8.2.1, RFC 7798 section 7.2.1. */
    public static String fmtp(boolean hevc, EncodedFrame keyframe) {
        return hevc ? hevcFmtp(keyframe) : h264Fmtp(keyframe);
    }

    private static String h264Fmtp(EncodedFrame keyframe) {
        List<String> sets = new ArrayList<>();
        String profile = "42c01f";
        for (byte[] nal : keyframe.nalUnits()) {
            if (isParameterSet(false, nal)) {
                sets.add(Base64.getEncoder().encodeToString(nal));
                if (nalType(false, nal) == 7) {
                    profile = String.format("%02x%02x%02x", nal[1], nal[2], nal[3]);
                }
            }
        }
        return "packetization-mode=1;profile-level-id=" + profile + ";sprop-parameter-sets=" + String.join(",", sets);
    }

    private static String hevcFmtp(EncodedFrame keyframe) {
        StringBuilder fmtp = new StringBuilder();
        for (byte[] nal : keyframe.nalUnits()) {
            String name = switch (nalType(true, nal)) {
                case 32 -> "sprop-vps";
                case 33 -> "sprop-sps";
                case 34 -> "sprop-pps";
                default -> "";
            };
            if (!name.isEmpty()) {
                fmtp.append(fmtp.isEmpty() ? "" : ";")
                        .append(name)
                        .append('=')
                        .append(Base64.getEncoder().encodeToString(nal));
            }
        }
        return fmtp.toString();
    }
}
