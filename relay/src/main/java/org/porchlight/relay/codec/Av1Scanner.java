package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Scanner for AV1 (RTP Payload Format For AV1, AOMedia, section 4). A frame here is a temporal unit. It is a keyframe when the aggregation
 * header's N bit says so, or when a shown key frame comes with its sequence header; disposable when it belongs to the highest
 * temporal layer, above 0. Owner: the loop of the track's source.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * |Z|Y| W |N|-|-|-|  Z: goes on, Y: will go on, W: number of elements (0: each has a length), N: new coded video sequence
 * </pre>
 */
final class Av1Scanner extends FrameScanner {
    private static final int SEQUENCE_SEEN = FIRST_FREE_BIT;
    private static final int KEY_FRAME_SEEN = FIRST_FREE_BIT << 1;
    private static final int MAX_ELEMENTS = 512;

    private final ParameterSets sets = new ParameterSets();
    private @Nullable Av1SequenceHeader sequence;
    private int highestTemporalId;
    private boolean fragmentOpen;
    private boolean fragmentExcused = true;

    Av1Scanner(TrackFormat format) {
        super(format);
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        int header = buf.getByte(offset);
        boolean continues = (header & 0x80) != 0;
        boolean willContinue = (header & 0x40) != 0;
        int evidence = (header & 0x08) != 0 ? KEY | BEGINS_PICTURE : 0;
        evidence |= noteContinuation(continues, afterLoss);
        evidence |= elements(buf, offset + 1, offset + length, (header >> 4) & 3, continues, willContinue);
        fragmentOpen = willContinue;
        fragmentExcused = false;
        return evidence;
    }

    private int noteContinuation(boolean continues, boolean afterLoss) {
        if (afterLoss || fragmentExcused) {
            return continues ? MALFORMED : 0;
        }
        if (continues && !fragmentOpen) {
            return malformed(CodecDeviation.FRAGMENT_WITHOUT_START);
        }
        if (!continues && fragmentOpen) {
            deviations.count(CodecDeviation.FRAGMENT_WITHOUT_END);
        }
        return 0;
    }

    private int elements(ByteBuf buf, int from, int end, int count, boolean continues, boolean willContinue) {
        int evidence = 0;
        int at = from;
        for (int i = 0; i < MAX_ELEMENTS && at < end; i++) {
            int size = end - at;
            boolean hasLength = count == 0 || i < count - 1;
            if (hasLength) {
                long number = Av1Obu.leb128(buf, at, end);
                at += (int) number;
                size = (int) (number >>> 32);
                if (number < 0 || size > end - at) {
                    return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
                }
            }
            boolean goesOn = i == 0 && continues;
            if (goesOn) {
                evidence |= PICTURE;
            } else if (size > 0) {
                boolean cut = willContinue && at + size == end;
                evidence |= unit(buf, at, at + size, cut);
            }
            at += size;
        }
        return at == from ? malformed(CodecDeviation.DAMAGED_PAYLOAD) : evidence;
    }

    private int unit(ByteBuf buf, int from, int end, boolean cut) {
        int header = buf.getByte(from);
        if (header < 0) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int at = from + 1;
        int temporalId = 0;
        if (Av1Obu.hasExtension(header)) {
            if (at >= end) {
                return malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            temporalId = (buf.getByte(at++) >> 5) & 7;
            highestTemporalId = Math.max(highestTemporalId, temporalId);
        }
        if (Av1Obu.hasSize(header)) {
            long size = Av1Obu.leb128(buf, at, end);
            if (size < 0) {
                return malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            at += (int) size;
        }
        return switch (Av1Obu.type(header)) {
            case Av1Obu.SEQUENCE_HEADER -> sequenceHeader(buf, from, at, end, cut);
            case Av1Obu.TEMPORAL_DELIMITER -> BEGINS_PICTURE;
            case Av1Obu.FRAME, Av1Obu.FRAME_HEADER -> referenceEvidence(temporalId) | frameHeader(buf, at, end);
            case Av1Obu.TILE_GROUP, Av1Obu.REDUNDANT_FRAME_HEADER -> referenceEvidence(temporalId);
            case Av1Obu.METADATA, Av1Obu.TILE_LIST, Av1Obu.PADDING -> 0;
            default -> {
                deviations.count(CodecDeviation.RESERVED_TYPE);
                yield 0;
            }
        };
    }

    private int referenceEvidence(int temporalId) {
        boolean disposable = temporalId > 0 && temporalId == highestTemporalId;
        return PICTURE | (disposable ? NOT_REFERENCED : REFERENCED);
    }

    /** uncompressed_header begins with show_existing_frame, frame_type, show_frame, except in still pictures. */
    private int frameHeader(ByteBuf buf, int at, int end) {
        Av1SequenceHeader known = sequence;
        if (known != null && known.still()) {
            return KEY_FRAME_SEEN;
        }
        if (at >= end) {
            return 0;
        }
        // 0 00 1: no existing frame, type KEY_FRAME, shown.
        return (buf.getByte(at) & 0xf0) == 0x10 ? KEY_FRAME_SEEN : 0;
    }

    private int sequenceHeader(ByteBuf buf, int from, int payloadFrom, int end, boolean cut) {
        int evidence = PARAMETER_SET | SEQUENCE_SEEN;
        if (cut) {
            return evidence;
        }
        switch (sets.learn(Av1Obu.SEQUENCE_HEADER, 0, buf, from, end)) {
            case SAME -> {}
            case TOO_LARGE, TOO_MANY -> deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
            case NEW, CHANGED -> {
                Av1SequenceHeader read = Av1SequenceHeader.parse(bits, buf, payloadFrom, end);
                if (read == null) {
                    deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
                } else {
                    sequence = read;
                    highestTemporalId = read.temporalLayers() - 1;
                    evidence |= describe(read);
                }
            }
        }
        return evidence;
    }

    /** Puts profile, level and tier into the format parameters (section 7.2.3 of the payload format). */
    private int describe(Av1SequenceHeader read) {
        FormatParameters old = FormatParameters.parse(format().fmtp());
        FormatParameters described = old.with("profile", Integer.toString(read.profile()))
                .with("level-idx", Integer.toString(read.levelIndex()))
                .with("tier", Integer.toString(read.tier()));
        if (described.toString().equals(old.toString())) {
            return 0;
        }
        replaceFormat(format().withFmtp(described.toString()));
        return FORMAT_CHANGED;
    }

    @Override
    boolean isKeyframe(int evidence) {
        int both = SEQUENCE_SEEN | KEY_FRAME_SEEN;
        return super.isKeyframe(evidence) || (evidence & both) == both;
    }

    @Override
    public void reset() {
        super.reset();
        fragmentOpen = false;
        fragmentExcused = true;
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        Av1SequenceHeader known = sequence;
        return known == null ? null : known.picture();
    }
}
