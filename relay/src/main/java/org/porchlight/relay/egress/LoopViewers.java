package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.LoopEgress;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Subscriber;

/**
 * The viewers of one stream on one loop, grouped by the bytes they want: each batch is made ready once per group. Besides them there may be
 * guests: viewers of the main stream who have to make do with this one. Owner: that loop.
 */
public final class LoopViewers implements LoopEgress {
    private static final class Group {
        final Representation representation;
        final List<Viewer> viewers = new ArrayList<>();

        Group(Representation representation) {
            this.representation = representation;
        }
    }

    private final EventExecutor loop;
    private final ByteBufAllocator allocator;
    private final LoopCounters counters;
    private final LongSupplier nanoTime;
    private final List<Group> groups = new ArrayList<>();
    private final LoopPackets packets;
    private final List<SubStreamFeed> guests = new ArrayList<>();
    private final List<DatagramTransport> transports = new ArrayList<>();
    private @Nullable ScheduledFuture<?> tick;

    /**
     * @param counters of that loop
     * @param nanoTime the relay's clock, ns
     */
    public LoopViewers(EventExecutor loop, ByteBufAllocator allocator, LoopCounters counters, LongSupplier nanoTime) {
        this.loop = loop;
        this.allocator = allocator;
        this.counters = counters;
        this.packets = new LoopPackets(allocator, counters);
        this.nanoTime = nanoTime;
    }

