package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Locale;

/**
 * Scanner for H.264 (RFC 6184): single NAL units, STAP-A and -B, MTAP16 and 24, FU-A and -B, whatever packetization mode the description
 * names. Owner: the loop of the track's source.
 *
 * <p>Keyframes are IDR pictures; pictures behind a recovery point SEI that promises a right picture at once; and, for encoders that send neither
 * (open GOP, cameras that never set IDR), pictures of I slices alone with SPS and PPS in the same access unit. A stream that has
 * nothing but a gradual refresh gets its recovery points as keyframes from the second one on.
 *
 * <p>Not assembled: parameter sets that are cut into fragments. They are marked as such; no camera was seen to send them.
 */
final class H264Scanner extends NalScanner {
    private static final int SLICE = 1;
    private static final int PARTITION_A = 2;
    private static final int PARTITION_C = 4;
    private static final int IDR = 5;
    private static final int SEI = 6;
    static final int SPS = 7;
    static final int PPS = 8;
    private static final int DELIMITER = 9;
    private static final int LAST_SINGLE = 23;
    private static final int STAP_A = 24;
    private static final int STAP_B = 25;
    private static final int MTAP16 = 26;
    private static final int MTAP24 = 27;
    private static final int FU_A = 28;
    private static final int FU_B = 29;

    private static final int SPS_SEEN = FIRST_FREE_NAL_BIT;
    private static final int PPS_SEEN = FIRST_FREE_NAL_BIT << 1;
    private static final int INTRA_SLICE = FIRST_FREE_NAL_BIT << 2;
    private static final int INTER_SLICE = FIRST_FREE_NAL_BIT << 3;
    private static final int OPEN_KEYFRAME = SPS_SEEN | PPS_SEEN | INTRA_SLICE;

    private static final int MAX_UNITS = 512;

    private boolean bidirectionalSeen;
    /** Frames exist that begin with an I slice and go on with P slices: only slice types above 4 speak for the whole picture. */
    private boolean mixedSlices;

    private final boolean singleUnitsDescribed;
    private boolean modePutRight;

    H264Scanner(TrackFormat format) {
        super(format, withPacketizationMode(FormatParameters.parse(format.fmtp())));
        singleUnitsDescribed = parameters().number("packetization-mode", 0) == 0;
        learnDescribed("sprop-parameter-sets");
    }

    /** Where the mode is missing it should be 0, single units only (RFC 6184 section 8.1); hardly a camera that leaves it out keeps to that. */
    private static FormatParameters withPacketizationMode(FormatParameters parameters) {
        return parameters.value("packetization-mode") == null ? parameters.with("packetization-mode", "1") : parameters;
    }

    @Override
    int inspect(ByteBuf buf, int offset, int length, boolean afterLoss) {
        if (afterLoss) {
            onLoss();
        }
        int end = offset + length;
        int startCode = startCodeLength(buf, offset, end);
        if (startCode > 0) {
            onWholeUnit();
            return byteStream(buf, offset + startCode, end);
        }
        int type = buf.getByte(offset) & 0x1f;
        int damaged = buf.getByte(offset) < 0 ? malformed(CodecDeviation.DAMAGED_PAYLOAD) : 0;
        if (type == FU_A || type == FU_B) {
            return damaged | fragment(buf, offset, end, type == FU_B);
        }
        onWholeUnit();
        return damaged
                | switch (type) {
                    case STAP_A -> aggregate(buf, offset + 1, end, 0) | allowAggregates();
                    case STAP_B -> aggregate(buf, offset + 3, end, 0);
                    case MTAP16 -> aggregate(buf, offset + 3, end, 3);
                    case MTAP24 -> aggregate(buf, offset + 3, end, 4);
                    default -> {
                        if (type == 0 || type > LAST_SINGLE) {
                            yield malformed(CodecDeviation.RESERVED_TYPE);
                        }
                        yield singleUnit(buf, offset, end, type);
                    }
                };
    }

    private int singleUnit(ByteBuf buf, int offset, int end, int type) {
        boolean mayHideUnits = type >= SEI && type <= DELIMITER;
        if (mayHideUnits && nextStartCode(buf, offset, end) < end) {
            return byteStream(buf, offset, end);
        }
        return nal(buf, offset, end);
    }

