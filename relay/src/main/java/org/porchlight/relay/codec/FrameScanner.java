package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the scanners of all formats with frames of several packets share: a subclass reads one payload and answers with <em>evidence</em>; here the
 * evidence of a frame's packets is gathered and turned into {@link PacketFlags}. Owner: the loop of the track's source.
 */
abstract class FrameScanner implements PayloadScanner {
    // Evidence, bits of an int: of a packet as inspect() returns it, of a frame when gathered over its packets.
    /** Picture data. */
    static final int PICTURE = 1;
    /** The first data of a new picture. */
    static final int BEGINS_PICTURE = 1 << 1;
    /** The frame is a keyframe. */
    static final int KEY = 1 << 2;
    /** Nothing refers to this picture. */
    static final int NOT_REFERENCED = 1 << 3;
    /** Other pictures may refer to this one. */
    static final int REFERENCED = 1 << 4;

    static final int PARAMETER_SET = 1 << 5;
    static final int MALFORMED = 1 << 6;
    static final int FORMAT_CHANGED = 1 << 7;
    /** The first bit that a subclass may use for itself. */
    static final int FIRST_FREE_BIT = 1 << 8;

    final DeviationCounts deviations = new DeviationCounts();
    final BitReader bits = new BitReader();
    private final FrameBoundary boundary = new FrameBoundary(deviations);
    private TrackFormat format;
    private int frameEvidence;
    /** A packet came before this one; who comes in the middle of a frame cannot blame the camera. */
    private boolean frameSeen;

    FrameScanner(TrackFormat format) {
        this.format = format;
    }

    /** Reads one payload and returns its evidence. Nothing outside {@code [offset, offset + length)} may be read. */
    abstract int inspect(ByteBuf buf, int offset, int length, boolean afterLoss);

    /** Whether a frame with this evidence so far is a keyframe. */
    boolean isKeyframe(int evidence) {
        return (evidence & KEY) != 0;
    }

    /** Whether the format marks the first packet of each picture, so that a frame that begins without it has lost it. */
    boolean marksBeginnings() {
        return false;
    }

    /** Called for each packet after its evidence was added to its frame's. */
    void onFrameEvidence(int before, int after) {}

    @Override
    public final int scan(ByteBuf buf, int offset, int length, boolean marker, int rtpTimestamp, boolean afterLoss) {
        int found = length > 0 ? inspect(buf, offset, length, afterLoss) : malformed(CodecDeviation.EMPTY_PAYLOAD);
        bits.clear();
        boolean starts = boundary.begin(rtpTimestamp, afterLoss, (found & BEGINS_PICTURE) != 0);
        if (starts && frameSeen && !afterLoss && marksBeginnings() && (found & (BEGINS_PICTURE | MALFORMED)) == 0) {
            found |= malformed(CodecDeviation.FRAGMENT_WITHOUT_START);
        }
        frameSeen = true;
        int before = starts ? 0 : frameEvidence;
        frameEvidence = before | found;
        onFrameEvidence(before, frameEvidence);
        boolean ends = boundary.end(marker, (found & PICTURE) != 0);
        return flags(starts, ends, found);
    }

    private int flags(boolean starts, boolean ends, int found) {
        int flags = starts ? PacketFlags.FRAME_START : 0;
        flags |= ends ? PacketFlags.FRAME_END : 0;
        flags |= isKeyframe(frameEvidence) ? PacketFlags.KEYFRAME : 0;
        flags |= (found & PARAMETER_SET) != 0 ? PacketFlags.PARAMETER_SETS : 0;
        flags |= (found & MALFORMED) != 0 ? PacketFlags.MALFORMED : 0;
        flags |= (found & FORMAT_CHANGED) != 0 ? PacketFlags.FORMAT_CHANGED : 0;
        boolean disposable = (frameEvidence & (NOT_REFERENCED | REFERENCED)) == NOT_REFERENCED
                && (found & PARAMETER_SET) == 0
                && !isKeyframe(frameEvidence);
        return flags | (disposable ? PacketFlags.DISPOSABLE : 0);
    }

    final int malformed(CodecDeviation deviation) {
        deviations.count(deviation);
        return MALFORMED;
    }

    @Override
    public TrackFormat format() {
        return format;
    }

    final void replaceFormat(TrackFormat newFormat) {
        format = newFormat;
    }

    @Override
    public void reset() {
        boundary.reset();
        frameEvidence = 0;
        frameSeen = false;
    }

    @Override
    public Map<CodecDeviation, Long> tolerances() {
        return deviations.snapshot();
    }

    @Override
    public @Nullable PictureFormat pictureFormat() {
        return null;
    }
}