    @Override
    public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
        assert loop.inEventLoop();
        if (subscriber instanceof PacketFeed feed) {
            if (!transports.contains(feed.viewer().transport())) {
                transports.add(feed.viewer().transport());
            }
            packets.onJoin(feed, snapshot);
            startTicking();
            stopIfEmpty();
            return;
        }
        if (subscriber instanceof SubStreamFeed feed) {
            guests.add(feed);
            rememberTransport(feed.viewer());
            feed.onJoin(snapshot, allocator);
            return;
        }
        Viewer viewer = (Viewer) subscriber;
        if (viewer.isClosed()) {
            snapshot.close();
            viewer.leaveAgain();
            return;
        }
        Group group = groupOf(viewer.key());
        group.viewers.add(viewer);
        rememberTransport(viewer);
        startTicking();
        viewer.onJoin(snapshot, group.representation);
    }

    private void startTicking() {
        if (tick == null) {
            tick = loop.scheduleAtFixedRate(this::onTick, 1, 1, TimeUnit.SECONDS);
        }
    }

    private void rememberTransport(Viewer viewer) {
        DatagramTransport transport = viewer.datagramTransport();
        if (transport != null && !transports.contains(transport)) {
            transports.add(transport);
        }
    }

    private Group groupOf(ViewKey key) {
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).representation.key().equals(key)) {
                return groups.get(i);
            }
        }
        Group group = new Group(new Representation(key, allocator, counters));
        groups.add(group);
        return group;
    }

    @Override
    public void onKeyframeCached(Subscriber subscriber, GopSnapshot snapshot) {
        Viewer viewer = (Viewer) subscriber;
        Group before = groupWith(viewer);
        if (before == null || viewer.isClosed()) {
            snapshot.close();
            return;
        }
        if (!viewer.turnsBackTo(snapshot)) {
            snapshot.close();
            viewer.askSourceForKeyframe();
            return;
        }
        before.viewers.remove(viewer);
        if (before.viewers.isEmpty()) {
            groups.remove(before);
        }
        Group group = groupOf(viewer.key());
        group.viewers.add(viewer);
        viewer.replay(snapshot, group.representation);
    }

    private @Nullable Group groupWith(Viewer viewer) {
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).viewers.contains(viewer)) {
                return groups.get(i);
            }
        }
        return null;
    }

    @Override
    public void onLeave(Subscriber subscriber) {
        if (subscriber instanceof PacketFeed feed) {
            packets.onLeave(feed);
            stopIfEmpty();
            return;
        }
        if (subscriber instanceof SubStreamFeed feed) {
            guests.remove(feed);
            stopIfEmpty();
            return;
        }
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            if (group.viewers.remove(subscriber)) {
                if (group.viewers.isEmpty()) {
                    groups.remove(i);
                }
                break;
            }
        }
        stopIfEmpty();
    }

    private void stopIfEmpty() {
        ScheduledFuture<?> running = tick;
        if (groups.isEmpty() && packets.isEmpty() && running != null) {
            tick = null;
            running.cancel(false);
        }
        if (groups.isEmpty() && guests.isEmpty() && packets.isEmpty()) {
            transports.clear();
        }
    }

    @Override
    public void onBatch(MediaBatch batch) {
        long now = nanoTime.getAsLong();
        boolean mayReturn = false;
        for (int g = 0; g < groups.size(); g++) {
            Group group = groups.get(g);
            mayReturn |= group.representation.key().thinning() == Thinning.OTHER_TRACKS;
            PreparedBatch prepared = group.representation.prepare(batch);
            if (prepared == null) {
                continue;
            }
            try {
                List<Viewer> viewers = group.viewers;
                for (int i = 0; i < viewers.size(); i++) {
                    viewers.get(i).offer(prepared, now);
                }
            } finally {
                prepared.release();
            }
        }
        packets.onBatch(batch);
        for (int i = 0; i < guests.size(); i++) {
            guests.get(i).onBatch(batch, now);
        }
        if (mayReturn && (batch.allFlags() & MediaBatch.ENTRY) != 0) {
            takeBack(batch, now);
        }
    }

    /** Viewers that have been away at the sub stream and may return find a keyframe here. */
    private void takeBack(MediaBatch batch, long nowNanos) {
        List<Viewer> returning = new ArrayList<>();
        for (Group group : groups) {
            if (group.representation.key().thinning() == Thinning.OTHER_TRACKS) {
                for (Viewer viewer : group.viewers) {
                    if (viewer.returnsWith(batch, allocator, nowNanos)) {
                        returning.add(viewer);
                    }
                }
            }
            group.viewers.removeAll(returning);
        }
        groups.removeIf(group -> group.viewers.isEmpty());
        for (Viewer viewer : returning) {
            groupOf(viewer.key()).viewers.add(viewer);
        }
    }

    @Override
    public void onGap() {
        packets.onGap();
        for (SubStreamFeed guest : guests) {
            guest.onGap();
        }
        for (Group group : groups) {
            for (Viewer viewer : group.viewers) {
                viewer.onGap();
            }
        }
    }

    @Override
    public void onEndOfBatches() {
        long now = nanoTime.getAsLong();
        boolean moves = false;
        for (int g = 0; g < groups.size(); g++) {
            Group group = groups.get(g);
            Thinning thinning = group.representation.key().thinning();
            List<Viewer> viewers = group.viewers;
            for (int i = 0; i < viewers.size(); i++) {
                Viewer viewer = viewers.get(i);
                viewer.flush(now);
                moves |= viewer.wantedThinning() != thinning;
            }
        }
        packets.onEndOfBatches(now);
        for (int i = 0; i < guests.size(); i++) {
            guests.get(i).viewer().flush(now);
        }
        for (int i = 0; i < transports.size(); i++) {
            transports.get(i).flush();
        }
        if (moves) {
            regroup();
        }
    }

    /** Viewers whose rung has changed want other bytes from now on. */
    private void regroup() {
        List<Viewer> moving = new ArrayList<>();
        for (Group group : groups) {
            Thinning thinning = group.representation.key().thinning();
            for (Viewer viewer : group.viewers) {
                if (viewer.wantedThinning() != thinning) {
                    moving.add(viewer);
                }
            }
            group.viewers.removeAll(moving);
        }
        groups.removeIf(group -> group.viewers.isEmpty());
        for (Viewer viewer : moving) {
            viewer.useWantedThinning();
            groupOf(viewer.key()).viewers.add(viewer);
        }
    }

    private void onTick() {
        long now = nanoTime.getAsLong();
        for (Group group : groups) {
            for (Viewer viewer : group.viewers) {
                viewer.tick(now);
            }
        }
        packets.onTick(now);
        for (int i = 0; i < transports.size(); i++) {
            transports.get(i).flush();
        }
    }

    @Override
    public void onEnd(String reason) {
        List<Viewer> all = new ArrayList<>();
        groups.forEach(group -> all.addAll(group.viewers));
        groups.clear();
        List<SubStreamFeed> feeds = List.copyOf(guests);
        guests.clear();
        stopIfEmpty();
        feeds.forEach(SubStreamFeed::onEnd);
        packets.onEnd(reason);
        stopIfEmpty();
        all.forEach(viewer -> viewer.close(reason, false));
    }
}
