package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;

/** The viewers of RTP packets of one stream on one loop, and the ring that they share; it is there as long as they are. Owner: that loop. */
final class LoopPackets {
    private final ByteBufAllocator allocator;
    private final LoopCounters counters;
    private final List<PacketFeed> feeds = new ArrayList<>();
    private @Nullable PacketRing ring;

    LoopPackets(ByteBufAllocator allocator, LoopCounters counters) {
        this.allocator = allocator;
        this.counters = counters;
    }

    boolean isEmpty() {
        return feeds.isEmpty();
    }

    /** @param snapshot owned by the callee */
    void onJoin(PacketFeed feed, GopSnapshot snapshot) {
        try {
            if (feed.hasLeft()) {
                feed.leaveAgain();
                return;
            }
            PacketRing shared = ring;
            if (shared == null) {
                shared = new PacketRing(snapshot, allocator, counters);
                ring = shared;
            }
            feeds.add(feed);
            feed.onJoin(shared);
        } finally {
            snapshot.close();
        }
    }

    void onLeave(PacketFeed feed) {
        feeds.remove(feed);
        closeIfEmpty();
    }

    private void closeIfEmpty() {
        PacketRing unused = ring;
        if (feeds.isEmpty() && unused != null) {
            ring = null;
            unused.close();
        }
    }

    /** @param batch borrowed */
    void onBatch(MediaBatch batch) {
        PacketRing shared = ring;
        if (shared != null && !feeds.isEmpty()) {
            shared.append(batch, feeds.get(0).stream().knownDescription());
        }
    }

    void onGap() {
        PacketRing shared = ring;
        if (shared != null) {
            shared.markGap();
        }
    }

    void onEndOfBatches(long nowNanos) {
        for (int i = 0; i < feeds.size(); i++) {
            feeds.get(i).onMedia(nowNanos);
        }
    }

    void onTick(long nowNanos) {
        for (int i = 0; i < feeds.size(); i++) {
            feeds.get(i).onTick(nowNanos);
        }
    }

    void onEnd(String reason) {
        List<PacketFeed> all = List.copyOf(feeds);
        feeds.clear();
        all.forEach(feed -> feed.onEnd(reason));
        closeIfEmpty();
    }
}
