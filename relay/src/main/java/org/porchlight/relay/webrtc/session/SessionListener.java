package org.porchlight.relay.webrtc.session;

import io.netty.buffer.ByteBuf;
import org.porchlight.relay.webrtc.ice.IcePath;

/** What a session is for: viewer or publisher. Called on the session's loop, within a call to the session. After {@link #onEnded} nothing comes. */
public interface SessionListener {
    /**
     * Keys and a path are there: media may flow, both ways. Once at most.
     *
     * @param session whose sender and path are set
     */
    void onConnected(WebRtcSession session, long nowNanos);

    /** What is sent from now on goes there; also called once right after {@link #onConnected}. */
    void onPath(IcePath path);

    /**
     * An RTP packet, authentic and opened.
     *
     * @param packet borrowed
     * @param index absolute index of the header
     * @param length bytes without the tag
     */
    void onRtp(ByteBuf packet, int index, int length, long nowNanos);

    /** A compound RTCP packet, authentic and opened; parameters as in {@link #onRtp}. */
    void onRtcp(ByteBuf packet, int index, int length, long nowNanos);

    /** Nothing may be sent any more. Once. */
    void onEnded(SessionEnd end);
}
