package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What we want of an H.265 sequence parameter set (ITU-T H.265 sections 7.3.2.2 and 7.3.3). The frame rate stands behind scaling lists and
 * reference picture sets and is not read.
 *
 * @param maxSubLayers temporal sub-layers, 1 to 7
 * @param temporalIdNesting inter prediction never refers to a sub-layer beside its own way up
 */
record H265Sps(PictureFormat picture, int maxSubLayers, boolean temporalIdNesting) {
    private static final int HEADER = 2;
    private static final int MAX_DIMENSION = 16_888;

    /** The id of an SPS, or a negative value when it cannot be read. */
    static int id(BitReader bits, ByteBuf buf, int offset, int end) {
        bits.resetToNal(buf, offset + HEADER, end);
        bits.bits(4);
        int maxSubLayers = bits.bits(3) + 1;
        bits.flag();
        readGeneralProfile(bits);
        skipSubLayers(bits, maxSubLayers);
        int id = bits.unsignedGolomb();
        return bits.isExhausted() || id > 15 ? -1 : id;
    }

    /**
     * Reads one SPS.
     *
     * @param bits used and left cleared
     * @param buf borrowed; the NAL unit with its header at {@code [offset, end)}
     * @return null when it is cut off or senseless
     */
    static @Nullable H265Sps parse(BitReader bits, ByteBuf buf, int offset, int end) {
        bits.resetToNal(buf, offset + HEADER, end);
        H265Sps sps = read(bits);
        bits.clear();
        return sps;
    }

    private static @Nullable H265Sps read(BitReader bits) {
        bits.bits(4);
        int maxSubLayers = bits.bits(3) + 1;
        boolean nesting = bits.flag();
        int profileAndLevel = readGeneralProfile(bits);
        skipSubLayers(bits, maxSubLayers);
        bits.unsignedGolomb();
        int chromaFormat = bits.unsignedGolomb();
        if (chromaFormat == 3) {
            bits.flag();
        }
        long width = bits.unsignedGolomb();
        long height = bits.unsignedGolomb();
        if (bits.flag()) {
            int unitX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1;
            int unitY = chromaFormat == 1 ? 2 : 1;
            width -= unitX * ((long) bits.unsignedGolomb() + bits.unsignedGolomb());
            height -= unitY * ((long) bits.unsignedGolomb() + bits.unsignedGolomb());
        }
        bits.unsignedGolomb();
        bits.unsignedGolomb();
        bits.unsignedGolomb();
        int reorderPictures = readReorderPictures(bits, maxSubLayers);
        boolean sensible = width > 0 && height > 0 && width <= MAX_DIMENSION && height <= MAX_DIMENSION;
        if (bits.isExhausted() || chromaFormat > 3 || maxSubLayers > 7 || !sensible) {
            return null;
        }
        PictureFormat picture = new PictureFormat(
                (int) width,
                (int) height,
                profileName(profileAndLevel >>> 8),
                levelName(profileAndLevel & 0xff),
                0,
                reorderPictures > 0);
        return new H265Sps(picture, maxSubLayers, nesting);
    }

    /** Of the highest sub-layer, the last one told. */
    private static int readReorderPictures(BitReader bits, int maxSubLayers) {
        boolean each = bits.flag();
        int reorderPictures = 0;
        for (int i = each ? 0 : maxSubLayers - 1; i < maxSubLayers; i++) {
            bits.unsignedGolomb();
            reorderPictures = bits.unsignedGolomb();
            bits.unsignedGolomb();
        }
        return reorderPictures;
    }

    /** The general part of profile_tier_level; returns profile_idc times 256 plus level_idc. */
    private static int readGeneralProfile(BitReader bits) {
        bits.bits(3);
        int profile = bits.bits(5);
        bits.skip(32 + 48);
        return (profile << 8) | bits.bits(8);
    }

    private static void skipSubLayers(BitReader bits, int maxSubLayers) {
        int below = maxSubLayers - 1;
        int flags = bits.bits(2 * below);
        if (below > 0) {
            bits.skip(2 * (8 - below));
        }
        for (int i = below - 1; i >= 0; i--) {
            bits.skip(((flags >>> (2 * i + 1)) & 1) * 88);
            bits.skip(((flags >>> (2 * i)) & 1) * 8);
        }
    }

    private static String profileName(int profile) {
        return switch (profile) {
            case 1 -> "Main";
            case 2 -> "Main 10";
            case 3 -> "Main Still Picture";
            case 4 -> "Range Extensions";
            default -> Integer.toString(profile);
        };
    }

    private static String levelName(int level) {
        int tenths = level / 3;
        return tenths % 10 == 0 ? Integer.toString(tenths / 10) : tenths / 10 + "." + tenths % 10;
    }
}
