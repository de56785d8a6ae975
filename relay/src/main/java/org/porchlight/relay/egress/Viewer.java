package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtp.RtpTimestamps;
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
    private final @Nullable SubStreamSwitch subStream;

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

    /** @param rungs of its ladder, from the best to the last; without a sub stream that one is left out */
    Viewer(ViewerSetting setting, ViewKey key, List<StalenessLadder.Rung> rungs) {
        this.loop = setting.loop();
        this.stream = setting.stream();
        this.listener = setting.listener();
        this.contract = setting.contract();
        this.counters = setting.counters();
        this.nanoTime = setting.nanoTime();
        this.key = key;
        Stream small = setting.subStream();
        this.subStream = small == null ? null : new SubStreamSwitch(this, small, contract);
        List<StalenessLadder.Rung> usable = small != null
                ? rungs
                : rungs.stream()
                        .filter(rung -> rung != StalenessLadder.Rung.SUB_STREAM)
                        .toList();
        this.ladder = new StalenessLadder(contract, usable, nanoTime.getAsLong());
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
        Thinning wanted = wantedThinning();
        if (key.thinning() == Thinning.KEYFRAMES && wanted != Thinning.OTHER_TRACKS) {
            waitForEntry();
        }
        key = key.with(wanted);
    }

    /** What its rung allows it of its main stream. */
    final Thinning wantedThinning() {
        return subStream != null && subStream.isAway()
                ? Thinning.OTHER_TRACKS
                : ladder.rung().thinning();
    }

    /** From now on its pictures come from the main stream, with these headers, from the next entry on. */
    final void useMain(HeaderRewrite rewrite) {
        key = key.with(wantedThinning()).with(rewrite);
        waitForEntry();
    }

    /** What it gets next of pictures begins with a keyframe. */
    final void waitForEntry() {
        if (phase == Phase.LIVE && hasVideo) {
            phase = Phase.WAITING;
        }
    }

    final boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    final long nowNanos() {
        return nanoTime.getAsLong();
    }

    /** Whether it takes its pictures from its main stream again, beginning with this batch, of which it has been given them. */
    final boolean returnsWith(MediaBatch batch, ByteBufAllocator allocator, long nowNanos) {
        return subStream != null && phase != Phase.CLOSED && subStream.returnsWith(batch, allocator, nowNanos);
    }

    /** The sub stream cannot be had: its rung is left out. */
    final void onSubStreamMissing(long nowNanos) {
        ladder.skip(StalenessLadder.Rung.SUB_STREAM, nowNanos);
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
        if (subStream != null) {
            subStream.close();
        }
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
        if (mayReplay()) {
            stream.requestKeyframe(this);
        } else {
            stream.requestKeyframe();
        }
    }

    /** Whether a cached GOP could go out at once, behind everything that it was given. */
    private boolean mayReplay() {
        return (phase == Phase.LIVE || phase == Phase.WAITING)
                && hasVideo
                && !hasBacklog()
                && (subStream == null || subStream.isAtRest());
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
        if (subStream != null) {
            subStream.onMainJoined(snapshot.description(), snapshot.positions(), key, nanoTime.getAsLong());
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

    /**
     * It has asked for a keyframe, and the cache has one. True: its key has changed, and {@link #replay} is to follow in the group of the new
     * key.
     *
     * @param snapshot borrowed
     */
    final boolean turnsBackTo(GopSnapshot snapshot) {
        HeaderRewrite headers = mayReplay() ? CacheReplay.headers(key, snapshot, contract.maxBytes()) : null;
        if (headers == null) {
            return false;
        }
        if (subStream != null) {
            HeaderRewrite before = key.rewrite();
            subStream.onRenumbered(headers.sequenceShift() - (before == null ? 0 : before.sequenceShift()));
        }
        key = key.with(headers);
        return true;
    }

    /** @param snapshot owned by the callee */
    final void replay(GopSnapshot snapshot, Representation representation) {
        counters.increment(Counter.KEYFRAMES_FROM_CACHE);
        CollapsedTimeline timeline = CollapsedTimeline.of(snapshot, CacheReplay.SPAN_MILLIS);
        beginBurst(new Burst(snapshot, timeline, representation));
        phase = Phase.LIVE;
        flush(nanoTime.getAsLong());
    }

    /** The cached GOP does not help: a keyframe of the source may. */
    final void askSourceForKeyframe() {
        stream.requestKeyframe();
    }

    /** Whether there is a GOP of a track that it wants. */
    private boolean isCached(GopSnapshot snapshot) {
        return !snapshot.batches().isEmpty()
                && key.wants(snapshot.batches().get(0).track(snapshot.firstPacket()));
    }

    /**
     * Sequence number of the first packet of each track, and the timestamps of one moment, by which a client brings the tracks together
     * before the first sender reports (RFC 2326 section 12.33): that of the first cached picture. Audio begins only at the live edge, so its
     * timestamp of that moment is older than its first packet.
     */
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
        for (int track = 0; track < first.size(); track++) {
            TrackFormat format = snapshot.description().tracks().get(track);
            if (!found[track] && format.kind() != MediaKind.VIDEO) {
                int ticks = (int) RtpTimestamps.nanosToTicks(timeline.spanNanos(), format.clockRate());
                first.set(track, first.get(track).earlier(ticks));
            }
        }
        return first;
    }

    /**
     * Media of its main stream.
     *
     * @param prepared borrowed
     */
    final void offer(PreparedBatch prepared, long nowNanos) {
        if (subStream == null) {
            take(prepared, nowNanos);
        } else if (!subStream.isAway() || !prepared.hasVideo()) {
            take(prepared, nowNanos);
            subStream.onGiven(prepared, true);
        }
    }

    /**
     * Media of its sub stream, in place of the main stream's pictures.
     *
     * @param prepared borrowed
     */
    final void offerFromSub(PreparedBatch prepared, long nowNanos) {
        take(prepared, nowNanos);
        if (subStream != null) {
            subStream.onGiven(prepared, false);
        }
    }

    private void take(PreparedBatch prepared, long nowNanos) {
        if (phase == Phase.WAITING) {
            if (mayEnter(prepared)) {
                enqueue(prepared, prepared.entryRange(), nowNanos);
            }
        } else if (phase == Phase.LIVE) {
            enqueue(prepared, 0, nowNanos);
        }
    }

    /** Batches of its main stream were lost before they came here: go on at the next keyframe. */
    final void onGap() {
        if (subStream == null || !subStream.isAway()) {
            waitForEntry();
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
            countStepTo(after);
        }
        if (after == StalenessLadder.Rung.DISCONNECTED) {
            close("too_slow", true);
        } else {
            followLadder(nowNanos);
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
            followLadder(nowNanos);
        }
    }

    private void countStepTo(StalenessLadder.Rung rung) {
        switch (rung) {
            case ALL -> counters.increment(Counter.STALE_RECOVERED);
            case THINNED -> counters.increment(Counter.STALE_THINNED);
            case KEYFRAMES_ONLY -> counters.increment(Counter.STALE_KEYFRAMES_ONLY);
            // Counted when the sub stream has a keyframe for it.
            case SUB_STREAM -> {}
            case DISCONNECTED -> counters.increment(Counter.STALE_DISCONNECTED);
        }
    }

    /** The first picture of the sub stream is about to be sent in place of the main stream's. */
    final void onSubStreamBegun() {
        counters.increment(Counter.STALE_SUB_STREAM);
        waitForEntry();
    }

    private void followLadder(long nowNanos) {
        if (subStream != null) {
            subStream.follow(ladder.rung() == StalenessLadder.Rung.SUB_STREAM, nowNanos);
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

    /** Whether something that it was given has not left yet. */
    abstract boolean hasBacklog();

    /** A cached GOP is to be sent before everything else; owned by the callee. */
    abstract void beginBurst(Burst burst);

    /**
     * Live media; it may be kept by a reference.
     *
     * @param fromRange first range to send
     */
    abstract void enqueue(PreparedBatch prepared, int fromRange, long nowNanos);

    /** About every second, told by its main stream. */
    final void tick(long nowNanos) {
        if (subStream != null) {
            subStream.onTick(nowNanos);
            followLadder(nowNanos);
        }
        onTick(nowNanos);
    }

    /** The way by which its datagrams leave, to be flushed with all others; null: it has none. */
    @Nullable
    DatagramTransport datagramTransport() {
        return null;
    }

    /** About every second. */
    abstract void onTick(long nowNanos);

    /** Sends what waits, as far as it goes. */
    abstract void flush(long nowNanos);

    abstract void discardQueue();
}
