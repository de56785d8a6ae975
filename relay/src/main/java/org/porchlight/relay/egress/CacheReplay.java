package org.porchlight.relay.egress;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.TrackPosition;

/**
 * How a viewer that has lost the picture goes on with the cached GOP. Pure.
 *
 * <p>Design note. Its player would take the numbers of the GOP for old packets, so they go on behind the last one that it was given: from then on all
 * its packets are ahead of the stream's by as many as the GOP has, and it no longer shares their bytes with the others. Timestamps are pressed
 * together into less than the time of one frame before the live edge, so they do not run back behind the frame before.
 */
final class CacheReplay {
    /** Shorter than a frame at 60 frames per second. */
    static final int SPAN_MILLIS = 10;

    private CacheReplay() {}

    /**
     * The headers that the GOP, and everything after it, has for this viewer.
     *
     * @param key what it has wanted so far
     * @param maxBytes a larger GOP is not sent again
     * @return null: it has to wait for a keyframe of the source
     */
    static @Nullable HeaderRewrite headers(ViewKey key, GopSnapshot snapshot, int maxBytes) {
        int track = onlyVideoTrack(key, snapshot.description().tracks());
        List<MediaBatch> batches = snapshot.batches();
        if (track < 0 || batches.isEmpty() || !snapshot.isComplete() || bytes(batches) > maxBytes) {
            return null;
        }
        MediaBatch first = batches.get(0);
        int entry = snapshot.firstPacket();
        if (first.track(entry) != track) {
            return null;
        }
        TrackPosition edge = snapshot.positions().get(track);
        int begin = RtpHeader.sequenceNumber(first.slab(), first.offset(entry));
        int end = edge.nextSequenceNumber();
        if (key.datagram()) {
            begin += first.datagramShift(entry);
            end = edge.asDatagrams().nextSequenceNumber();
        }
        HeaderRewrite before = key.rewrite();
        int payloadType = snapshot.description().tracks().get(track).payloadType();
        int sequenceShift = (before == null ? 0 : before.sequenceShift()) + end - begin & 0xffff;
        int timestampShift = before == null ? 0 : before.timestampShift();
        return new HeaderRewrite(track, track, edge.ssrc(), payloadType, sequenceShift, timestampShift, true);
    }

    private static int onlyVideoTrack(ViewKey key, List<TrackFormat> tracks) {
        int found = -1;
        for (int i = 0; i < tracks.size(); i++) {
            if (tracks.get(i).kind() == MediaKind.VIDEO && key.wants(i)) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
    }

    private static long bytes(List<MediaBatch> batches) {
        long sum = 0;
        for (MediaBatch batch : batches) {
            sum += batch.bytes();
        }
        return sum;
    }
}
