package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Scanner for H.265 (RFC 7798): single NAL units, aggregation packets, fragmentation units, PACI, with decoding order numbers where the
 * description announces them. Owner: the loop of the track's source.
 *
 * <p>Keyframes are IRAP pictures (IDR, CRA, BLA) and those behind a recovery point SEI that promises a right picture at once. Disposable
 * are sub-layer non-reference pictures of the highest temporal sub-layer, and all pictures of that sub-layer where the SPS says that
 * sub-layers are nested (then each is a TSA picture or a leading one, and none refers to another of its sub-layer).
 *
 * <p>Slice types are not read: low-delay encoders code all their pictures as B slices. That pictures are reordered shows in the SPS and in
 * leading pictures (RASL, RADL).
 */
final class H265Scanner extends NalScanner {
    private static final int RADL_N = 6;
    private static final int RASL_R = 9;
    private static final int LAST_SUB_LAYER_NON_REFERENCE = 14;
    private static final int FIRST_IRAP = 16;
    private static final int LAST_IRAP = 21;
    private static final int LAST_VCL = 31;
    static final int VPS = 32;
    static final int SPS = 33;
    static final int PPS = 34;
    private static final int PREFIX_SEI = 39;
    private static final int AGGREGATION = 48;
    private static final int FRAGMENTATION = 49;
    private static final int PACI = 50;

    private static final int HEADER = 2;
    private static final int MAX_UNITS = 512;

    private final boolean orderNumbers;
    private int highestTemporalId = -1;
    private boolean temporalIdNesting;
    private boolean leadingPicturesSeen;

    H265Scanner(TrackFormat format) {
        super(format, FormatParameters.parse(format.fmtp()));
        orderNumbers = announcesOrderNumbers(parameters());
        learnDescribed("sprop-vps", "sprop-sps", "sprop-pps");
    }

    /** Whether payloads carry DONL and DOND fields (RFC 7798 section 7.1, sprop-max-don-diff). */
    static boolean announcesOrderNumbers(FormatParameters parameters) {
        return parameters.number("sprop-max-don-diff", 0) > 0;
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
        if (length < HEADER) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int damaged = buf.getByte(offset) < 0 ? malformed(CodecDeviation.DAMAGED_PAYLOAD) : 0;
        int header = buf.getUnsignedShort(offset);
        int type = typeOf(header);
        if (type == PACI) {
            return damaged | contained(buf, offset, end, header);
        }
        return damaged | structure(type, header, buf, offset + HEADER, end);
    }

    private static int typeOf(int header) {
        return (header >>> 9) & 0x3f;
    }

    /**
     * The unit, aggregate or fragment inside a PACI packet (RFC 7798 section 4.4.4); its own two header bytes are not repeated there.
     */
    private int contained(ByteBuf buf, int offset, int end, int header) {
        if (end - offset < HEADER + 2) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int fields = buf.getUnsignedShort(offset + HEADER);
        int type = (fields >>> 9) & 0x3f;
        int extensionLength = (fields >>> 4) & 0x1f;
        int from = offset + HEADER + 2 + extensionLength;
        if (from > end || type >= PACI) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        return structure(type, (header & 0x81ff) | (type << 9), buf, from, end);
    }

    private int structure(int type, int header, ByteBuf buf, int from, int end) {
        if (type == FRAGMENTATION) {
            return fragment(buf, from, end, header);
        }
        onWholeUnit();
        if (type == AGGREGATION) {
            return aggregate(buf, from, end);
        }
        if (type > PACI) {
            return malformed(CodecDeviation.RESERVED_TYPE);
        }
        int unitFrom = from + (orderNumbers ? 2 : 0);
        if (unitFrom > end) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        if (isParameterSet(type) && !orderNumbers && buf.getUnsignedShort(from - HEADER) == header) {
            return parameterSets(buf, from - HEADER, end);
        }
        return unit(type, header, buf, unitFrom, end);
    }

    private static boolean isParameterSet(int type) {
        return type >= VPS && type <= PPS;
    }

    private int parameterSets(ByteBuf buf, int offset, int end) {
        return nextStartCode(buf, offset, end) < end ? byteStream(buf, offset, end) : nal(buf, offset, end);
    }

