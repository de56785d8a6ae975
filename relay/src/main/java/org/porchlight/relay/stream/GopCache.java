package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;

/**
 * The current group of pictures of one stream: every batch since the frame that the last keyframe began with. It holds one reference per
 * batch and no copy of anything. Owner: the loop of the stream's source.
 *
 * <p>A keyframe may show itself only in the middle of its frame (access unit delimiter, SEI or parameter sets came first), so the cache
 * remembers where the current frame began, and the new GOP starts there.
 *
 * <p>Invariants: the first batch holds the first packet of the GOP at {@link #firstPacket}; a cache that was cut down is not
 * {@link #complete}: it shows its keyframe, but what follows cannot be decoded before the next one.
 */
final class GopCache {
    private final GopBudget budget;
    private final ArrayDeque<MediaBatch> batches = new ArrayDeque<>();
    private int firstPacket;
    private boolean hasKeyframe;
    private boolean complete = true;
    private @Nullable MediaBatch frameBatch;
    private int framePacket;
    private boolean frameIsKey;
    private @Nullable MediaBatch keyframeEnd;
    private long bytes;
    private long pinnedBytes;

    GopCache(GopBudget budget) {
        this.budget = budget;
    }

    /** Takes a batch in if it has video (everything else joins at the live edge); keeps a reference of its own. */
    void append(MediaBatch batch) {
        if ((batch.allFlags() & MediaBatch.VIDEO) == 0) {
            return;
        }
        push(batch);
        int wanted = PacketFlags.FRAME_START | PacketFlags.KEYFRAME | PacketFlags.FRAME_END;
        if ((batch.allFlags() & wanted) != 0) {
            follow(batch);
        }
        if (!hasKeyframe) {
            keepOnlyCurrentFrame();
        } else if (complete && (bytes > budget.maxBytesPerStream() || budget.isFarOverdrawn())) {
            shrinkToKeyframe();
        } else if (!complete && !frameIsKey) {
            dropLast(batch);
        }
    }

    private void follow(MediaBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            int flags = batch.flags(i);
            if ((flags & MediaBatch.VIDEO) == 0) {
                continue;
            }
            if (PacketFlags.isSet(flags, PacketFlags.FRAME_START) || frameBatch == null) {
                frameBatch = batch;
                framePacket = i;
                frameIsKey = false;
            }
            if (!frameIsKey && PacketFlags.isSet(flags, PacketFlags.KEYFRAME)) {
                frameIsKey = true;
                beginAtCurrentFrame();
            }
            if (frameIsKey) {
                keyframeEnd = batch;
            }
        }
    }

    private void beginAtCurrentFrame() {
        MediaBatch start = frameBatch;
        while (batches.peekFirst() != null && batches.peekFirst() != start) {
            dropFirst();
        }
        firstPacket = framePacket;
        hasKeyframe = true;
        complete = true;
    }

    private void keepOnlyCurrentFrame() {
        while (batches.size() > 1 && batches.peekFirst() != frameBatch) {
            dropFirst();
        }
        if (bytes > budget.maxBytesPerStream()) {
            clear();
        }
    }

    /** Lets go of everything behind the keyframe; viewers that join see the picture at once and go on with the next GOP. */
    void shrinkToKeyframe() {
        if (!hasKeyframe || !complete) {
            return;
        }
        complete = false;
        while (batches.size() > 1 && batches.peekLast() != keyframeEnd) {
            dropLastOne();
        }
        if (bytes > budget.maxBytesPerStream()) {
            clear();
        }
    }

    /** Forgets all, for example when the owner has said no. */
    void clear() {
        while (!batches.isEmpty()) {
            dropFirst();
        }
        hasKeyframe = false;
        complete = true;
        frameBatch = null;
        keyframeEnd = null;
        frameIsKey = false;
        firstPacket = 0;
    }

    /** The cached batches, each retained for the caller, first to last; empty when there is no keyframe. */
    List<MediaBatch> retainedBatches() {
        if (!hasKeyframe) {
            return List.of();
        }
        List<MediaBatch> copy = new ArrayList<>(batches.size());
        for (MediaBatch batch : batches) {
            batch.retain();
            copy.add(batch);
        }
        return copy;
    }

    /** Index of the GOP's first packet within the first batch. */
    int firstPacket() {
        return firstPacket;
    }

    /** Whether live packets can follow what is cached without a gap. */
    boolean isComplete() {
        return complete;
    }

    boolean hasKeyframe() {
        return hasKeyframe;
    }

    /** Media bytes held. */
    long bytes() {
        return bytes;
    }

    /** Capacity of the slabs that these media bytes keep from being reused. */
    long pinnedBytes() {
        return pinnedBytes;
    }

    private void push(MediaBatch batch) {
        MediaBatch last = batches.peekLast();
        batches.addLast((MediaBatch) batch.retain());
        account(batch, last == null ? null : last.slab(), 1);
    }

    private void dropFirst() {
        MediaBatch batch = batches.removeFirst();
        MediaBatch next = batches.peekFirst();
        account(batch, next == null ? null : next.slab(), -1);
        batch.release();
    }

    private void dropLastOne() {
        MediaBatch batch = batches.removeLast();
        MediaBatch before = batches.peekLast();
        account(batch, before == null ? null : before.slab(), -1);
        batch.release();
    }

    private void dropLast(MediaBatch batch) {
        if (batches.size() > 1 && batches.peekLast() == batch) {
            if (frameBatch == batch) {
                frameBatch = null;
            }
            dropLastOne();
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same memory, not equal bytes
    private void account(MediaBatch batch, @Nullable ByteBuf neighbour, int sign) {
        long change = (long) sign * batch.bytes();
        bytes += change;
        budget.add(change);
        if (batch.slab() != neighbour) {
            pinnedBytes += (long) sign * batch.slab().capacity();
        }
    }

    /** For tests: the batches, borrowed. */
    Iterator<MediaBatch> iterator() {
        return batches.iterator();
    }
}
