package org.porchlight.relay.egress;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.FormatParameters;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.rtp.SequenceNumbers;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TrackPosition;

/**
 * The way of one viewer from its main stream to the sub stream and back. Owner: the viewer's loop.
 *
 * <p>Design note. The viewer stays in the main stream all the time: sound and sender reports come from there, and it is where it returns to. Pictures
 * change sides at a keyframe that has its parameter sets before it, and between two whole frames. To the client they are one track: SSRC,
 * payload type and channel are those of the main stream, sequence numbers count on from the last one sent, and the sub stream's frames stand on
 * the main stream's timeline at the moment of their arrival, so the main stream's sender reports hold for them. Back on the main stream only the
 * sequence numbers stay shifted (and the timeline by a few ticks where the last frame would otherwise have been later than the first).
 *
 * <p>Where the sub stream has another codec or clock, or cameras tell parameter sets outside the media only, a player could not follow: then,
 * and when no keyframe comes in time, the rung is left out.
 */
final class SubStreamSwitch {
    private enum State {
        /** On the main stream. */
        MAIN,
        /** Still on the main stream, as the sub stream has not had a keyframe yet. */
        OPENING,
        SUB,
        /** Until the main stream has a keyframe; without a feed nothing is shown meanwhile. */
        RETURNING
    }

    /** How many windows of the contract the sub stream has time to show a keyframe. */
    private static final int PATIENCE_WINDOWS = 2;

    /** A sub stream that is silent for so long is left again. */
    private static final long MAX_SILENCE_NANOS = 5_000_000_000L;

    private final Viewer viewer;
    private final Stream sub;
    private final long patienceNanos;

    private State state = State.MAIN;
    private long sinceNanos;
    private long lastSubNanos;
    private @Nullable SubStreamFeed feed;
    private @Nullable Representation representation;
    private @Nullable ByteBufAllocator allocator;

    // of the main stream
    private int mainTrack = -1;
    private @Nullable TrackFormat mainFormat;
    private int ssrc;
    private boolean mainHasParameterSets;

    // of the sub stream
    private int subTrack = -1;

    // what the viewer has been given last
    private int lastSequenceNumber;
    private int lastTimestamp;
    private boolean betweenFrames = true;
    /** A timestamp of the main stream as the viewer sees it, and when it came. */
    private int anchorTimestamp;

    private long anchorNanos;

    SubStreamSwitch(Viewer viewer, Stream sub, StalenessContract contract) {
        this.viewer = viewer;
        this.sub = sub;
        this.patienceNanos = PATIENCE_WINDOWS * contract.window().toNanos();
    }

    Viewer viewer() {
        return viewer;
    }

    /** The viewer has joined its main stream. */
    void onMainJoined(StreamDescription description, List<TrackPosition> positions, ViewKey key, long nowNanos) {
        for (int i = 0; i < description.tracks().size(); i++) {
            TrackFormat format = description.tracks().get(i);
            if (format.kind() != MediaKind.VIDEO || !key.wants(i) || i >= positions.size()) {
                continue;
            }
            if (mainFormat != null) {
                // Two pictures at once have no small rendition.
                mainFormat = null;
                return;
            }
            mainTrack = i;
            mainFormat = format;
            TrackPosition position = key.datagram() ? positions.get(i).asDatagrams() : positions.get(i);
            ssrc = position.ssrc();
            lastSequenceNumber = position.nextSequenceNumber() - 1 & 0xffff;
            lastTimestamp = position.rtpTimestamp();
            anchorTimestamp = position.rtpTimestamp();
            anchorNanos = nowNanos;
        }
    }

    /** Whether the pictures come, or are to come, from elsewhere than the main stream. */
    boolean isAway() {
        return state == State.SUB || state == State.RETURNING;
    }

    /** Whether pictures come from the main stream and no other is awaited. */
    boolean isAtRest() {
        return state == State.MAIN;
    }

    /** The viewer gets packets again, and its numbers are ahead by so many more. */
    void onRenumbered(int shift) {
        lastSequenceNumber = lastSequenceNumber + shift & 0xffff;
    }

