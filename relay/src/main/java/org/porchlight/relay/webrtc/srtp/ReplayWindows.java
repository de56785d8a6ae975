package org.porchlight.relay.webrtc.srtp;

import org.jspecify.annotations.Nullable;

/**
 * The replay windows of the SSRCs heard so far, at most {@link SrtpSender#MAX_SSRCS}. None is ever given up for another: its packets could
 * then be replayed. Owner: its receiver.
 */
final class ReplayWindows {
    private final @Nullable ReplayWindow[] windows = new ReplayWindow[SrtpSender.MAX_SSRCS];
    private int count;
    private @Nullable ReplayWindow last;

    @Nullable
    ReplayWindow find(int ssrc) {
        ReplayWindow recent = last;
        if (recent != null && recent.ssrc() == ssrc) {
            return recent;
        }
        for (int i = 0; i < count; i++) {
            ReplayWindow window = windows[i];
            if (window != null && window.ssrc() == ssrc) {
                last = window;
                return window;
            }
        }
        return null;
    }

    boolean isFull() {
        return count == windows.length;
    }

    /**
     * Notes an authenticated packet.
     *
     * @param window what {@link #find} said
     */
    void accept(@Nullable ReplayWindow window, int ssrc, long packetIndex) {
        if (window != null) {
            window.accept(packetIndex);
        } else {
            ReplayWindow first = new ReplayWindow(ssrc, packetIndex);
            windows[count++] = first;
            last = first;
        }
    }
}
