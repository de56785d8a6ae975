package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;

/** Viewers of a loop that write down what they are told. */
final class RecordingEgress implements LoopEgress {
    /** A packet as a viewer would get it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Got(int track, int channel, byte[] rtp, int flags) {
        int sequence() {
            return ((rtp[2] & 0xff) << 8) | (rtp[3] & 0xff);
        }

        int timestamp() {
            return java.nio.ByteBuffer.wrap(rtp).getInt(4);
        }

        int ssrc() {
            return java.nio.ByteBuffer.wrap(rtp).getInt(8);
        }

        boolean isReport() {
            return (flags & MediaBatch.REPORT) != 0;
        }
    }

    /** A subscriber that counts what it is told. */
    static final class Watcher implements Subscriber {
        private final EventExecutor loop;
        final List<Got> cached = new ArrayList<>();
        final List<Got> live = new ArrayList<>();
        List<TrackPosition> positions = List.of();
        String ended = "";
        String refused = "";
        int joins;
        int gaps;

        Watcher(EventExecutor loop) {
            this.loop = loop;
        }

        @Override
        public EventExecutor executor() {
            return loop;
        }

        @Override
        public void onRefused(String reason) {
            refused = reason;
        }

        /** Live packets of a track without reports. */
        List<Got> media(int track) {
            return live.stream()
                    .filter(g -> g.track() == track && !g.isReport())
                    .toList();
        }

        List<Got> reports() {
            return live.stream().filter(Got::isReport).toList();
        }
    }

    private final List<Watcher> watchers = new ArrayList<>();

    @Override
    public void onJoin(Subscriber subscriber, GopSnapshot snapshot) {
        Watcher watcher = (Watcher) subscriber;
        watcher.joins++;
        watcher.positions = snapshot.positions();
        int from = snapshot.firstPacket();
        for (MediaBatch batch : snapshot.batches()) {
            copy(batch, from, watcher.cached);
            from = 0;
        }
        snapshot.close();
        watchers.add(watcher);
    }

    @Override
    public void onLeave(Subscriber subscriber) {
        watchers.remove(subscriber);
    }

    @Override
    public void onBatch(MediaBatch batch) {
        watchers.forEach(w -> copy(batch, 0, w.live));
    }

    private static void copy(MediaBatch batch, int from, List<Got> into) {
        for (int i = from; i < batch.count(); i++) {
            byte[] rtp = new byte[batch.length(i)];
            batch.slab().getBytes(batch.offset(i), rtp);
            int header = batch.slab().getInt(batch.offset(i) - 4);
            if (header >>> 24 != '$' || (header & 0xffff) != rtp.length) {
                throw new AssertionError("no interleaved header in front of the packet");
            }
            into.add(new Got(batch.track(i), (header >>> 16) & 0xff, rtp, batch.flags(i)));
        }
    }

    @Override
    public void onGap() {
        watchers.forEach(w -> w.gaps++);
    }

    @Override
    public void onEndOfBatches() {}

    @Override
    public void onEnd(String reason) {
        watchers.forEach(w -> w.ended = reason);
        watchers.clear();
    }
}
