package org.porchlight.relay.server;

import java.time.Instant;
import org.porchlight.relay.admission.Rendition;

/**
 * One open session a moment ago.
 *
 * @param session as admission named it
 * @param person as admission named him
 * @param remote address and port of the client
 * @param transport how its media travels, for example {@code tcp}, {@code udp}, {@code http}
 * @param packets RTP packets sent to a viewer or received from a publisher
 * @param drops how often a viewer was dropped to the next keyframe because it was behind
 * @param behind where a viewer stands on the staleness ladder, for example {@code live}, {@code keyframes_only}
 */
public record SessionState(
        String session,
        Kind kind,
        String camera,
        Rendition rendition,
        String person,
        String remote,
        String protocol,
        String transport,
        Instant since,
        long packets,
        long bytes,
        long drops,
        String behind) {

    /** What the client does. */
    public enum Kind {
        VIEW,
        PUBLISH
    }
}