    /** Units with a 16-bit size each and, in MTAPs, a decoding order and timestamp field of {@code fieldLength} bytes. */
    private int aggregate(ByteBuf buf, int from, int end, int fieldLength) {
        int evidence = 0;
        int at = from;
        for (int i = 0; i < MAX_UNITS && at < end; i++) {
            if (end - at < 2) {
                return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            int size = buf.getUnsignedShort(at);
            at += 2 + fieldLength;
            if (size == 0 || size > end - at) {
                return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            int type = buf.getByte(at) & 0x1f;
            boolean senseless = type == 0 || type > LAST_SINGLE;
            evidence |= senseless ? malformed(CodecDeviation.RESERVED_TYPE) : nal(buf, at, at + size);
            at += size;
        }
        return at == from ? malformed(CodecDeviation.DAMAGED_PAYLOAD) : evidence;
    }

    private int fragment(ByteBuf buf, int offset, int end, boolean withOrderNumber) {
        if (end - offset < 2) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int header = buf.getByte(offset + 1);
        int type = header & 0x1f;
        if (type == 0 || type > LAST_SINGLE) {
            return malformed(CodecDeviation.RESERVED_TYPE);
        }
        boolean last = (header & 0x40) != 0;
        int reference = (buf.getByte(offset) & 0x60) != 0 ? REFERENCED : NOT_REFERENCED;
        int evidence = allowAggregates();
        if ((header & 0x80) != 0) {
            onFirstFragment(type, last);
            int skipped = withOrderNumber ? 4 : 2;
            return evidence | unit(type, reference, buf, Math.min(offset + skipped, end), end, true);
        }
        boolean afterLostStart = isAfterLostStart();
        evidence |= onNextFragment(type, last);
        if (!isPicture(type)) {
            return evidence;
        }
        boolean keyByType = type == IDR && !afterLostStart;
        return evidence | PICTURE | reference | (keyByType ? KEY : 0);
    }

    /** A description of single units only is put right once: viewers must expect what comes (RFC 6184 section 6.2). */
    private int allowAggregates() {
        if (!singleUnitsDescribed || modePutRight) {
            return 0;
        }
        modePutRight = true;
        return putRight("packetization-mode", "1", CodecDeviation.PACKETIZATION_MODE_WRONG);
    }

    private static boolean isPicture(int type) {
        return type >= SLICE && type <= IDR;
    }

    @Override
    int nal(ByteBuf buf, int offset, int end) {
        int header = buf.getByte(offset);
        int type = header & 0x1f;
        if (type == SPS || type == PPS) {
            return parameterSet(type, buf, offset, end);
        }
        return unit(type, (header & 0x60) != 0 ? REFERENCED : NOT_REFERENCED, buf, offset + 1, end, false);
    }

    /** Evidence of a unit whose bytes behind the NAL header begin at {@code from}. */
    private int unit(int type, int reference, ByteBuf buf, int from, int end, boolean cut) {
        return switch (type) {
            case SLICE, PARTITION_A, IDR -> slice(type, buf, from, end) | reference;
            case PARTITION_A + 1, PARTITION_C -> PICTURE | reference;
            case SEI -> supplementalInformation(buf, from, end, false);
            case SPS, PPS -> cut ? PARAMETER_SET : 0;
            default -> 0;
        };
    }

    /** Begins of slice headers (ITU-T H.264 section 7.3.3): first_mb_in_slice, slice_type. */
    private int slice(int type, ByteBuf buf, int from, int end) {
        int evidence = PICTURE | (type == IDR ? KEY : 0);
        bits.resetToNal(buf, from, end);
        int firstMacroblock = bits.unsignedGolomb();
        int sliceType = bits.unsignedGolomb();
        if (bits.isExhausted() || sliceType > 9) {
            return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        if (firstMacroblock == 0) {
            evidence |= BEGINS_PICTURE;
        }
        return evidence | sliceEvidence(sliceType);
    }

    private int sliceEvidence(int sliceType) {
        switch (sliceType % 5) {
            case 2, 4 -> {
                return sliceType > 4 || !mixedSlices ? INTRA_SLICE : 0;
            }
            case 1 -> {
                if (!bidirectionalSeen) {
                    bidirectionalSeen = true;
                    deviations.count(CodecDeviation.BIDIRECTIONAL_FRAMES);
                }
                return INTER_SLICE;
            }
            default -> {
                return INTER_SLICE;
            }
        }
    }

    @Override
    boolean isKeyframe(int evidence) {
        return super.isKeyframe(evidence)
                || ((evidence & OPEN_KEYFRAME) == OPEN_KEYFRAME && (evidence & INTER_SLICE) == 0);
    }

    @Override
    void onFrameEvidence(int before, int after) {
        super.onFrameEvidence(before, after);
        if (isKeyframe(before) && !isKeyframe(after)) {
            mixedSlices = true;
        }
        boolean complete = (after & INTRA_SLICE) != 0 && (before & INTRA_SLICE) == 0;
        if (complete && isKeyframe(after) && (after & KEY) == 0) {
            noteKeyframeWithoutIdr();
        }
    }

    private int parameterSet(int type, ByteBuf buf, int offset, int end) {
        // SPS: profile, constraints and level stand before the id.
        bits.resetToNal(buf, offset + 1, end);
        bits.skip(type == SPS ? 24 : 0);
        int id = bits.unsignedGolomb();
        int seen = type == SPS ? SPS_SEEN : PPS_SEEN;
        if (bits.isExhausted() || id > (type == SPS ? 31 : 255)) {
            return unreadableSet() | seen;
        }
        return learn(type, id, buf, offset, end) | seen;
    }

    @Override
    void onParameterSet(int kind, ByteBuf buf, int offset, int end) {
        if (kind == SPS) {
            PictureFormat read = H264Sps.parse(bits, buf, offset, end);
            if (read == null) {
                deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
            } else {
                picture = read;
            }
        }
    }

    @Override
    FormatParameters describe(FormatParameters known) {
        List<byte[]> sps = sets.ofKind(SPS);
        if (sps.isEmpty()) {
            return known;
        }
        byte[] first = sps.get(0);
        List<byte[]> all = new java.util.ArrayList<>(sps);
        all.addAll(sets.ofKind(PPS));
        String profileAndLevel =
                String.format(Locale.ROOT, "%02X%02X%02X", first[1] & 0xff, first[2] & 0xff, first[3] & 0xff);
        return known.with("profile-level-id", profileAndLevel).withBase64List("sprop-parameter-sets", all);
    }

    @Override
    public boolean bidirectionalFramesSeen() {
        return bidirectionalSeen;
    }
}
