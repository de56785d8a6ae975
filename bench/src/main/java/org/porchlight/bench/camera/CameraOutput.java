package org.porchlight.bench.camera;

import io.netty.buffer.ByteBuf;
import org.porchlight.bench.packet.FrameTemplate;

/** Where the packets of a session go. Called on the session's event loop. */
public interface CameraOutput {

    /** False while the far side takes nothing: the camera then leaves frames out. */
    boolean isWritable();

    /** Interleaved RTP channel of a track, or -1 when the track goes by UDP. RTCP goes on the next channel. */
    int interleavedChannel(int track);

    /**
     * Sends whole frames.
     *
     * @param packets owned by the callee from now on; framed as {@link #interleavedChannel} says
     * @param template tells where one packet ends
     */
    void sendFrame(int track, ByteBuf packets, FrameTemplate template);

    /**
     * Sends single packets of a frame, chosen and ordered by the impairment.
     *
     * @param packet owned by the callee from now on
     */
    void sendPacket(int track, ByteBuf packet);

    /**
     * Sends a sender report.
     *
     * @param report owned by the callee from now on
     */
    void sendReport(int track, ByteBuf report);

    /** Puts on the wire what was sent since the last flush. */
    void flush();
}
