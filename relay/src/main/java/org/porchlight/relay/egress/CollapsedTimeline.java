package org.porchlight.relay.egress;

import java.util.Arrays;
import java.util.List;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.TrackPosition;

/**
 * Timestamps of a cached GOP pressed together up to the live edge, so that a viewer that joins decodes it at once and is live then: neither
 * fast-forward nor lasting delay. Linear, so the order of frames stays, also with B-frames. Immutable.
 */
final class CollapsedTimeline {
    /** In which a viewer that joins is shown the GOP. */
    private static final int SPAN_MILLIS = 100;

    private final int[] edge;
    private final long[] span;
    private final long[] collapsedSpan;
    private long spanNanos;

    private CollapsedTimeline(int tracks) {
        edge = new int[tracks];
        span = new long[tracks];
        collapsedSpan = new long[tracks];
    }

    /** As a viewer that joins gets it. */
    static CollapsedTimeline of(GopSnapshot snapshot) {
        return of(snapshot, SPAN_MILLIS);
    }

    /** @param spanMillis the GOP is shown within this time */
    static CollapsedTimeline of(GopSnapshot snapshot, int spanMillis) {
        List<TrackPosition> positions = snapshot.positions();
        CollapsedTimeline timeline = new CollapsedTimeline(positions.size());
        for (int track = 0; track < positions.size(); track++) {
            timeline.edge[track] = positions.get(track).rtpTimestamp();
        }
        boolean[] found = new boolean[positions.size()];
        int skip = snapshot.firstPacket();
        for (MediaBatch batch : snapshot.batches()) {
            for (int i = skip; i < batch.count(); i++) {
                int track = batch.track(i);
                if (track < found.length && !found[track] && (batch.flags(i) & MediaBatch.VIDEO) != 0) {
                    found[track] = true;
                    timeline.span[track] =
                            Math.max(0, RtpTimestamps.distance(batch.rtpTimestamp(i), timeline.edge[track]));
                }
            }
            skip = 0;
        }
        for (int track = 0; track < found.length; track++) {
            var format = snapshot.description().tracks().get(track);
            long limit = format.kind() == MediaKind.VIDEO ? (long) format.clockRate() * spanMillis / 1000 : 0;
            timeline.collapsedSpan[track] = Math.min(timeline.span[track], limit);
            if (timeline.collapsedSpan[track] > 0) {
                long nanos = RtpTimestamps.ticksToNanos(timeline.collapsedSpan[track], format.clockRate());
                timeline.spanNanos = Math.max(timeline.spanNanos, nanos);
            }
        }
        return timeline;
    }

    /** The timestamp that a viewer gets instead of a cached one. */
    int collapse(int track, int rtpTimestamp) {
        long before = RtpTimestamps.distance(rtpTimestamp, edge[track]);
        if (span[track] == 0 || before <= 0) {
            return rtpTimestamp;
        }
        return (int) (edge[track] - before * collapsedSpan[track] / span[track]);
    }

    /** How long before the live edge the cached pictures begin, in ns. */
    long spanNanos() {
        return spanNanos;
    }

    @Override
    public String toString() {
        return "CollapsedTimeline" + Arrays.toString(span) + "->" + Arrays.toString(collapsedSpan);
    }
}
