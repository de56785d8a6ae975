package org.porchlight.relay.codec;

/**
 * Where frames begin and end, from marker bit and timestamp (RFC 3550 section 5.1), although cameras set both in every wrong way. Owner: the
 * loop of the track's source.
 *
 * <p>A frame begins when the timestamp changes or after a marker. When a packet behind a marker goes on with the same frame, the marker has
 * lied: from then on it is not believed and a frame's end shows only at the next one's start, until {@link #CLEAN_FRAMES} frames of
 * several packets in a row had their marker on the last packet and nowhere else. A marker counts only once the frame has shown picture
 * data: parameter sets that carry one do no harm.
 */
final class FrameBoundary {
    static final int CLEAN_FRAMES = 250;

    private final DeviationCounts deviations;

    private boolean inFrame;
    private int lastTimestamp;
    private boolean pictureSeen;
    private boolean lastMarked;
    private boolean lastMarkedEarly;
    private int packets;
    private int markers;
    private boolean lossSeen;

    private boolean trusted = true;
    private int cleanFrames;

    FrameBoundary(DeviationCounts deviations) {
        this.deviations = deviations;
    }

    /**
     * A packet came.
     *
     * @param beginsPicture its payload says that it begins a new picture
     * @return whether it is the first of a frame
     */
    boolean begin(int rtpTimestamp, boolean afterLoss, boolean beginsPicture) {
        boolean starts;
        if (!inFrame) {
            starts = true;
        } else if (rtpTimestamp != lastTimestamp) {
            closeFrame(afterLoss);
            starts = true;
        } else {
            starts = startsWithSameTimestamp(afterLoss, beginsPicture);
        }
        inFrame = true;
        lastTimestamp = rtpTimestamp;
        if (starts) {
            pictureSeen = false;
            packets = 0;
            markers = 0;
            lossSeen = false;
        }
        lossSeen |= afterLoss;
        packets++;
        return starts;
    }

    private boolean startsWithSameTimestamp(boolean afterLoss, boolean beginsPicture) {
        if (lastMarkedEarly) {
            deviations.count(CodecDeviation.MARKER_ON_PARAMETER_SETS);
            return false;
        }
        if (!lastMarked) {
            return false;
        }
        if (afterLoss) {
            return trusted;
        }
        if (beginsPicture) {
            deviations.count(CodecDeviation.TIMESTAMP_REPEATED);
            return true;
        }
        deviations.count(CodecDeviation.MARKER_WITHIN_FRAME);
        trusted = false;
        cleanFrames = 0;
        return false;
    }

    private void closeFrame(boolean afterLoss) {
        if (afterLoss || lossSeen) {
            return;
        }
        if (pictureSeen && !lastMarked) {
            deviations.count(CodecDeviation.MARKER_MISSING);
        }
        if (packets > 1) {
            cleanFrames = lastMarked && markers == 1 ? cleanFrames + 1 : 0;
            trusted |= cleanFrames >= CLEAN_FRAMES;
        }
    }

    /**
     * To be called once after {@link #begin}.
     *
     * @param picture the packet carries picture data
     * @return whether it is known to be the last of its frame
     */
    boolean end(boolean marker, boolean picture) {
        pictureSeen |= picture;
        lastMarked = marker && pictureSeen;
        lastMarkedEarly = marker && !pictureSeen;
        if (lastMarked) {
            markers++;
        }
        return lastMarked && trusted;
    }

    /** Forgets the frame; what was learnt about the marker stays. */
    void reset() {
        inFrame = false;
        lastMarked = false;
        lastMarkedEarly = false;
    }
}
