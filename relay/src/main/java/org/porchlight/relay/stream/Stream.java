package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;

/**
 * One rendition of a camera inside the relay: takes packets from one source at a time and gives them to everybody who joined.
 *
 * <p>Owner: the event loop of its source. When a source on another loop attaches, ownership moves there by one task on each loop, the
 * state travelling with it. Public methods may be called from any thread unless they say otherwise; they act on the owner, in the order
 * in which they were called from one thread as long as the stream does not move. {@link StreamHub} ends it.
 */
public final class Stream {
    /** Where the stream is in its life. */
    public enum State {
        /** No source, and none is wanted. */
        IDLE,
        /** A source is wanted and has not come yet. */
        OPENING,
        /** A source delivers. */
        LIVE,
        /** The source is gone; viewers wait for it or its successor. */
        LOST,
        /** Taken out of the configuration. */
        ENDED
    }

    /** The most descriptions that wait for one source. */
    private static final int MAX_WAITING = 4096;

    private static final long KEYFRAME_REQUEST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Somebody who waits for the description. */
    private static final class Waiter {
        final CompletableFuture<StreamDescription> result;

        @Nullable
        ScheduledFuture<?> timeout;

        Waiter(CompletableFuture<StreamDescription> result) {
            this.result = result;
        }
    }

    private final String camera;
    private final Rendition rendition;
    private final StreamSettings settings;

    // any thread reads, the owner writes
    private volatile EventExecutor owner;
    private volatile State state = State.IDLE;
    private volatile @Nullable StreamDescription description;
    private volatile long gopBytes;
    private volatile long gopPinnedBytes;
    private volatile long gopShrinkableBytes;
    private volatile int subscriberCount;
    private volatile SourceFigures figures = SourceFigures.NONE;

    // owner only
    private final GopCache gop;
    private final List<LoopFanOut> fanOuts = new ArrayList<>();
    private final List<Waiter> waiting = new ArrayList<>();
    private int subscribers;
    private SourceFigures earlierFigures = SourceFigures.NONE;
    private @Nullable SourceControl source;
    private boolean alwaysOn;
    private boolean sourceOpen;
    private @Nullable Ingest ingest;
    private @Nullable ScheduledFuture<?> pendingClose;
    private @Nullable ScheduledFuture<?> pendingGrace;
    private List<TrackPosition> lastPositions = List.of();
    private List<Ingest.TrackEnd> lastEnds = List.of();
    /** Somebody's permission was taken back: close without lingering once nobody is left. */
    private boolean purged;

    private boolean keyframeAsked;
    private long keyframeAskedNanos;

    Stream(String camera, Rendition rendition, EventExecutor firstOwner, StreamSettings settings) {
        this.camera = camera;
        this.rendition = rendition;
        this.settings = settings;
        this.owner = firstOwner;
        this.gop = new GopCache(settings.budget());
    }

    public String camera() {
        return camera;
    }

    public Rendition rendition() {
        return rendition;
    }

    public State state() {
        return state;
    }

    /** The loop that owns this stream now; a pull source connects on it. */
    public EventExecutor owner() {
        return owner;
    }

    /** What is known of its tracks, also from a source that is gone; null: nothing yet. */
    public @Nullable StreamDescription knownDescription() {
        return description;
    }

    /** What its sources have sent so far. */
    public SourceFigures figures() {
        return figures;
    }

    public int subscriberCount() {
        return subscriberCount;
    }

    /** Media bytes in its GOP cache, a moment old. */
    public long gopBytes() {
        return gopBytes;
    }

    /** Slab bytes that its GOP cache keeps from reuse, a moment old. */
    public long gopPinnedBytes() {
        return gopPinnedBytes;
    }

    /** Media bytes that {@link #shrinkGop} would let go of, a moment old. */
    long gopShrinkableBytes() {
        return gopShrinkableBytes;
    }

    StreamSettings settings() {
        return settings;
    }

