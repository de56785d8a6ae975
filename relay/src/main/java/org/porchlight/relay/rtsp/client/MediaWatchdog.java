package org.porchlight.relay.rtsp.client;

/** How long a camera that plays may be silent. Owner: the loop of the connection. */
final class MediaWatchdog {
    private final ClientSettings settings;
    private boolean playing;
    private boolean mediaSeen;
    private long deadlineNanos = Long.MAX_VALUE;

    MediaWatchdog(ClientSettings settings) {
        this.settings = settings;
    }

    /**
     * The camera plays.
     *
     * @param probing another transport may be tried if nothing comes
     */
    void begin(boolean probing, long nowNanos) {
        playing = true;
        long wait = mediaSeen ? settings.mediaNanos() : probing ? settings.udpProbeNanos() : settings.firstMediaNanos();
        deadlineNanos = nowNanos + wait;
    }

    /** RTP came. */
    void onMedia(long nowNanos) {
        mediaSeen = true;
        if (playing) {
            deadlineNanos = nowNanos + settings.mediaNanos();
        }
    }

    boolean isMediaSeen() {
        return mediaSeen;
    }

    /** When the camera has been silent for too long; {@link Long#MAX_VALUE}: it does not play yet. */
    long deadlineNanos() {
        return deadlineNanos;
    }
}
