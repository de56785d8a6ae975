package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What H.264 and H.265 share: fragments over several packets, parameter sets, recovery points, start codes where none belong. Owner: the loop
 * of the track's source.
 */
abstract class NalScanner extends FrameScanner {
    /** A recovery point SEI that promises a right picture at once. */
    static final int RECOVERY_POINT = FIRST_FREE_BIT;
    /** A recovery point SEI that promises a right picture some frames later. */
    static final int GRADUAL_RECOVERY = FIRST_FREE_BIT << 1;
    /** The first bit that a subclass may use for itself. */
    static final int FIRST_FREE_NAL_BIT = FIRST_FREE_BIT << 2;

    private static final int SEI_RECOVERY_POINT = 6;
    /** SEI messages looked at in one unit; more carry nothing we want. */
    private static final int MAX_SEI_MESSAGES = 16;
    /** Type, size and one byte. */
    private static final int MIN_SEI_MESSAGE = 3;

    private static final int NO_FRAGMENT = -1;
    /** A fragmented unit of which packets are missing: its other fragments are no deviation of the camera. */
    private static final int LOST_FRAGMENT = -2;

    final ParameterSets sets = new ParameterSets();
    private FormatParameters parameters;
    /** Whoever comes in the middle of a unit cannot blame the camera. */
    private int fragmentType = LOST_FRAGMENT;

    private boolean keyframeSeen;
    private int gradualRecoveries;
    private boolean describing;
    private boolean described;
    private boolean inBandSeen;

    @Nullable
    PictureFormat picture;

    NalScanner(TrackFormat format, FormatParameters parameters) {
        super(format);
        this.parameters = parameters;
    }

    /** Evidence of one NAL unit, whole or cut off at {@code end}. */
    abstract int nal(ByteBuf buf, int offset, int end);

    /** The format parameters with the parameter sets known now. */
    abstract FormatParameters describe(FormatParameters known);

    /** Reads the parameter sets of the session description; to be called once by the constructor of a subclass. */
    final void learnDescribed(String... names) {
        describing = true;
        for (String name : names) {
            List<byte[]> list = parameters.base64List(name);
            String value = parameters.value(name);
            if (list.isEmpty() && value != null && !value.isEmpty()) {
                deviations.count(CodecDeviation.DESCRIPTION_UNREADABLE);
            }
            for (byte[] set : list) {
                ByteBuf wrapped = Unpooled.wrappedBuffer(set);
                int startCode = startCodeLength(wrapped, 0, set.length);
                described |= (byteStreamOrNal(wrapped, startCode, set.length) & PARAMETER_SET) != 0;
            }
        }
        describing = false;
        refreshFormat();
    }

    private int byteStreamOrNal(ByteBuf buf, int startCode, int end) {
        return startCode > 0 ? byteStream(buf, startCode, end) : nal(buf, 0, end);
    }

    final FormatParameters parameters() {
        return parameters;
    }

    private void refreshFormat() {
        parameters = describe(parameters);
        replaceFormat(format().withFmtp(parameters.toString()));
    }

    /** Changes the format parameters for another reason than a parameter set. */
    final int putRight(String name, String value, CodecDeviation deviation) {
        deviations.count(deviation);
        parameters = parameters.with(name, value);
        replaceFormat(format().withFmtp(parameters.toString()));
        return FORMAT_CHANGED;
    }

    /**
     * Remembers a parameter set.
     *
     * @return its evidence
     */
    final int learn(int kind, int id, ByteBuf buf, int offset, int end) {
        ParameterSets.Outcome outcome = sets.learn(kind, id, buf, offset, end);
        int evidence = PARAMETER_SET;
        switch (outcome) {
            case SAME -> {}
            case TOO_LARGE -> deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
            case TOO_MANY -> deviations.count(CodecDeviation.TOO_MANY_PARAMETER_SETS);
            case NEW, CHANGED -> {
                onParameterSet(kind, buf, offset, end);
                if (!describing) {
                    noteInBand(outcome);
                    refreshFormat();
                    evidence |= FORMAT_CHANGED;
                }
            }
        }
        inBandSeen |= !describing;
        return evidence;
    }

    private void noteInBand(ParameterSets.Outcome outcome) {
        if (!described && !inBandSeen) {
            deviations.count(CodecDeviation.PARAMETER_SETS_NOT_DESCRIBED);
        } else if (described && outcome == ParameterSets.Outcome.CHANGED) {
            deviations.count(CodecDeviation.PARAMETER_SETS_DIFFER);
        }
    }

    /** A parameter set is new or changed. */
    abstract void onParameterSet(int kind, ByteBuf buf, int offset, int end);

    final int unreadableSet() {
        deviations.count(CodecDeviation.PARAMETER_SET_UNREADABLE);
        return PARAMETER_SET;
    }

    // Fragments.

    /** A unit in one packet, or an aggregate: no fragment goes on behind it. */
    final void onWholeUnit() {
        if (fragmentType >= 0) {
            deviations.count(CodecDeviation.FRAGMENT_WITHOUT_END);
        }
        fragmentType = NO_FRAGMENT;
    }