    /** Something was given to the viewer. */
    void onGiven(PreparedBatch prepared, boolean fromMain) {
        if (fromMain && prepared.entryRange() >= 0) {
            mainHasParameterSets = prepared.entryHasParameterSets();
        }
        if (!prepared.hasVideo()) {
            return;
        }
        lastSequenceNumber = prepared.lastSequenceNumber();
        betweenFrames = prepared.endsFrame();
        if (RtpTimestamps.isLater(prepared.lastTimestamp(), lastTimestamp)) {
            lastTimestamp = prepared.lastTimestamp();
        }
        if (fromMain) {
            anchorTimestamp = prepared.lastTimestamp();
            anchorNanos = prepared.arrivalNanos();
        }
    }

    // ---- to the sub stream

    /** What the ladder says now: the sub stream is wanted or not. */
    void follow(boolean wanted, long nowNanos) {
        switch (state) {
            case MAIN -> {
                if (wanted) {
                    open(nowNanos);
                }
            }
            case OPENING -> {
                if (!wanted) {
                    leave();
                    state = State.MAIN;
                }
            }
            case SUB -> {
                if (!wanted) {
                    state = State.RETURNING;
                    sinceNanos = nowNanos;
                }
            }
            case RETURNING -> {
                if (wanted && feed != null) {
                    state = State.SUB;
                }
            }
        }
    }

    private void open(long nowNanos) {
        TrackFormat format = mainFormat;
        if (format == null || format.codec() == Codec.OPAQUE || (needsParameterSets() && !mainHasParameterSets)) {
            viewer.onSubStreamMissing(nowNanos);
            return;
        }
        state = State.OPENING;
        sinceNanos = nowNanos;
        SubStreamFeed opened = new SubStreamFeed(viewer.executor(), sub, this);
        feed = opened;
        opened.open();
    }

    /** Whether a player of the main stream can follow to a stream with this description. */
    boolean fits(StreamDescription description) {
        TrackFormat main = mainFormat;
        int track = videoTrackOf(description);
        if (main == null || track < 0) {
            return false;
        }
        TrackFormat small = description.tracks().get(track);
        return small.codec() == main.codec()
                && small.clockRate() == main.clockRate()
                && decodingOrderNumbers(small) == decodingOrderNumbers(main);
    }

    private static int videoTrackOf(StreamDescription description) {
        for (int i = 0; i < description.tracks().size(); i++) {
            if (description.tracks().get(i).kind() == MediaKind.VIDEO) {
                return i;
            }
        }
        return -1;
    }

    /** H.265 payloads have a field more where this is above 0 (RFC 7798 section 4.4). */
    private static int decodingOrderNumbers(TrackFormat format) {
        return format.codec() == Codec.H265
                ? FormatParameters.parse(format.fmtp()).number("sprop-max-don-diff", 0)
                : 0;
    }

    private boolean needsParameterSets() {
        TrackFormat format = mainFormat;
        return format != null && (format.codec() == Codec.H264 || format.codec() == Codec.H265);
    }

    void onJoined(StreamDescription description, ByteBufAllocator ofLoop) {
        subTrack = videoTrackOf(description);
        allocator = ofLoop;
    }

    /** @param batch borrowed */
    void onSubBatch(MediaBatch batch, long nowNanos) {
        if ((batch.allFlags() & MediaBatch.VIDEO) == 0) {
            return;
        }
        lastSubNanos = nowNanos;
        Representation current = representation;
        if (state == State.OPENING) {
            int entry = SubStreamFeed.entryOf(batch, subTrack, needsParameterSets());
            if (entry >= 0 && mayCut(nowNanos)) {
                goToSub(batch, entry, nowNanos);
            }
        } else if (isAway() && current != null) {
            give(current.prepare(batch), nowNanos);
        }
    }

    /** Whether nothing is cut in two by a change of sides now. Cameras that never mark the end of a frame have to bear it. */
    private boolean mayCut(long nowNanos) {
        return betweenFrames || viewer.isWaiting() || nowNanos - sinceNanos > patienceNanos / 2;
    }

