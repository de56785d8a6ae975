package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Scanner for VP9 (RFC 9628), flexible mode and not, with spatial layers. A frame here is a picture with all its spatial layers. It is a
 * keyframe when its lowest layer is a key frame, by descriptor and by its own header, and disposable when it belongs to the highest temporal
 * layer seen, above 0. Owner: the loop of the track's source.
 */
final class Vp9Scanner extends FrameScanner {
    private static final int FRAME_MARKER = 2;
    private static final int SYNC_CODE = 0x498342;
    private static final int COLOR_SPACE_RGB = 7;
    private static final String[] PROFILES = {"0", "1", "2", "3"};

    private final Vp9Descriptor descriptor = new Vp9Descriptor();
    private int highestTemporalId;
    private @Nullable PictureFormat picture;
    private @Nullable String describedProfile;

    Vp9Scanner(TrackFormat format) {
        super(format);
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        if (!descriptor.read(buf, offset, length) || descriptor.length == length) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        highestTemporalId = Math.max(highestTemporalId, descriptor.temporalId);
        boolean disposable = descriptor.temporalId > 0 && descriptor.temporalId == highestTemporalId;
        int evidence = PICTURE | (disposable ? NOT_REFERENCED : REFERENCED);
        if (descriptor.begins && descriptor.spatialId == 0) {
            evidence |= BEGINS_PICTURE;
            if (!descriptor.interPredicted) {
                evidence |= uncompressedHeader(buf, offset + descriptor.length, offset + length);
            }
        }
        return evidence;
    }

    /** The start of a keyframe's uncompressed header (VP9 bitstream specification section 6.2) for profile and size. */
    private int uncompressedHeader(ByteBuf buf, int from, int end) {
        bits.reset(buf, from, end);
        int marker = bits.bits(2);
        int profile = bits.bits(1) + 2 * bits.bits(1);
        if (profile == 3) {
            bits.flag();
        }
        if (marker != FRAME_MARKER) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        boolean showsExisting = bits.flag();
        boolean notKey = bits.flag();
        if (showsExisting || notKey) {
            // Some packetizers never set P; the header knows better.
            deviations.count(CodecDeviation.PREDICTION_NOT_DESCRIBED);
            return 0;
        }
        bits.bits(2);
        if (bits.bits(24) != SYNC_CODE) {
            return bits.isExhausted() ? KEY : malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        skipColor(profile);
        int width = bits.bits(16) + 1;
        int height = bits.bits(16) + 1;
        if (bits.isExhausted()) {
            return KEY;
        }
        boolean described = descriptor.width > 0 && descriptor.height > 0;
        return KEY | note(profile, described ? descriptor.width : width, described ? descriptor.height : height);
    }

    private void skipColor(int profile) {
        if (profile >= 2) {
            bits.flag();
        }
        if (bits.bits(3) != COLOR_SPACE_RGB) {
            bits.flag();
            if ((profile & 1) != 0) {
                bits.bits(3);
            }
        } else if ((profile & 1) != 0) {
            bits.flag();
        }
    }

    private int note(int profile, int width, int height) {
        PictureFormat known = picture;
        String name = PROFILES[profile];
        if (known == null
                || known.width() != width
                || known.height() != height
                || !known.profile().equals(name)) {
            picture = new PictureFormat(width, height, name, "", 0, false);
        }
        return describe(name);
    }

    /** Puts the profile into the format parameters (RFC 9628 section 6.1) where they have another or, above 0, none. */
    private int describe(String profile) {
        if (profile.equals(describedProfile)) {
            return 0;
        }
        describedProfile = profile;
        FormatParameters parameters = FormatParameters.parse(format().fmtp());
        String described = parameters.value("profile-id");
        if (profile.equals(described == null ? "0" : described)) {
            return 0;
        }
        replaceFormat(format().withFmtp(parameters.with("profile-id", profile).toString()));
        return FORMAT_CHANGED;
    }

    @Override
    boolean marksBeginnings() {
        return true;
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        return picture;
    }
}
