package org.porchlight.relay.rtsp.client;

/**
 * What came over one connection so far.
 *
 * @param packets RTP packets passed on
 * @param bytes of these packets
 * @param garbageBytes skipped between frames
 * @param garbageRuns times that bytes were skipped
 * @param unroutedFrames interleaved frames that belonged to no track
 * @param strangerDatagrams that came from others than the camera, or were too short
 */
public record MediaFigures(
        long packets, long bytes, long garbageBytes, long garbageRuns, long unroutedFrames, long strangerDatagrams) {
    /** Nothing came. */
    public static final MediaFigures NONE = new MediaFigures(0, 0, 0, 0, 0, 0);

    /** These and those of a connection before. */
    public MediaFigures plus(MediaFigures other) {
        return new MediaFigures(
                packets + other.packets,
                bytes + other.bytes,
                garbageBytes + other.garbageBytes,
                garbageRuns + other.garbageRuns,
                unroutedFrames + other.unroutedFrames,
                strangerDatagrams + other.strangerDatagrams);
    }
}
