package org.porchlight.relay.server;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.porchlight.relay.admission.Rendition;

/**
 * What one stream was doing a moment ago.
 *
 * @param since when it got into its condition; empty: since the start
 * @param detail one line about the condition, for example the last error; empty: nothing to say
 * @param tracks its tracks, empty while they are not known
 * @param bitsPerSecond media received, averaged over about the last second
 * @param lostPackets sequence numbers that never came, since the relay knows the stream
 * @param viewers playing now
 * @param transport how media comes, for example {@code tcp}; empty: it does not
 * @param findings tolerances at work and what to change at the camera
 */
public record StreamState(
        String camera,
        Rendition rendition,
        Condition condition,
        Optional<Instant> since,
        String detail,
        List<Track> tracks,
        long bitsPerSecond,
        long lostPackets,
        int viewers,
        String transport,
        List<Finding> findings) {
    public StreamState {
        tracks = List.copyOf(tracks);
        findings = List.copyOf(findings);
    }

    /** What a stream can be doing. */
    public enum Condition {
        /** On demand, and nobody asks. */
        IDLE,
        /** On the way to the camera. */
        CONNECTING,
        /** Packets flow. */
        LIVE,
        /** Lost or unreachable; the next attempt is planned. */
        WAITING,
        /** Nobody publishes now. */
        UNPUBLISHED
    }

    /**
     * One track.
     *
     * @param kind {@code video}, {@code audio} or {@code application}
     * @param codec encoding name, for example {@code H264}
     */
    public record Track(String kind, String codec, int clockRate) {}

    /**
     * Something about this camera that the relay bends to.
     *
     * @param code stable name
     * @param advice which camera setting to change, one sentence
     * @param count how often it was seen
     */
    public record Finding(String code, String advice, long count) {}
}
