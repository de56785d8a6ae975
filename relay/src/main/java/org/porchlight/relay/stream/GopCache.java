package org.porchlight.relay.stream;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;

/**
 * The current group of pictures of one stream: every batch since the frame that the last keyframe began with. It holds one reference per
 * batch and no copy of anything. Owner: the loop of the stream's source.
 *
 * <p>Design note. A keyframe may show itself only in the middle of its frame (access unit delimiter, SEI or parameter sets came first), so the
 * cache remembers where the current frame began, and the new GOP starts there. While it follows the live edge, that frame is part of
 * the GOP anyway; after a cut-down (and before the first keyframe) the frame under way is kept aside in {@link #pending} until it shows what
 * it is. A frame whose beginning was not seen starts nothing. Of several video tracks the first one leads.
 *
 * <p>Invariants: the first batch of {@link #gop} holds the first packet of the GOP at {@link #firstPacket}; a cache that was cut down is not
 * {@link #complete}: it shows its keyframe, but what follows cannot be decoded before the next one. Both runs are bounded in bytes and in
 * batches.
 */
final class GopCache {
    /** A batch is at least one read or one frame: far more than any GOP has, and a bound against floods of tiny packets. */
    static final int MAX_BATCHES = 16_384;

    private static final int WANTED = PacketFlags.FRAME_START | PacketFlags.KEYFRAME;

    private final GopBudget budget;
    private final BatchRun gop;
    private final BatchRun pending;
    private int leadingTrack = Integer.MAX_VALUE;
    private int firstPacket;
    private boolean hasKeyframe;
    private boolean complete = true;
    private @Nullable MediaBatch frameBatch;
    private int framePacket;
    private boolean frameIsKey;
    private int keyframeBatches;
    private long keyframeBytes;

    GopCache(GopBudget budget) {
        this.budget = budget;
        this.gop = new BatchRun(budget);
        this.pending = new BatchRun(budget);
    }

    /**
     * Takes a batch in if it has video (everything else joins at the live edge); keeps a reference of its own.
     *
     * @return true when the cache had to be cut down to its keyframe
     */
    boolean append(MediaBatch batch) {
        if ((batch.allFlags() & MediaBatch.VIDEO) == 0) {
            return false;
        }
        (isFollowing() ? gop : pending).addLast(batch);
        if ((batch.allFlags() & WANTED) != 0) {
            follow(batch);
        }
        if (isFollowing()) {
            if (frameIsKey) {
                keyframeBatches = gop.size();
                keyframeBytes = gop.bytes();
            }
            return keepWithinBounds();
        }
        pending.dropBefore(frameBatch);
        if (isTooLarge(pending)) {
            forgetFrame();
        }
        return false;
    }

    private boolean isFollowing() {
        return hasKeyframe && complete;
    }

    /** Whether a viewer could start with what is here and go on at the live edge. */
    boolean canStart() {
        return isFollowing();
    }

    private void follow(MediaBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            int flags = batch.flags(i);
            if ((flags & MediaBatch.VIDEO) == 0 || !isLeading(batch.track(i))) {
                continue;
            }
            if (PacketFlags.isSet(flags, PacketFlags.FRAME_START)) {
                frameBatch = batch;
                framePacket = i;
                frameIsKey = false;
            }
            if (!frameIsKey && frameBatch != null && PacketFlags.isSet(flags, PacketFlags.KEYFRAME)) {
                beginAtCurrentFrame();
            }
        }
    }

    private boolean isLeading(int track) {
        leadingTrack = Math.min(leadingTrack, track);
        return track == leadingTrack;
    }

    private void beginAtCurrentFrame() {
        if (isFollowing()) {
            gop.dropBefore(frameBatch);
        } else {
            gop.clear();
            pending.dropBefore(frameBatch);
            pending.moveTo(gop);
        }
        frameIsKey = true;
        firstPacket = framePacket;
        hasKeyframe = true;
        complete = true;
    }

    private boolean isTooLarge(BatchRun run) {
        return run.bytes() > budget.maxBytesPerStream() || run.size() > MAX_BATCHES;
    }

    private boolean keepWithinBounds() {
        boolean tooLarge = isTooLarge(gop);
        if (tooLarge && frameIsKey) {
            // A keyframe that is too large by itself.
            clear();
            return true;
        }
        return !frameIsKey && (tooLarge || budget.isFarOverdrawn()) && shrinkToKeyframe();
    }

    /**
     * Lets go of everything behind the keyframe; viewers that join see the picture at once and go on with the next GOP.
     *
     * @return false when there was nothing to let go of
     */
    boolean shrinkToKeyframe() {
        if (!isFollowing() || gop.size() == keyframeBatches) {
            return false;
        }
        complete = false;
        while (gop.size() > keyframeBatches) {
            gop.dropLast();
        }
        forgetFrame();
        return true;
    }

    private void forgetFrame() {
        pending.clear();
        frameBatch = null;
        frameIsKey = false;
    }

    /** Forgets all, for example when the owner has said no; begins again with the next keyframe that is seen from its beginning. */
    void clear() {
        gop.clear();
        forgetFrame();
        hasKeyframe = false;
        complete = true;
        firstPacket = 0;
        keyframeBatches = 0;
        keyframeBytes = 0;
    }

    /** Forgets all and that there was a leading track: another description may follow. */
    void reset() {
        clear();
        leadingTrack = Integer.MAX_VALUE;
    }

    /** The cached batches, each retained for the caller, first to last; empty when there is no keyframe. */
    List<MediaBatch> retainedBatches() {
        if (!hasKeyframe) {
            return List.of();
        }
        List<MediaBatch> copy = new ArrayList<>(gop.size());
        gop.retainInto(copy);
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
        return gop.bytes() + pending.bytes();
    }

    /** Media bytes that {@link #shrinkToKeyframe} would let go of. */
    long shrinkableBytes() {
        return isFollowing() ? gop.bytes() - keyframeBytes : 0;
    }

    /** Capacity of the slabs that these media bytes keep from being reused. */
    long pinnedBytes() {
        return gop.pinnedBytes() + pending.pinnedBytes();
    }
}
