package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;

/** Somebody who sends or receives media under a permit, as {@link Sessions} sees it. */
public interface Session {
    /** The loop that owns it. */
    EventExecutor executor();

    /**
     * Ends it at once; nothing is sent after this call, and what is unsent is discarded, also in the kernel. Called on
     * {@link #executor()}; may be repeated.
     *
     * @return when the last packet was handed to the kernel, of the relay's clock; {@link Long#MIN_VALUE}: none was
     */
    long cut(String reason);

    /** By which protocol it came: {@code rtsp} or {@code webrtc}. */
    String protocol();

    /** What it has done so far; any thread, a moment old. */
    SessionFigures figures();
}