    private void goToSub(MediaBatch batch, int entry, long nowNanos) {
        TrackFormat format = mainFormat;
        ByteBufAllocator ofLoop = allocator;
        if (format == null || ofLoop == null) {
            return;
        }
        long passed = RtpTimestamps.nanosToTicks(batch.arrivalNanos() - anchorNanos, format.clockRate());
        int first = afterLast(anchorTimestamp + (int) passed, format);
        HeaderRewrite rewrite = new HeaderRewrite(
                subTrack,
                mainTrack,
                ssrc,
                format.payloadType(),
                sequenceShift(batch, entry),
                first - batch.rtpTimestamp(entry),
                false);
        Representation ofSub =
                new Representation(viewer.key().only(mainTrack, subTrack).with(rewrite), ofLoop, viewer.counters);
        representation = ofSub;
        state = State.SUB;
        viewer.onSubStreamBegun();
        give(ofSub.prepareFrom(batch, entry), nowNanos);
    }

    private int sequenceShift(MediaBatch batch, int entry) {
        int number = RtpHeader.sequenceNumber(batch.slab(), batch.offset(entry))
                + (viewer.key().datagram() ? batch.datagramShift(entry) : 0);
        return SequenceNumbers.distance(number & 0xffff, lastSequenceNumber + 1 & 0xffff);
    }

    /** The timeline never goes back: at least a millisecond behind the last frame. */
    private int afterLast(int timestamp, TrackFormat format) {
        int least = lastTimestamp + Math.max(1, format.clockRate() / 1000);
        return RtpTimestamps.isLater(timestamp, least) ? timestamp : least;
    }

    /** @param prepared owned by the callee */
    private void give(@Nullable PreparedBatch prepared, long nowNanos) {
        if (prepared != null) {
            try {
                viewer.offerFromSub(prepared, nowNanos);
            } finally {
                prepared.release();
            }
        }
    }

    void onSubGap() {
        if (isAway()) {
            viewer.waitForEntry();
        }
    }

    // ---- and back

    /**
     * A batch of the main stream came; true when the viewer takes its pictures from there again, this batch's among them.
     *
     * @param batch borrowed
     */
    boolean returnsWith(MediaBatch batch, ByteBufAllocator ofLoop, long nowNanos) {
        TrackFormat format = mainFormat;
        if (state != State.RETURNING || format == null) {
            return false;
        }
        int entry = SubStreamFeed.entryOf(batch, mainTrack, needsParameterSets());
        if (entry < 0 || !mayCut(nowNanos)) {
            return false;
        }
        leave();
        state = State.MAIN;
        int timestamp = batch.rtpTimestamp(entry);
        HeaderRewrite rewrite = new HeaderRewrite(
                mainTrack,
                mainTrack,
                ssrc,
                format.payloadType(),
                sequenceShift(batch, entry),
                afterLast(timestamp, format) - timestamp,
                true);
        viewer.useMain(rewrite);
        Representation pictures = new Representation(viewer.key().only(mainTrack, mainTrack), ofLoop, viewer.counters);
        PreparedBatch prepared = pictures.prepareFrom(batch, entry);
        if (prepared != null) {
            try {
                viewer.offer(prepared, nowNanos);
            } finally {
                prepared.release();
            }
        }
        return true;
    }

    /** The sub stream cannot be had, or not any more. */
    void onUnavailable() {
        giveUp(viewer.nowNanos());
    }

    private void giveUp(long nowNanos) {
        leave();
        if (isAway()) {
            state = State.RETURNING;
            sinceNanos = nowNanos;
            viewer.waitForEntry();
        } else {
            state = State.MAIN;
        }
        viewer.onSubStreamMissing(nowNanos);
    }

    void onTick(long nowNanos) {
        boolean late = state == State.OPENING && nowNanos - sinceNanos > patienceNanos;
        boolean silent = state == State.SUB && nowNanos - lastSubNanos > MAX_SILENCE_NANOS;
        if (late || silent) {
            giveUp(nowNanos);
        }
    }

    private void leave() {
        SubStreamFeed leaving = feed;
        feed = null;
        representation = null;
        if (leaving != null) {
            leaving.leave();
        }
    }

    /** The viewer is closed. */
    void close() {
        leave();
        state = State.MAIN;
    }
}