    /** Packets are missing before this one. */
    final void onLoss() {
        fragmentType = LOST_FRAGMENT;
    }

    /** The first fragment of a unit. */
    final void onFirstFragment(int type, boolean last) {
        onWholeUnit();
        if (last) {
            deviations.count(CodecDeviation.FRAGMENT_START_AND_END);
        } else {
            fragmentType = type;
        }
    }

    /**
     * A further fragment of a unit.
     *
     * @return {@link #MALFORMED} when its start is missing
     */
    final int onNextFragment(int type, boolean last) {
        boolean known = fragmentType == type;
        boolean excused = fragmentType == LOST_FRAGMENT;
        if (!known && !excused) {
            deviations.count(CodecDeviation.FRAGMENT_WITHOUT_START);
            // The rest of this unit is the same fault, not a new one.
            fragmentType = LOST_FRAGMENT;
        }
        if (last) {
            fragmentType = NO_FRAGMENT;
        }
        return known ? 0 : MALFORMED;
    }

    /** Whether the unit that goes on now has lost packets on the way, so that its start is not the camera's fault. */
    final boolean isAfterLostStart() {
        return fragmentType == LOST_FRAGMENT;
    }

    @Override
    public void reset() {
        super.reset();
        fragmentType = LOST_FRAGMENT;
    }

    // Keyframes.

    /**
     * Reads the messages of an SEI unit for a recovery point (ITU-T H.264 D.1.8, H.265 D.2.8).
     *
     * @param from index of the first byte behind the NAL header
     * @param signedCount the count is se(v) instead of ue(v)
     */
    final int supplementalInformation(ByteBuf buf, int from, int end, boolean signedCount) {
        bits.resetToNal(buf, from, end);
        for (int i = 0; i < MAX_SEI_MESSAGES; i++) {
            int type = seiNumber();
            int size = seiNumber();
            if (bits.isExhausted()) {
                return 0;
            }
            if (type == SEI_RECOVERY_POINT) {
                int count = signedCount ? bits.signedGolomb() : bits.unsignedGolomb();
                if (bits.isExhausted()) {
                    return 0;
                }
                return count == 0 ? RECOVERY_POINT : GRADUAL_RECOVERY;
            }
            if (bits.bytesLeft() - size < MIN_SEI_MESSAGE) {
                // The last one, perhaps a very long one: some cameras fill up with them.
                return 0;
            }
            bits.skip(size * 8);
        }
        return 0;
    }

    /** The coding of payload type and size: bytes of 255, then a smaller one. */
    private int seiNumber() {
        int number = 0;
        int next;
        do {
            next = bits.bits(8);
            number += next;
        } while (next == 255 && !bits.isExhausted());
        return number;
    }

    @Override
    boolean isKeyframe(int evidence) {
        return (evidence & (KEY | RECOVERY_POINT)) != 0
                || ((evidence & GRADUAL_RECOVERY) != 0 && gradualRecoveries > 1 && !keyframeSeen);
    }

    @Override
    void onFrameEvidence(int before, int after) {
        int fresh = after & ~before;
        if ((fresh & GRADUAL_RECOVERY) != 0 && !keyframeSeen && ++gradualRecoveries > 1) {
            // Nothing but a gradual refresh since the second time: better a picture that clears up than none.
            deviations.count(CodecDeviation.INTRA_REFRESH);
        }
        if (isKeyframe(after) && !isKeyframe(before)) {
            keyframeSeen |= (after & GRADUAL_RECOVERY) == 0 || (after & (KEY | RECOVERY_POINT)) != 0;
        }
    }

    final void noteKeyframeWithoutIdr() {
        deviations.count(CodecDeviation.KEYFRAME_NOT_IDR);
    }

    // Start codes (ITU-T H.264 annex B).

    /** Bytes of a start code right at an index: 3, 4 or 0. */
    static int startCodeLength(ByteBuf buf, int at, int end) {
        if (end - at < 4 || buf.getByte(at) != 0 || buf.getByte(at + 1) != 0) {
            return 0;
        }
        if (buf.getByte(at + 2) == 1) {
            return 3;
        }
        return end - at > 4 && buf.getByte(at + 2) == 0 && buf.getByte(at + 3) == 1 ? 4 : 0;
    }

    /** Index of the next {@code 00 00 01} at or behind an index, or {@code end}. */
    static int nextStartCode(ByteBuf buf, int from, int end) {
        for (int i = from; i + 3 < end; i++) {
            if (buf.getByte(i) == 0 && buf.getByte(i + 1) == 0 && buf.getByte(i + 2) == 1) {
                return i;
            }
        }
        return end;
    }

    /** Several units in a payload with start codes between them, as a byte stream has them. */
    final int byteStream(ByteBuf buf, int offset, int end) {
        deviations.count(CodecDeviation.START_CODE_IN_PAYLOAD);
        int evidence = 0;
        int at = offset;
        // Each turn begins behind a start code, so the payload's length bounds the loop.
        while (at < end) {
            int next = nextStartCode(buf, at, end);
            if (next > at) {
                evidence |= nal(buf, at, next);
            }
            at = next + 3;
        }
        return evidence;
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        return picture;
    }
}
