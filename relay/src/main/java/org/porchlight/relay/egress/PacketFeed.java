package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.Subscriber;

/** The place of a {@link PacketViewer} in one stream. Owner: the viewer's loop; the viewer makes it leave. */
final class PacketFeed implements Subscriber {
    private final PacketViewer viewer;
    private final Stream stream;
    private boolean left;
    private @Nullable PacketRing ring;
    private int videoTrack = -1;
    private int audioTrack = -1;

    PacketFeed(PacketViewer viewer, Stream stream) {
        this.viewer = viewer;
        this.stream = stream;
    }

    /** Opens the stream if need be, and joins it. */
    void open() {
        stream.describe().whenComplete((description, failure) -> executor().execute(() -> onDescribed(description)));
    }

    private void onDescribed(@Nullable StreamDescription description) {
        if (left) {
            return;
        }
        if (description == null) {
            viewer.onFeedFailed(this, "source_gone");
        } else {
            stream.subscribe(this);
        }
    }

    /** Nothing comes any more; may be repeated. */
    void leave() {
        left = true;
        ring = null;
        stream.unsubscribe(this);
    }

    boolean hasLeft() {
        return left;
    }

    /** It left before it had joined; the stream hears it once more. */
    void leaveAgain() {
        stream.unsubscribe(this);
    }

    PacketViewer viewer() {
        return viewer;
    }

    Stream stream() {
        return stream;
    }

    /** Null before the stream is joined. */
    @Nullable
    PacketRing ring() {
        return ring;
    }

    /** Track of the stream that the viewer's video comes from; -1: none. */
    int videoTrack() {
        return videoTrack;
    }

    int audioTrack() {
        return audioTrack;
    }

    @Override
    public EventExecutor executor() {
        return viewer.executor();
    }

    @Override
    public void onRefused(String reason) {
        if (!left) {
            viewer.onFeedFailed(this, reason);
        }
    }

    // ---- told by LoopPackets, on the loop

    void onJoin(PacketRing joined) {
        ring = joined;
        videoTrack = trackOf(joined.description(), viewer.video());
        audioTrack = trackOf(joined.description(), viewer.audio());
        if (videoTrack < 0 && viewer.video() != null) {
            viewer.onFeedFailed(this, "format_changed");
        } else {
            viewer.onFeedReady(this);
        }
    }

    private static int trackOf(StreamDescription description, @Nullable PacketTrack wanted) {
        if (wanted == null) {
            return -1;
        }
        for (int i = 0; i < description.tracks().size(); i++) {
            TrackFormat format = description.tracks().get(i);
            if (format.codec() == wanted.format().codec()
                    && format.clockRate() == wanted.format().clockRate()
                    && format.channels() == wanted.format().channels()) {
                return i;
            }
        }
        return -1;
    }

    /** Something new is in the ring. */
    void onMedia(long nowNanos) {
        if (!left) {
            viewer.onMedia(this, nowNanos);
        }
    }

    void onTick(long nowNanos) {
        if (!left) {
            viewer.onTick(this, nowNanos);
        }
    }

    void onEnd(String reason) {
        if (!left) {
            viewer.onFeedFailed(this, reason);
        }
    }
}
