package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads an H.264 sequence parameter set (ITU-T H.264 section 7.3.2.1.1 and annex E.1.1). No state. */
final class H264Sps {
    private static final int MAX_MACROBLOCKS = 4096;
    private static final int EXTENDED_SAR = 255;
    private static final int MAX_CPB = 32;

    private H264Sps() {}

    /**
     * Reads one SPS.
     *
     * @param bits used and left cleared
     * @param buf borrowed; the NAL unit with its header at {@code [offset, end)}
     * @return null when it is cut off or senseless
     */
    static @Nullable PictureFormat parse(BitReader bits, ByteBuf buf, int offset, int end) {
        bits.resetToNal(buf, offset + 1, end);
        PictureFormat picture = read(bits);
        bits.clear();
        return picture;
    }

    private static @Nullable PictureFormat read(BitReader bits) {
        int profile = bits.bits(8);
        int constraints = bits.bits(8);
        int level = bits.bits(8);
        bits.unsignedGolomb();
        int chromaFormat = hasChromaFormat(profile) ? chromaFormat(bits) : 1;
        bits.unsignedGolomb();
        int orderCountType = bits.unsignedGolomb();
        if (chromaFormat > 3 || orderCountType > 2 || !skipOrderCount(bits, orderCountType)) {
            return null;
        }
        bits.unsignedGolomb();
        bits.flag();
        int widthInMacroblocks = bits.unsignedGolomb() + 1;
        int heightInMapUnits = bits.unsignedGolomb() + 1;
        boolean framesOnly = bits.flag();
        if (!framesOnly) {
            bits.flag();
        }
        bits.flag();
        int left = 0;
        int right = 0;
        int top = 0;
        int bottom = 0;
        if (bits.flag()) {
            left = bits.unsignedGolomb();
            right = bits.unsignedGolomb();
            top = bits.unsignedGolomb();
            bottom = bits.unsignedGolomb();
        }
        if (bits.isExhausted() || widthInMacroblocks > MAX_MACROBLOCKS || heightInMapUnits > MAX_MACROBLOCKS) {
            return null;
        }
        int fieldFactor = framesOnly ? 1 : 2;
        int cropX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1;
        int cropY = (chromaFormat == 1 ? 2 : 1) * fieldFactor;
        long width = widthInMacroblocks * 16L - (long) cropX * ((long) left + right);
        long height = heightInMapUnits * 16L * fieldFactor - (long) cropY * ((long) top + bottom);
        if (width <= 0 || height <= 0) {
            return null;
        }
        Usability usability = new Usability();
        // Pictures can be reordered unless the profile, the order count or the VUI rules it out.
        usability.reorders = orderCountType != 2 && profile != 66;
        if (bits.flag()) {
            readUsability(bits, usability);
        }
        return new PictureFormat(
                (int) width,
                (int) height,
                profileName(profile, constraints),
                levelName(profile, constraints, level),
                usability.framesPerSecond,
                usability.reorders);
    }

    /** What we want of the video usability information. */
    private static final class Usability {
        double framesPerSecond;
        boolean reorders;
    }

    private static boolean hasChromaFormat(int profile) {
        return switch (profile) {
            case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 -> true;
            default -> false;
        };
    }

    private static int chromaFormat(BitReader bits) {
        int chromaFormat = bits.unsignedGolomb();
        if (chromaFormat == 3) {
            bits.flag();
        }
        bits.unsignedGolomb();
        bits.unsignedGolomb();
        bits.flag();
        if (bits.flag()) {
            int lists = chromaFormat == 3 ? 12 : 8;
            for (int i = 0; i < lists; i++) {
                if (bits.flag()) {
                    skipScalingList(bits, i < 6 ? 16 : 64);
                }
            }
        }
        return chromaFormat;
    }

    private static void skipScalingList(BitReader bits, int size) {
        int last = 8;
        int next = 8;
        for (int i = 0; i < size; i++) {
            if (next != 0) {
                next = (last + bits.signedGolomb() + 256) & 0xff;
            }
            last = next == 0 ? last : next;
        }
    }

    private static boolean skipOrderCount(BitReader bits, int type) {
        if (type == 0) {
            bits.unsignedGolomb();
        } else if (type == 1) {
            bits.flag();
            bits.signedGolomb();
            bits.signedGolomb();
            int cycle = bits.unsignedGolomb();
            if (cycle > 255) {
                return false;
            }
            for (int i = 0; i < cycle; i++) {
                bits.signedGolomb();
            }
        }
        return true;
    }

    private static void readUsability(BitReader bits, Usability usability) {
        if (bits.flag() && bits.bits(8) == EXTENDED_SAR) {
            bits.bits(32);
        }
        if (bits.flag()) {
            bits.flag();
        }
        if (bits.flag()) {
            bits.bits(4);
            if (bits.flag()) {
                bits.bits(24);
            }
        }
        if (bits.flag()) {
            bits.unsignedGolomb();
            bits.unsignedGolomb();
        }
        if (bits.flag()) {
            long unitsInTick = bits.bits(32) & 0xffff_ffffL;
            long timeScale = bits.bits(32) & 0xffff_ffffL;
            bits.flag();
            if (!bits.isExhausted() && unitsInTick > 0) {
                // A tick is a field.
                double framesPerSecond = timeScale / 2.0 / unitsInTick;
                usability.framesPerSecond = framesPerSecond >= 0.01 && framesPerSecond <= 1000 ? framesPerSecond : 0;
            }
        }
        boolean nalParameters = bits.flag();
        if (nalParameters) {
            skipReferenceDecoder(bits);
        }
        boolean vclParameters = bits.flag();
        if (vclParameters) {
            skipReferenceDecoder(bits);
        }
        if (nalParameters || vclParameters) {
            bits.flag();
        }
        bits.flag();
        if (bits.flag()) {
            bits.flag();
            bits.unsignedGolomb();
            bits.unsignedGolomb();
            bits.unsignedGolomb();
            bits.unsignedGolomb();
            int reorderFrames = bits.unsignedGolomb();
            if (!bits.isExhausted()) {
                usability.reorders = reorderFrames > 0;
            }
        }
    }

    private static void skipReferenceDecoder(BitReader bits) {
        int count = bits.unsignedGolomb() + 1;
        bits.bits(8);
        for (int i = 0; i < Math.min(count, MAX_CPB); i++) {
            bits.unsignedGolomb();
            bits.unsignedGolomb();
            bits.flag();
        }
        bits.bits(20);
    }

    private static String profileName(int profile, int constraints) {
        return switch (profile) {
            case 66 -> (constraints & 0x40) != 0 ? "Constrained Baseline" : "Baseline";
            case 77 -> "Main";
            case 88 -> "Extended";
            case 100 -> "High";
            case 110 -> "High 10";
            case 122 -> "High 4:2:2";
            case 244 -> "High 4:4:4 Predictive";
            case 44 -> "CAVLC 4:4:4 Intra";
            default -> Integer.toString(profile);
        };
    }

    private static String levelName(int profile, int constraints, int level) {
        boolean level1b = level == 11 && (constraints & 0x10) != 0 && (profile == 66 || profile == 77 || profile == 88);
        if (level1b || level == 9) {
            return "1b";
        }
        return level % 10 == 0 ? Integer.toString(level / 10) : level / 10 + "." + level % 10;
    }
}
