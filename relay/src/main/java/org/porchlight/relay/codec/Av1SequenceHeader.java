package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What we want of an AV1 sequence header (AV1 specification section 5.5).
 *
 * @param profile seq_profile
 * @param levelIndex seq_level_idx of the first operating point
 * @param tier seq_tier of the first operating point
 * @param temporalLayers of the first operating point, 1 to 8
 * @param still one picture alone, with reduced headers
 */
record Av1SequenceHeader(
        PictureFormat picture, int profile, int levelIndex, int tier, int temporalLayers, boolean still) {

    /**
     * Reads the payload of a sequence header OBU.
     *
     * @param bits used and left cleared
     * @param buf borrowed; the bytes behind the OBU header at {@code [from, end)}
     * @return null when it is cut off or senseless
     */
    static @Nullable Av1SequenceHeader parse(BitReader bits, ByteBuf buf, int from, int end) {
        bits.reset(buf, from, end);
        Av1SequenceHeader header = read(bits);
        bits.clear();
        return header;
    }

    private static @Nullable Av1SequenceHeader read(BitReader bits) {
        int profile = bits.bits(3);
        bits.flag();
        boolean reduced = bits.flag();
        int levelIndex = 0;
        int tier = 0;
        int operatingPoint = 0;
        double framesPerSecond = 0;
        if (reduced) {
            levelIndex = bits.bits(5);
        } else {
            int delayLength = 0;
            boolean decoderModel = false;
            if (bits.flag()) {
                framesPerSecond = readTiming(bits);
                decoderModel = bits.flag();
                if (decoderModel) {
                    delayLength = bits.bits(5) + 1;
                    bits.bits(32);
                    bits.bits(10);
                }
            }
            boolean initialDelay = bits.flag();
            int points = bits.bits(5) + 1;
            for (int i = 0; i < points; i++) {
                int layers = bits.bits(12);
                int level = bits.bits(5);
                int pointTier = level > 7 ? bits.bits(1) : 0;
                if (decoderModel && bits.flag()) {
                    bits.skip(2 * delayLength + 1);
                }
                if (initialDelay && bits.flag()) {
                    bits.bits(4);
                }
                if (i == 0) {
                    operatingPoint = layers;
                    levelIndex = level;
                    tier = pointTier;
                }
            }
        }
        int widthBits = bits.bits(4) + 1;
        int heightBits = bits.bits(4) + 1;
        int width = bits.bits(widthBits) + 1;
        int height = bits.bits(heightBits) + 1;
        if (bits.isExhausted() || profile > 2) {
            return null;
        }
        int temporalLayers = Math.max(1, 32 - Integer.numberOfLeadingZeros(operatingPoint & 0xff));
        PictureFormat picture =
                new PictureFormat(width, height, profileName(profile), levelName(levelIndex), framesPerSecond, false);
        return new Av1SequenceHeader(picture, profile, levelIndex, tier, temporalLayers, reduced);
    }

    /** timing_info; returns frames per second where each picture lasts equally long, else 0. */
    private static double readTiming(BitReader bits) {
        long unitsInTick = bits.bits(32) & 0xffff_ffffL;
        long timeScale = bits.bits(32) & 0xffff_ffffL;
        boolean equalInterval = bits.flag();
        if (!equalInterval) {
            return 0;
        }
        // uvlc() is coded as ue(v) is.
        long ticksPerPicture = bits.unsignedGolomb() + 1L;
        double framesPerSecond = unitsInTick == 0 ? 0 : (double) timeScale / unitsInTick / ticksPerPicture;
        return framesPerSecond >= 0.01 && framesPerSecond <= 1000 ? framesPerSecond : 0;
    }

    private static String profileName(int profile) {
        return switch (profile) {
            case 0 -> "Main";
            case 1 -> "High";
            default -> "Professional";
        };
    }

    /** Levels begin at 2.0 and have four steps each (annex A.3). */
    private static String levelName(int levelIndex) {
        return levelIndex > 23 ? "" : (2 + levelIndex / 4) + "." + levelIndex % 4;
    }
}
