package org.porchlight.relay.codec;

/** What a {@link PayloadScanner} says of one RTP packet, as bits of an {@code int}. */
public final class PacketFlags {
    /** The first packet of a frame (access unit). */
    public static final int FRAME_START = 1;
    /** The last packet of a frame: the marker bit, where the camera sets it rightly. */
    public static final int FRAME_END = 1 << 1;
    /**
     * The frame that this packet belongs to can be decoded without any before it. Set on every packet from the first one that shows
     * it to the end of the frame, so it may first appear in the middle of a frame (parameter sets or SEI came before).
     */
    public static final int KEYFRAME = 1 << 2;
    /** Nothing refers to this frame: it may be left out without harm (H.264 nal_ref_idc 0, sub-layer non-reference, temporal layer). */
    public static final int DISPOSABLE = 1 << 3;
    /** The packet carries a parameter set (SPS, PPS, VPS, AV1 sequence header). */
    public static final int PARAMETER_SETS = 1 << 4;
    /** The payload is damaged or senseless: too short, fragment without start. It is counted and still passed on. */
    public static final int MALFORMED = 1 << 5;
    /** The parameter sets in this packet differ from those known before: {@link PayloadScanner#format()} has changed. */
    public static final int FORMAT_CHANGED = 1 << 6;

    private PacketFlags() {}

    public static boolean isSet(int flags, int flag) {
        return (flags & flag) != 0;
    }
}
