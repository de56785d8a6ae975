package org.porchlight.bench.packet;

/**
 * One frame cut to RTP packets, once, for all cameras that show it: the packets lie one behind the other with everything in place but
 * sequence number, timestamp, SSRC and stamp. All packets but the last have the same length where the frame allows it, so that
 * a whole frame is one UDP GSO message. Immutable.
 */
public final class FrameTemplate {
    private final byte[] bytes;
    private final int[] starts;
    private final int stampIndex;
    private final boolean keyframe;

    /**
     * @param bytes the packets, owned by the template from now on
     * @param starts index of the first byte of each packet, ascending, the first is 0
     * @param stampIndex index of the stamp's UUID, -1: no stamp
     */
    FrameTemplate(byte[] bytes, int[] starts, int stampIndex, boolean keyframe) {
        this.bytes = bytes;
        this.starts = starts;
        this.stampIndex = stampIndex;
        this.keyframe = keyframe;
    }

    public int packets() {
        return starts.length;
    }

    public int start(int packet) {
        return starts[packet];
    }

    public int length(int packet) {
        return (packet + 1 < starts.length ? starts[packet + 1] : bytes.length) - starts[packet];
    }

    /** All packets together. */
    public int bytes() {
        return bytes.length;
    }

    public boolean isKeyframe() {
        return keyframe;
    }

    int stampIndex() {
        return stampIndex;
    }

    /** Lent, not to be changed. */
    byte[] array() {
        return bytes;
    }
}
