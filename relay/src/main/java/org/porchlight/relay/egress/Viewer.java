package org.porchlight.relay.egress;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.Subscriber;
import org.porchlight.relay.stream.TrackPosition;

/**
 * One receiving session: where it stands in a stream, and the staleness contract that it is under. Owner: its loop. Its protocol closes it;
 * it closes itself when the contract or the stream ends.
 */
public abstract class Viewer implements Subscriber {
    /** What a viewer waits for. */
    protected enum Phase {
        /** Not told of by the stream yet. */
        JOINING,
        /** Gets nothing before a packet with which a decoder can start. */
        WAITING,
        LIVE,
        CLOSED
    }

    private static final long KEYFRAME_REQUEST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventExecutor loop;
    private final Stream stream;
    private final ViewerListener listener;
    protected final StalenessContract contract;
    protected final LoopCounters counters;
    protected final LongSupplier nanoTime;
    private final StalenessLadder ladder;

    private ViewKey key;
    protected Phase phase = Phase.JOINING;
    private @Nullable String endReason;
    private boolean hasVideo;
    private long startNanos;
    private boolean keyframeSent;
    private boolean keyframeAsked;
    private long keyframeAskedNanos;

    // totals
    protected long sentPackets;
    protected long sentBytes;
    protected long lastSendNanos;
    private boolean everSent;

    /** @param lowest the last rung of its ladder */
    Viewer(ViewerSetting setting, ViewKey key, StalenessLadder.Rung lowest) {
        this.loop = setting.loop();
        this.stream = setting.stream();
        this.listener = setting.listener();
        this.contract = setting.contract();
        this.counters = setting.counters();
        this.nanoTime = setting.nanoTime();
        this.key = key;
        this.ladder = new StalenessLadder(contract, lowest, nanoTime.getAsLong());
    }

    @Override
    public final EventExecutor executor() {
        return loop;
    }

    /** Joins the stream; everything else follows from there. Owner only. */
    public final void start() {
        assert loop.inEventLoop();
        startNanos = nanoTime.getAsLong();
        stream.subscribe(this);
    }

    /** It was closed before it had joined: says so to the stream once more, as the first time may have come before the join. */
    final void leaveAgain() {
        stream.unsubscribe(this);
    }

    @Override
    public final void onRefused(String reason) {
        close(reason, false);
    }

    ViewKey key() {
        return key;
    }

    /**
     * From now on it gets what its rung allows. Who climbs up from keyframes alone lacks the frames that the present ones refer to, and waits for the
     * next keyframe.
     */
    final void useWantedThinning() {
        if (key.thinning() == Thinning.KEYFRAMES && phase == Phase.LIVE && hasVideo) {
            phase = Phase.WAITING;
        }
        key = key.with(wantedThinning());
    }

    /** What its rung allows it. */
    final Thinning wantedThinning() {
        return ladder.rung().thinning();
    }

    protected final boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    /** RTP packets handed to the kernel. */
    public final long sentPackets() {
        return sentPackets;
    }

    /** RTP bytes with their framing handed to the kernel. */
    public final long sentBytes() {
        return sentBytes;
    }

    /** How often it was dropped to the next keyframe. */
    public final long drops() {
        return ladder.totalDrops();
    }

    /** Where it stands on the staleness ladder, for example {@code all}, {@code keyframes_only}. */
    public final String rung() {
        return ladder.rung().name().toLowerCase(Locale.ROOT);
    }

    /** When the last media was handed to the kernel, of the relay's clock; {@link Long#MIN_VALUE}: never. */
    public final long lastSendNanos() {
        return everSent ? lastSendNanos : Long.MIN_VALUE;
    }

    /**
     * Ends it. Nothing is sent after this call.
     *
     * @param abrupt also what the kernel holds is to be discarded
     */
    public final void close(String reason, boolean abrupt) {
        assert loop.inEventLoop();
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        endReason = reason;
        discardQueue();
        stream.unsubscribe(this);
        listener.onEnd(reason, abrupt);
    }

    /**
     * Its player cannot go on without a keyframe. At most one request per second is heard; what came of each is counted. Owner only.
     *
     * @param nowNanos of the relay's clock
     */
    public final void requestKeyframe(long nowNanos) {
        assert loop.inEventLoop();
        if (phase == Phase.JOINING || phase == Phase.CLOSED || !hasVideo) {
            return;
        }
        if (keyframeAsked && nowNanos - keyframeAskedNanos < KEYFRAME_REQUEST_INTERVAL_NANOS) {
            counters.increment(Counter.KEYFRAMES_WITHHELD);
            return;
        }
        keyframeAsked = true;
        keyframeAskedNanos = nowNanos;
        stream.requestKeyframe();
    }

    /** Why it was closed; null: it is open. */
    public final @Nullable String endReason() {
        return endReason;
    }

    // ---- told by LoopViewers, on the loop

    /** @param snapshot owned by the callee */
    final void onJoin(GopSnapshot snapshot, Representation representation) {
        if (phase != Phase.JOINING) {
            snapshot.close();
            return;
        }
        hasVideo = false;
        for (int i = 0; i < snapshot.description().tracks().size(); i++) {
            boolean video = snapshot.description().tracks().get(i).kind() == MediaKind.VIDEO;
            hasVideo |= video && key.wants(i);
        }
        boolean cached = isCached(snapshot);
        phase = hasVideo ? Phase.WAITING : Phase.LIVE;
        counters.increment(Counter.VIEWERS_OPENED);
        CollapsedTimeline timeline = cached ? CollapsedTimeline.of(snapshot) : null;
        listener.onStart(firstPositions(snapshot, timeline));
        if (timeline == null || isClosed()) {
            snapshot.close();
            return;
        }
        boolean live = snapshot.isComplete();
        beginBurst(new Burst(snapshot, timeline, representation));
        phase = live ? Phase.LIVE : Phase.WAITING;
        flush(nanoTime.getAsLong());
    }