    // ---- sources

    /**
     * Says how to open a source by itself; a control that was in use before is closed and gives way to this one.
     *
     * @param always keep it open without viewers
     */
    public void useSource(SourceControl control, boolean always) {
        onOwner(() -> {
            if (state == State.ENDED) {
                return;
            }
            SourceControl before = source;
            if (before != null && before != control && sourceOpen) {
                sourceOpen = false;
                before.close();
            }
            source = control;
            alwaysOn = always;
            if (always || subscribers > 0 || !waiting.isEmpty()) {
                openSource();
            } else {
                closeIfIdle();
            }
        });
    }

    /**
     * A source has its tracks and is about to deliver: the stream moves to its loop.
     *
     * @param sourceLoop the loop on which the source will call the {@link Ingest}
     * @return completes on {@code sourceLoop}; fails with {@link StreamException}
     */
    public CompletionStage<Ingest> attach(
            EventExecutor sourceLoop, StreamDescription newDescription, IngestOptions options) {
        CompletableFuture<Ingest> result = new CompletableFuture<>();
        onOwner(() -> attachOnOwner(sourceLoop, newDescription, options, result));
        return result;
    }

    private void attachOnOwner(
            EventExecutor sourceLoop,
            StreamDescription newDescription,
            IngestOptions options,
            CompletableFuture<Ingest> result) {
        Ingest previous = ingest;
        if (state == State.ENDED) {
            fail(sourceLoop, result, StreamException.Reason.ENDED, "camera " + camera + " was removed");
            return;
        }
        if (previous != null && !options.replace()) {
            fail(sourceLoop, result, StreamException.Reason.OCCUPIED, "camera " + camera + " has a source");
            return;
        }
        if (previous != null) {
            detach(previous);
            state = sourceOpen ? State.OPENING : State.LOST;
            previous.options().onReplaced().run();
        }
        if (owner == sourceLoop) {
            result.complete(begin(newDescription, options));
        } else {
            // From the write of the owner on this loop touches nothing any more. Whoever comes in between finds a
            // stream
            // without a source, so everything is asked again there.
            cancelTimers();
            owner = sourceLoop;
            onOwner(() -> attachOnOwner(sourceLoop, newDescription, options, result));
        }
    }

    private static void fail(
            EventExecutor loop, CompletableFuture<Ingest> result, StreamException.Reason reason, String message) {
        loop.execute(() -> result.completeExceptionally(new StreamException(reason, message)));
    }

    private Ingest begin(StreamDescription newDescription, IngestOptions options) {
        cancelTimers();
        StreamDescription before = description;
        if (before != null && !before.isContinuedBy(newDescription)) {
            endSubscribers("format_changed");
            forgetTracks();
            gop.reset();
            before = null;
        }
        StreamDescription shown = before == null ? newDescription : keepingPayloadTypes(before, newDescription);
        description = shown;
        Ingest fresh = new Ingest(this, shown, newDescription, options, lastEnds);
        ingest = fresh;
        state = State.LIVE;
        takeWaiting().forEach(result -> result.complete(shown));
        if (subscribers == 0) {
            scheduleClose();
        }
        return fresh;
    }

    private static StreamDescription keepingPayloadTypes(StreamDescription shown, StreamDescription incoming) {
        List<TrackFormat> tracks = new ArrayList<>();
        for (int i = 0; i < shown.tracks().size(); i++) {
            tracks.add(incoming.tracks()
                    .get(i)
                    .withPayloadType(shown.tracks().get(i).payloadType()));
        }
        return new StreamDescription(tracks);
    }