    /** Units with a 16-bit size each; with order numbers 16 bits of DONL before the first, 8 of DOND before each other. */
    private int aggregate(ByteBuf buf, int from, int end) {
        int evidence = 0;
        int at = from;
        for (int i = 0; i < MAX_UNITS && at < end; i++) {
            at += orderNumbers ? (i == 0 ? 2 : 1) : 0;
            if (end - at < 2) {
                return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            int size = buf.getUnsignedShort(at);
            at += 2;
            if (size < HEADER || size > end - at) {
                return evidence | malformed(CodecDeviation.DAMAGED_PAYLOAD);
            }
            evidence |= nal(buf, at, at + size);
            at += size;
        }
        return at == from ? malformed(CodecDeviation.DAMAGED_PAYLOAD) : evidence;
    }

    private int fragment(ByteBuf buf, int from, int end, int payloadHeader) {
        if (from >= end) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int fragmentHeader = buf.getByte(from);
        int type = fragmentHeader & 0x3f;
        if (type >= AGGREGATION) {
            return malformed(CodecDeviation.RESERVED_TYPE);
        }
        boolean last = (fragmentHeader & 0x40) != 0;
        int header = (payloadHeader & 0x81ff) | (type << 9);
        if ((fragmentHeader & 0x80) != 0) {
            onFirstFragment(type, last);
            int unitFrom = Math.min(end, from + 1 + (orderNumbers ? 2 : 0));
            return isParameterSet(type) ? PARAMETER_SET : unit(type, header, buf, unitFrom, end);
        }
        boolean afterLostStart = isAfterLostStart();
        int evidence = onNextFragment(type, last);
        if (type > LAST_VCL) {
            return evidence;
        }
        int picture = pictureEvidence(type, header);
        return evidence | (afterLostStart ? picture & ~KEY : picture);
    }

    @Override
    int nal(ByteBuf buf, int offset, int end) {
        if (end - offset < HEADER) {
            return malformed(CodecDeviation.DAMAGED_PAYLOAD);
        }
        int header = buf.getUnsignedShort(offset);
        int type = typeOf(header);
        if (type >= AGGREGATION) {
            return malformed(CodecDeviation.RESERVED_TYPE);
        }
        return isParameterSet(type)
                ? parameterSet(type, buf, offset, end)
                : unit(type, header, buf, offset + HEADER, end);
    }

    /** Evidence of a unit whose bytes behind the NAL header begin at {@code from}. */
    private int unit(int type, int header, ByteBuf buf, int from, int end) {
        if (type <= LAST_VCL) {
            // first_slice_segment_in_pic_flag is the first bit of each slice segment header.
            boolean first = from < end && buf.getByte(from) < 0;
            return pictureEvidence(type, header) | (first ? BEGINS_PICTURE : 0);
        }
        if (type == PREFIX_SEI) {
            return supplementalInformation(buf, from, end, true);
        }
        return 0;
    }

    private int pictureEvidence(int type, int header) {
        int layerId = (header >>> 3) & 0x3f;
        int temporalId = (header & 7) - 1;
        if (type >= RADL_N && type <= RASL_R && !leadingPicturesSeen) {
            leadingPicturesSeen = true;
            deviations.count(CodecDeviation.BIDIRECTIONAL_FRAMES);
        }
        boolean key = type >= FIRST_IRAP && type <= LAST_IRAP && layerId == 0;
        return PICTURE | (key ? KEY : 0) | (isDisposable(type, temporalId) ? NOT_REFERENCED : REFERENCED);
    }

    private boolean isDisposable(int type, int temporalId) {
        if (temporalId != highestTemporalId) {
            return false;
        }
        boolean nonReference = type <= LAST_SUB_LAYER_NON_REFERENCE && (type & 1) == 0;
        return nonReference || (temporalId > 0 && temporalIdNesting);
    }

    private int parameterSet(int type, ByteBuf buf, int offset, int end) {
        int id = switch (type) {
            case VPS -> vpsId(buf, offset + HEADER, end);
            case SPS -> H265Sps.id(bits, buf, offset, end);
            default -> ppsId(buf, offset + HEADER, end);
        };
        return id < 0 ? unreadableSet() : learn(type, id, buf, offset, end);
    }

    private static int vpsId(ByteBuf buf, int from, int end) {
        return from < end ? buf.getUnsignedByte(from) >>> 4 : -1;
    }

    private int ppsId(ByteBuf buf, int from, int end) {
        bits.resetToNal(buf, from, end);
        int id = bits.unsignedGolomb();
        return bits.isExhausted() || id > 63 ? -1 : id;
    }

    @Override
    void onParameterSet(int kind, ByteBuf buf, int offset, int end) {
        if (kind != SPS) {
            return;
        }
        H265Sps sps = H265Sps.parse(bits, buf, offset, end);
        if (sps == null) {
            deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
            return;
        }
        picture = sps.picture();
        highestTemporalId = sps.maxSubLayers() - 1;
        temporalIdNesting = sps.temporalIdNesting();
    }

    @Override
    FormatParameters describe(FormatParameters known) {
        FormatParameters described = known;
        described = withSets(described, "sprop-vps", VPS);
        described = withSets(described, "sprop-sps", SPS);
        return withSets(described, "sprop-pps", PPS);
    }

    private FormatParameters withSets(FormatParameters known, String name, int kind) {
        List<byte[]> list = sets.ofKind(kind);
        return list.isEmpty() ? known : known.withBase64List(name, list);
    }

    /** Leading pictures were seen; see also {@link PictureFormat#reorders}. */
    @Override
    public boolean bidirectionalFramesSeen() {
        return leadingPicturesSeen;
    }
}