    /** Whether there is a GOP of a track that it wants. */
    private boolean isCached(GopSnapshot snapshot) {
        return !snapshot.batches().isEmpty()
                && key.wants(snapshot.batches().get(0).track(snapshot.firstPacket()));
    }

    private List<TrackPosition> firstPositions(GopSnapshot snapshot, @Nullable CollapsedTimeline timeline) {
        List<TrackPosition> first = new ArrayList<>(snapshot.positions());
        if (key.datagram()) {
            first.replaceAll(TrackPosition::asDatagrams);
        }
        if (phase == Phase.WAITING && (timeline == null || !snapshot.isComplete())) {
            first.replaceAll(TrackPosition::asNotStarted);
        }
        if (timeline == null) {
            return first;
        }
        boolean[] found = new boolean[first.size()];
        int skip = snapshot.firstPacket();
        for (MediaBatch batch : snapshot.batches()) {
            for (int i = skip; i < batch.count(); i++) {
                int track = batch.track(i);
                if (track < found.length && !found[track] && (batch.flags(i) & MediaBatch.VIDEO) != 0) {
                    found[track] = true;
                    TrackPosition edge = first.get(track);
                    int number = RtpHeader.sequenceNumber(batch.slab(), batch.offset(i));
                    first.set(
                            track,
                            new TrackPosition(
                                    edge.ssrc(),
                                    key.datagram() ? number + batch.datagramShift(i) & 0xffff : number,
                                    timeline.collapse(track, batch.rtpTimestamp(i)),
                                    true,
                                    edge.ntpTime(),
                                    edge.ntpRtpTimestamp(),
                                    edge.packets(),
                                    edge.octets()));
                }
            }
            skip = 0;
        }
        return first;
    }

    /** @param prepared borrowed */
    final void offer(PreparedBatch prepared, long nowNanos) {
        if (phase == Phase.WAITING) {
            if (mayEnter(prepared)) {
                enqueue(prepared, prepared.entryRange(), nowNanos);
            }
        } else if (phase == Phase.LIVE) {
            enqueue(prepared, 0, nowNanos);
        }
    }

    /** Batches were lost before they came here: go on at the next keyframe. */
    final void onGap() {
        if (phase == Phase.LIVE && hasVideo) {
            phase = Phase.WAITING;
        }
    }

    /** The last packet of some keyframe was handed to the kernel. */
    protected final void onKeyframeSent(long nowNanos) {
        if (!keyframeSent) {
            keyframeSent = true;
            listener.onFirstKeyframe(nowNanos - startNanos);
        }
    }

    /** Behind by more than the contract allows: throw away what waits and go on at the next keyframe, perhaps one rung lower. */
    protected final void dropToKeyframe(long droppedPackets, long droppedBytes, long nowNanos) {
        counters.add(Counter.VIEWER_DROPPED_PACKETS, droppedPackets);
        counters.add(Counter.VIEWER_DROPPED_BYTES, droppedBytes);
        StalenessLadder.Rung before = ladder.rung();
        StalenessLadder.Rung after = ladder.onDrop(nowNanos);
        counters.increment(Counter.STALE_TO_KEYFRAME);
        if (hasVideo) {
            phase = Phase.WAITING;
        }
        if (before != after) {
            counters.increment(
                    switch (after) {
                        case ALL -> Counter.STALE_RECOVERED;
                        case THINNED -> Counter.STALE_THINNED;
                        case KEYFRAMES_ONLY -> Counter.STALE_KEYFRAMES_ONLY;
                        case DISCONNECTED -> Counter.STALE_DISCONNECTED;
                    });
        }
        if (after == StalenessLadder.Rung.DISCONNECTED) {
            close("too_slow", true);
        }
    }

    /** Whether the batch can be entered, now that the queue before it was dropped; then the viewer is live again. */
    protected final boolean mayEnter(PreparedBatch prepared) {
        if (phase != Phase.WAITING) {
            return true;
        }
        if (prepared.entryRange() < 0) {
            return false;
        }
        phase = Phase.LIVE;
        return true;
    }

    protected final void recoverIfKeptUp(long nowNanos) {
        if (ladder.recover(nowNanos)) {
            counters.increment(Counter.STALE_RECOVERED);
        }
    }

    protected final void countSent(long packets, long bytes, long nowNanos) {
        sentPackets += packets;
        sentBytes += bytes;
        lastSendNanos = nowNanos;
        everSent = true;
        counters.add(Counter.SENT_PACKETS, packets);
        counters.add(Counter.SENT_BYTES, bytes);
    }

    // ---- what the ways of sending differ in

    /** A cached GOP is to be sent before everything else; owned by the callee. */
    abstract void beginBurst(Burst burst);

    /**
     * Live media; it may be kept by a reference.
     *
     * @param fromRange first range to send
     */
    abstract void enqueue(PreparedBatch prepared, int fromRange, long nowNanos);

    /** About every second. */
    abstract void onTick(long nowNanos);

    /** Sends what waits, as far as it goes. */
    abstract void flush(long nowNanos);

    abstract void discardQueue();
}