    /** Called by the ingest on the owner: the source is gone. */
    void onIngestClosed(Ingest closed) {
        assert owner.inEventLoop();
        if (ingest != closed) {
            return;
        }
        detach(closed);
        if (state == State.ENDED) {
            return;
        }
        state = sourceOpen ? State.OPENING : State.LOST;
        if (subscribers == 0 && !sourceOpen) {
            forgetSource();
        } else {
            pendingGrace =
                    owner.schedule(this::onGraceOver, settings.sourceGrace().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void detach(Ingest closed) {
        lastPositions = closed.positions();
        lastEnds = closed.ends();
        earlierFigures = earlierFigures.plus(closed.figures());
        figures = earlierFigures;
        closed.discard();
        ingest = null;
        gop.clear();
        publishGopSize();
    }

    private void onGraceOver() {
        pendingGrace = null;
        if (ingest == null) {
            endSubscribers("source_gone");
            forgetSource();
            closeIfIdle();
        }
    }

    /** What is known of a source that has been gone for long is no longer told: who asks now waits for its return. */
    private void forgetSource() {
        if (state != State.ENDED) {
            state = sourceOpen ? State.OPENING : State.IDLE;
            description = null;
            forgetTracks();
        }
    }

    private void forgetTracks() {
        lastPositions = List.of();
        lastEnds = List.of();
    }

    /** Called by the ingest on the owner, about every second. */
    void onFigures(SourceFigures current) {
        figures = earlierFigures.plus(current);
    }

    /** Called by the ingest on the owner: parameter sets have changed. */
    void onFormatLearned(StreamDescription learned) {
        description = learned;
    }

    /**
     * Called by the ingest on the owner with a finished batch, which it gives away.
     *
     * @param more another batch of the same read follows: viewers may wait for it and send both at once
     */
    void publish(MediaBatch batch, boolean more) {
        var counters = settings.counters().apply(owner);
        counters.increment(Counter.BATCHES);
        if (gop.append(batch)) {
            counters.increment(Counter.GOP_CACHE_SHRUNK);
        }
        publishGopSize();
        for (int i = 0; i < fanOuts.size(); i++) {
            fanOuts.get(i).batch(batch, counters, more);
        }
        batch.release();
    }

    /**
     * Somebody needs a keyframe that the cache does not have: asks the source, if it is one that can be asked, at most once per second. What
     * came of it is counted. May be called from any thread.
     */
    public void requestKeyframe() {
        onOwner(this::askForKeyframe);
    }

    /**
     * A viewer that has joined needs a keyframe: if there is one in the cache, and live packets follow it, the viewer's {@link LoopEgress} is given it;
     * else the source is asked as by {@link #requestKeyframe()}. May be called from any thread.
     */
    public void requestKeyframe(Subscriber subscriber) {
        onOwner(() -> {
            StreamDescription known = description;
            if (known != null && gop.canStart()) {
                for (int i = 0; i < fanOuts.size(); i++) {
                    LoopFanOut fanOut = fanOuts.get(i);
                    if (fanOut.has(subscriber) && fanOut.keyframe(subscriber, snapshot(known))) {
                        return;
                    }
                }
            }
            askForKeyframe();
        });
    }

    private GopSnapshot snapshot(StreamDescription known) {
        return new GopSnapshot(gop.retainedBatches(), gop.firstPacket(), gop.isComplete(), known, positions());
    }

    private void askForKeyframe() {
        Ingest current = ingest;
        long now = settings.nanoTime().getAsLong();
        boolean early = keyframeAsked && now - keyframeAskedNanos < KEYFRAME_REQUEST_INTERVAL_NANOS;
        boolean asked =
                current != null && !early && current.options().keyframeRequest().getAsBoolean();
        if (asked) {
            keyframeAsked = true;
            keyframeAskedNanos = now;
        }
        settings.counters().apply(owner).increment(asked ? Counter.KEYFRAMES_REQUESTED : Counter.KEYFRAMES_WITHHELD);
    }

    private void publishGopSize() {
        gopBytes = gop.bytes();
        gopPinnedBytes = gop.pinnedBytes();
        gopShrinkableBytes = gop.shrinkableBytes();
    }

    // ---- viewers

    /**
     * The tracks, as soon as they are known; opens the source if there is one to open.
     *
     * @return completes on any loop; fails with {@link StreamException} after the describe time-out
     */
    public CompletionStage<StreamDescription> describe() {
        StreamDescription known = description;
        State now = state;
        if (known != null && (now == State.LIVE || now == State.LOST || now == State.OPENING)) {
            if (subscriberCount == 0) {
                onOwner(this::lingerAnew);
            }
            return CompletableFuture.completedStage(known);
        }
        CompletableFuture<StreamDescription> result = new CompletableFuture<>();
        onOwner(() -> describeOnOwner(result));
        return result;
    }

    private void describeOnOwner(CompletableFuture<StreamDescription> result) {
        StreamDescription known = description;
        if (state == State.LIVE && known != null) {
            result.complete(known);
        } else if (state == State.ENDED || source == null || waiting.size() >= MAX_WAITING) {
            result.completeExceptionally(unavailable());
        } else {
            Waiter waiter = new Waiter(result);
            waiting.add(waiter);
            waiter.timeout = owner.schedule(
                    () -> onOwner(() -> giveUp(waiter)),
                    settings.describeTimeout().toMillis(),
                    TimeUnit.MILLISECONDS);
            openSource();
        }
    }

    private void giveUp(Waiter waiter) {
        if (waiting.remove(waiter)) {
            waiter.result.completeExceptionally(unavailable());
            closeIfIdle();
        }
    }

    private List<CompletableFuture<StreamDescription>> takeWaiting() {
        List<CompletableFuture<StreamDescription>> results = new ArrayList<>(waiting.size());
        for (Waiter waiter : waiting) {
            results.add(waiter.result);
            ScheduledFuture<?> timeout = waiter.timeout;
            if (timeout != null) {
                timeout.cancel(false);
            }
        }
        waiting.clear();
        return results;
    }

    /** Somebody was told of the tracks and will come in a moment. */
    private void lingerAnew() {
        if (pendingClose != null) {
            scheduleClose();
        }
    }

    private StreamException unavailable() {
        return new StreamException(StreamException.Reason.SOURCE_UNAVAILABLE, "camera " + camera + " has no source");
    }

    /** Joins; what follows is told to the {@link LoopEgress} of the subscriber's loop. Opens the source if need be. */
    public void subscribe(Subscriber subscriber) {
        onOwner(() -> {
            StreamDescription known = description;
            if (state == State.ENDED || known == null) {
                subscriber.executor().execute(() -> subscriber.onRefused("source_gone"));
                return;
            }
            LoopFanOut fanOut = fanOutFor(subscriber.executor());
            if (fanOut.has(subscriber)) {
                return;
            }
            if (fanOut.join(subscriber, snapshot(known))) {
                purged = false;
                cancelClose();
                countSubscribers(subscribers + 1);
                openSource();
                if (ingest != null && !gop.canStart()) {
                    askForKeyframe();
                }
            } else {
                // By then the loop that is behind has told what waits for it.
                subscriber.executor().execute(() -> subscribe(subscriber));
            }
        });
    }

    private List<TrackPosition> positions() {
        Ingest current = ingest;
        return current == null ? lastPositions : current.positions();
    }

    /** Leaves; may be repeated, also by one that never joined, and may come from any thread. */
    public void unsubscribe(Subscriber subscriber) {
        onOwner(() -> {
            for (int i = 0; i < fanOuts.size(); i++) {
                LoopFanOut fanOut = fanOuts.get(i);
                if (fanOut.has(subscriber)) {
                    leave(fanOut, subscriber);
                    return;
                }
            }
        });
    }

    private void leave(LoopFanOut fanOut, Subscriber subscriber) {
        if (!fanOut.leave(subscriber)) {
            subscriber.executor().execute(() -> unsubscribe(subscriber));
            return;
        }
        countSubscribers(subscribers - 1);
        if (fanOut.subscribers() == 0) {
            fanOuts.remove(fanOut);
        }
        closeIfIdle();
    }

    private void countSubscribers(int count) {
        subscribers = count;
        subscriberCount = count;
    }

    private LoopFanOut fanOutFor(EventExecutor loop) {
        for (int i = 0; i < fanOuts.size(); i++) {
            if (fanOuts.get(i).loop() == loop) {
                return fanOuts.get(i);
            }
        }
        LoopFanOut fanOut = new LoopFanOut(
                loop, settings.egress().create(this, loop), settings.counters().apply(loop));
        fanOuts.add(fanOut);
        return fanOut;
    }

    private void endSubscribers(String reason) {
        for (LoopFanOut fanOut : fanOuts) {
            fanOut.end(reason);
        }
        fanOuts.clear();
        countSubscribers(0);
    }

    // ---- opening and closing on demand

    private void openSource() {
        SourceControl control = source;
        if (control == null || sourceOpen || state == State.ENDED) {
            return;
        }
        sourceOpen = true;
        if (state == State.IDLE) {
            state = State.OPENING;
        }
        control.open();
    }

    private void closeIfIdle() {
        if (subscribers == 0 && waiting.isEmpty() && sourceOpen && !alwaysOn) {
            if (purged) {
                cancelClose();
                closeSource();
            } else {
                scheduleClose();
            }
        }
    }

    private void scheduleClose() {
        cancelClose();
        if (source != null && !alwaysOn && sourceOpen) {
            pendingClose = owner.schedule(this::onLingerOver, settings.linger().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void onLingerOver() {
        pendingClose = null;
        if (subscribers == 0 && waiting.isEmpty()) {
            closeSource();
        }
    }

    private void closeSource() {
        SourceControl control = source;
        if (control == null || !sourceOpen) {
            return;
        }
        sourceOpen = false;
        control.close();
        if (ingest == null) {
            forgetSource();
        }
    }

    private void cancelClose() {
        ScheduledFuture<?> pending = pendingClose;
        pendingClose = null;
        if (pending != null) {
            pending.cancel(false);
        }
    }

    private void cancelTimers() {
        cancelClose();
        ScheduledFuture<?> grace = pendingGrace;
        pendingGrace = null;
        if (grace != null) {
            grace.cancel(false);
        }
    }

    // ---- consent, memory, end

    /**
     * Empties the GOP cache, and closes a source on demand as soon as nobody is left: somebody's permission has been taken back.
     *
     * @return completes when the cache is empty
     */
    public CompletionStage<Void> purge() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        onOwner(() -> {
            gop.clear();
            publishGopSize();
            purged = true;
            closeIfIdle();
            done.complete(null);
        });
        return done;
    }

    /** Lets the GOP cache shrink to its keyframe; asked by the hub when memory is short. */
    void shrinkGop() {
        onOwner(() -> {
            if (gop.shrinkToKeyframe()) {
                publishGopSize();
                settings.counters().apply(owner).increment(Counter.GOP_CACHE_SHRUNK);
            }
        });
    }

    /** Ends the stream for good: viewers are closed, the source is let go. */
    public CompletionStage<Void> end(String reason) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        onOwner(() -> {
            if (state != State.ENDED) {
                state = State.ENDED;
                cancelTimers();
                endSubscribers(reason);
                takeWaiting().forEach(result -> result.completeExceptionally(unavailable()));
                closeSource();
                Ingest current = ingest;
                if (current != null) {
                    detach(current);
                    current.options().onReplaced().run();
                }
                gop.clear();
                publishGopSize();
                description = null;
                forgetTracks();
            }
            done.complete(null);
        });
        return done;
    }

    private void onOwner(Runnable task) {
        EventExecutor expected = owner;
        expected.execute(() -> {
            if (owner == expected) {
                task.run();
            } else {
                onOwner(task);
            }
        });
    }
}
