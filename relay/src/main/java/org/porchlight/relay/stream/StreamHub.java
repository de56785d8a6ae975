package org.porchlight.relay.stream;

import io.netty.util.concurrent.EventExecutor;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;

/** Every stream of a relay by camera and rendition. Thread-safe. */
public final class StreamHub {
    /** Far above what one node carries; a bound against names made up by publishers. */
    public static final int MAX_STREAMS = 20_000;

    private record Key(String camera, Rendition rendition) {}

    private final List<? extends EventExecutor> loops;
    private final StreamSettings settings;
    private final ConcurrentMap<Key, Stream> streams = new ConcurrentHashMap<>();
    private final AtomicInteger nextLoop = new AtomicInteger();

    /** @param loops the media loops; streams begin on them in turn */
    public StreamHub(List<? extends EventExecutor> loops, StreamSettings settings) {
        this.loops = List.copyOf(loops);
        this.settings = settings;
    }

    public StreamSettings settings() {
        return settings;
    }

    /**
     * The stream of that name, made if it was not there.
     *
     * @throws IllegalStateException when there are {@link #MAX_STREAMS}
     */
    public Stream open(String camera, Rendition rendition) {
        Key key = new Key(camera, rendition);
        Stream known = streams.get(key);
        if (known != null) {
            return known;
        }
        if (streams.size() >= MAX_STREAMS) {
            throw new IllegalStateException("more than " + MAX_STREAMS + " streams");
        }
        return streams.computeIfAbsent(key, k -> new Stream(k.camera(), k.rendition(), nextLoop(), settings));
    }

    /** A loop for what belongs to no stream. */
    public EventExecutor homeLoop() {
        return loops.get(0);
    }

    private EventExecutor nextLoop() {
        return loops.get(Math.floorMod(nextLoop.getAndIncrement(), loops.size()));
    }

    public @Nullable Stream find(String camera, Rendition rendition) {
        return streams.get(new Key(camera, rendition));
    }

    /** Takes a stream out and ends it; completes when its viewers have been told. Unknown ones are done at once. */
    public CompletionStage<Void> remove(String camera, Rendition rendition, String reason) {
        Stream stream = streams.remove(new Key(camera, rendition));
        return stream == null ? CompletableFuture.completedStage(null) : stream.end(reason);
    }

    /** All streams, a live view. */
    public Collection<Stream> streams() {
        return streams.values();
    }

    /** Lets the largest GOP caches without viewers, then with, shrink to their keyframe until the budget is met. Call about every 250 ms. */
    public void relieveMemory() {
        long overdraft = settings.budget().overdraft();
        if (overdraft == 0) {
            return;
        }
        // What streams say of themselves changes meanwhile, so it is asked once.
        List<Shrinkable> largestIdleFirst = streams.values().stream()
                .map(s -> new Shrinkable(s, s.subscriberCount() > 0, s.gopShrinkableBytes()))
                .filter(s -> s.bytes() > 0)
                .sorted(Comparator.comparing(Shrinkable::watched)
                        .thenComparing(Shrinkable::bytes, Comparator.reverseOrder()))
                .toList();
        for (Shrinkable shrinkable : largestIdleFirst) {
            if (overdraft <= 0) {
                return;
            }
            overdraft -= shrinkable.bytes();
            shrinkable.stream().shrinkGop();
        }
    }

    private record Shrinkable(Stream stream, boolean watched, long bytes) {}

    /** Media bytes in all GOP caches, a moment old. */
    public long gopBytes() {
        return streams.values().stream().mapToLong(Stream::gopBytes).sum();
    }

    /** Slab bytes that all GOP caches keep from reuse, a moment old. */
    public long gopPinnedBytes() {
        return streams.values().stream().mapToLong(Stream::gopPinnedBytes).sum();
    }
}
