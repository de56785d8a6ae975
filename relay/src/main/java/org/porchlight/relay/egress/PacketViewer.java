package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.Stream;

/**
 * A viewer of RTP packets of its own, as WebRTC has them: headers, numbers and keys are its alone, payloads are shared. Owner: its loop; its
 * session closes it, and it closes itself when its stream ends.
 *
 * <p>Design note. The viewer is a place in the {@link PacketRing} of a stream. Everything between that place and the end of the ring waits for it: a cached GOP
 * when it joins, what the pacer holds back, what a full socket did not take. When the oldest of that is older than the contract allows, the place
 * moves to the next keyframe. A change of rendition is a change of ring, at a keyframe and between two frames; what the new ring has cached is shown pressed
 * together, as at the beginning, where it is small enough to arrive at once. Sound has a place of its own and is always at the live edge.
 *
 * <p>Packets leave in buffers of up to {@link PacketSelection#CAPACITY} packets, equal ones in one segmented send.
 */
public final class PacketViewer {
    /** What an unknown path gets at most: 48 KiB in 4 ms are 98 Mb/s. */
    private static final int BURST_BYTES = 48 * 1024;

    private static final long PACE_MILLIS = 4;
    /** How much faster than the estimate a keyframe may leave. */
    private static final double PACE_FACTOR = 2.5;
    /** A GOP that takes longer than this is not shown when another picture is there already. */
    private static final long MAX_REPLAY_MILLIS = 500;

    /** Between two answers to a viewer that misses pictures; doubled for one that does so again and again, up to three times. */
    private static final long KEYFRAME_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_KEYFRAME_BACKOFF = 3;
    private static final long MAX_OPENING_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long MAX_HALF_FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SUB_RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LEAST_REPEAT_MILLIS = 20;
    private static final int LEAST_REPEAT_BYTES = 64 * 1024;

    private final EventExecutor loop;
    private final Stream main;
    private final @Nullable Stream sub;
    private final ViewerListener listener;
    private final StalenessContract contract;
    private final LoopCounters counters;
    private final LongSupplier nanoTime;
    private final PacketSetting setting;
    private final StalenessLadder ladder;
    private final PacketReports reports;
    private final PacketSelection selection = new PacketSelection();
    private final @Nullable OutboundTrack video;
    private final @Nullable OutboundTrack audio;

    private InetSocketAddress remote;
    private TileChoice choice = TileChoice.AUTO;
    private @Nullable String endReason;
    private long startNanos;
    private boolean told;

    // where it stands
    private @Nullable PacketFeed current;
    private @Nullable PacketFeed next;
    private long nextNanos;
    private int generation = 1;
    private int place;
    private int soundPlace;
    private int burstEnd;
    private long burstDeadlineNanos;
    private boolean waiting = true;
    private boolean waitAtNextFrame;
    private Thinning thinning = Thinning.ALL;
    private boolean betweenFrames = true;
    private int frameTimestamp;
    private boolean inFrame;
    private boolean frameWanted;
    private boolean keyframeTold;
    private long subFailedNanos;
    private boolean subFailed;

    // pacing
    private boolean pacing;
    private long paceStartNanos;
    private int pacedBytes;

    // feedback
    private boolean keyframeAsked;
    private long keyframeAskedNanos;
    private int keyframeBackoff;
    private long repeatStartNanos;
    private int repeatedBytes;
    private int transportNumber;

    // rates and totals
    private long tickNanos;
    private long tickBytes;
    private long mainBitsPerSecond;
    private long subBitsPerSecond;
    private int overTicks;
    private long sentPackets;
    private long sentBytes;
    private long lastSendNanos = Long.MIN_VALUE;

    /** @param remote where its datagrams go; see {@link #moveTo} */
    public PacketViewer(ViewerSetting viewer, PacketSetting setting, InetSocketAddress remote) {
        this.loop = viewer.loop();
        this.main = viewer.stream();
        this.sub = viewer.subStream();
        this.listener = viewer.listener();
        this.contract = viewer.contract();
        this.counters = viewer.counters();
        this.nanoTime = viewer.nanoTime();
        this.setting = setting;
        this.remote = remote;
        PacketTrack pictures = setting.video();
        PacketTrack sound = setting.audio();
        this.video = pictures == null ? null : new OutboundTrack(pictures, setting.protector(), setting.random());
        this.audio = sound == null ? null : new OutboundTrack(sound, setting.protector(), ~setting.random() * 31);
        this.reports = new PacketReports(setting);
        this.transportNumber = setting.random() >>> 8 & 0xffff;
        List<StalenessLadder.Rung> rungs = sub != null
                ? StalenessLadder.BY_RATE
                : StalenessLadder.BY_RATE.stream()
                        .filter(rung -> rung != StalenessLadder.Rung.SUB_STREAM)
                        .toList();
        this.ladder = new StalenessLadder(contract, rungs, nanoTime.getAsLong());
    }

    public EventExecutor executor() {
        return loop;
    }

    @Nullable
    PacketTrack video() {
        return setting.video();
    }

    @Nullable
    PacketTrack audio() {
        return setting.audio();
    }

    DatagramTransport transport() {
        return setting.transport();
    }

    // ---- life

    /** Joins its stream; everything else follows from there. Owner only. */
    public void start() {
        assert loop.inEventLoop();
        startNanos = nanoTime.getAsLong();
        tickNanos = startNanos;
        follow();
    }

    /**
     * Ends it. Nothing is sent after this call; may be repeated.
     *
     * @param abrupt what is unsent elsewhere is to be discarded too
     */
    public void close(String reason, boolean abrupt) {
        assert loop.inEventLoop();
        if (endReason != null) {
            return;
        }
        endReason = reason;
        leave(current);
        leave(next);
        current = null;
        next = null;
        listener.onEnd(reason, abrupt);
    }

    private static void leave(@Nullable PacketFeed feed) {
        if (feed != null) {
            feed.leave();
        }
    }

    /** Why it was closed; null: it is open. */
    public @Nullable String endReason() {
        return endReason;
    }

    /** The receiver has another address now. Owner only. */
    public void moveTo(InetSocketAddress address) {
        remote = address;
    }

    // ---- what it watches

    /** What the viewer wants on its tile. Owner only. */
    public void choose(TileChoice wanted) {
        assert loop.inEventLoop();
        choice = wanted;
        if (endReason == null) {
            follow();
        }
    }

    public TileChoice choice() {
        return choice;
    }

    /** The rendition that is sent now; null: none. */
    public @Nullable Stream watched() {
        PacketFeed feed = current;
        return feed == null ? null : feed.stream();
    }

    /** Goes where its choice and its ladder say. */
    private void follow() {
        Stream target = target();
        PacketFeed watching = current;
        PacketFeed opening = next;
        setThinning(wantedThinning(target));
        if (target == null) {
            leave(watching);
            leave(opening);
            current = null;
            next = null;
            return;
        }
        if (opening != null && opening.stream() != target) {
            leave(opening);
            next = null;
            opening = null;
        }
        boolean there = watching != null && watching.stream() == target;
        if (!there && opening == null) {
            PacketFeed opened = new PacketFeed(this, target);
            next = opened;
            nextNanos = nanoTime.getAsLong();
            opened.open();
        }
    }

    private @Nullable Stream target() {
        Stream small = sub;
        boolean smallWanted = choice == TileChoice.SUB || (choice == TileChoice.AUTO && isBelowMain());
        return choice == TileChoice.PAUSED ? null : smallWanted && small != null && !subFailed ? small : main;
    }

    private boolean isBelowMain() {
        return switch (ladder.rung()) {
            case ALL, THINNED -> false;
            case SUB_STREAM, KEYFRAMES_ONLY, DISCONNECTED -> true;
        };
    }

    private Thinning wantedThinning(@Nullable Stream target) {
        return switch (ladder.rung()) {
            case ALL -> Thinning.ALL;
            case THINNED -> Thinning.REFERENCE_FRAMES;
            // Where the sub stream is not to be had, the rung is one of the main stream.
            case SUB_STREAM -> target == main ? Thinning.REFERENCE_FRAMES : Thinning.ALL;
            case KEYFRAMES_ONLY, DISCONNECTED -> Thinning.KEYFRAMES;
        };
    }

    private void setThinning(Thinning wanted) {
        waitAtNextFrame |= thinning == Thinning.KEYFRAMES && wanted != Thinning.KEYFRAMES;
        thinning = wanted;
    }

    // ---- told by feeds

    void onFeedReady(PacketFeed feed) {
        if (feed != next) {
            return;
        }
        if (!told) {
            told = true;
            counters.increment(Counter.VIEWERS_OPENED);
            listener.onStart(List.of());
        }
        if (endReason == null) {
            long now = nanoTime.getAsLong();
            changeIfPossible(now);
            if (feed == next) {
                feed.stream().requestKeyframe();
            }
            flush(now);
            setting.transport().flush();
        }
    }

    void onFeedFailed(PacketFeed feed, String reason) {
        leave(feed);
        boolean wasCurrent = feed == current;
        if (feed != next && !wasCurrent) {
            return;
        }
        if (wasCurrent) {
            current = null;
        } else {
            next = null;
        }
        if (feed.stream() == main) {
            if (current == null) {
                close(reason, false);
            }
            // Else the sub stream goes on, and the next tick tries again.
            return;
        }
        subFailed = true;
        subFailedNanos = nanoTime.getAsLong();
        ladder.skip(StalenessLadder.Rung.SUB_STREAM, subFailedNanos);
        follow();
    }

    void onMedia(PacketFeed feed, long nowNanos) {
        if (feed == next) {
            changeIfPossible(nowNanos);
        }
        if (feed == current) {
            flush(nowNanos);
        }
    }

    // ---- changing sides

    /** Takes what comes next from the stream that it is to watch, if that has a picture for it. */
    private void changeIfPossible(long nowNanos) {
        PacketFeed feed = next;
        PacketRing ring = feed == null ? null : feed.ring();
        if (feed == null || ring == null) {
            return;
        }
        boolean first = current == null;
        boolean hasPictures = video != null && feed.videoTrack() >= 0;
        boolean cached = hasPictures && ring.hasKeyframe();
        if (!first && hasPictures) {
            boolean halfFrame = !betweenFrames && nowNanos - lastSendNanos < MAX_HALF_FRAME_NANOS;
            if (halfFrame || !cached || !isReplayable(ring, nowNanos)) {
                return;
            }
        }
        leave(current);
        current = feed;
        next = null;
        generation = generation == 255 ? 1 : generation + 1;
        soundPlace = ring.endNumber();
        if (audio != null) {
            audio.replace();
        }
        if (!first && choice == TileChoice.AUTO && feed.stream() == sub) {
            counters.increment(Counter.STALE_SUB_STREAM);
        }
        if (cached) {
            beginAtKeyframe(feed, ring, nowNanos);
        } else {
            place = ring.endNumber();
            burstEnd = place;
            waiting = true;
            if (video != null) {
                video.replace();
            }
        }
        inFrame = false;
    }

    private boolean isReplayable(PacketRing ring, long nowNanos) {
        long perSecond = paceBytes(nowNanos) * 1000L / PACE_MILLIS;
        return ring.bytesFrom(ring.keyframeNumber()) <= perSecond * MAX_REPLAY_MILLIS / 1000;
    }

    /** Shows the cached GOP, pressed together up to the live edge. */
    private void beginAtKeyframe(PacketFeed feed, PacketRing ring, long nowNanos) {
        OutboundTrack pictures = video;
        PacketizedBatch batch = ring.find(ring.keyframeNumber());
        if (pictures == null || batch == null) {
            return;
        }
        place = ring.keyframeNumber();
        burstEnd = ring.endNumber();
        burstDeadlineNanos = nowNanos + contract.burstAge().toNanos();
        waiting = true;
        inFrame = false;
        pictures.press(
                batch.rtpTimestamp(place - batch.firstNumber()),
                ring.newestTimestamp(feed.videoTrack()),
                burstEnd,
                nowNanos);
    }

    // ---- sending

    private void flush(long nowNanos) {
        PacketFeed feed = current;
        PacketRing ring = feed == null ? null : feed.ring();
        if (feed == null || ring == null || endReason != null) {
            return;
        }
        sendSound(feed, ring, nowNanos);
        if (video == null || feed.videoTrack() < 0) {
            return;
        }
        dropIfStale(ring, nowNanos);
        while (place != ring.endNumber() && endReason == null) {
            int room = room(nowNanos);
            if (room <= 0 || !setting.transport().isWritable()) {
                pace();
                return;
            }
            select(feed, ring, room);
            if (selection.count() > 0) {
                send(video, nowNanos);
            }
            if (next != null && betweenFrames) {
                changeIfPossible(nowNanos);
                if (current != feed) {
                    flush(nowNanos);
                    return;
                }
            }
        }
    }

    private int paceBytes(long nowNanos) {
        long estimate = setting.rate().bitsPerSecond(nowNanos);
        if (estimate <= 0) {
            return BURST_BYTES;
        }
        long bytes = (long) (estimate * PACE_FACTOR) / 8 * PACE_MILLIS / 1000;
        return (int) Math.max(3 * 1200, Math.min(BURST_BYTES, bytes));
    }

    /** Bytes that may leave now. */
    private int room(long nowNanos) {
        if (nowNanos - paceStartNanos >= TimeUnit.MILLISECONDS.toNanos(PACE_MILLIS)) {
            paceStartNanos = nowNanos;
            pacedBytes = 0;
        }
        return paceBytes(nowNanos) - pacedBytes;
    }

    private void pace() {
        if (!pacing) {
            pacing = true;
            loop.schedule(this::onPause, PACE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void onPause() {
        pacing = false;
        if (endReason == null) {
            flush(nanoTime.getAsLong());
            setting.transport().flush();
        }
    }

    private void dropIfStale(PacketRing ring, long nowNanos) {
        PacketizedBatch oldest = ring.find(place);
        boolean lost = oldest == null && place != ring.endNumber();
        boolean inBurst = place - burstEnd < 0;
        boolean late = oldest != null
                && (inBurst
                        ? nowNanos - burstDeadlineNanos > 0
                        : nowNanos - oldest.arrivalNanos() > contract.maxAge().toNanos());
        if (!lost && !late) {
            return;
        }
        counters.increment(Counter.STALE_TO_KEYFRAME);
        counters.add(Counter.VIEWER_DROPPED_PACKETS, Math.max(0, ring.endNumber() - place));
        boolean newer = ring.hasKeyframe() && ring.keyframeNumber() - Math.max(place, burstEnd) > 0;
        place = newer ? ring.keyframeNumber() : ring.endNumber();
        waiting = true;
        inFrame = false;
        if (!newer) {
            askForKeyframe();
        }
        StalenessLadder.Rung before = ladder.rung();
        StalenessLadder.Rung after = ladder.onDrop(nowNanos);
        if (before != after) {
            countStep(after);
            follow();
        }
    }

    /** A publisher may send keyframes on demand alone; the stream sees to it that it is not asked too often. */
    private void askForKeyframe() {
        PacketFeed feed = current;
        if (feed != null) {
            feed.stream().requestKeyframe();
        }
    }

    private void countStep(StalenessLadder.Rung rung) {
        switch (rung) {
            case THINNED -> counters.increment(Counter.STALE_THINNED);
            case KEYFRAMES_ONLY -> counters.increment(Counter.STALE_KEYFRAMES_ONLY);
            // The sub stream is counted when it has a picture; the others are no steps of this ladder.
            case ALL, SUB_STREAM, DISCONNECTED -> {}
        }
    }

    /** Takes the next packets that are wanted, so many as fit, and moves the place behind them. */
    private void select(PacketFeed feed, PacketRing ring, int room) {
        selection.clear();
        OutboundTrack pictures = video;
        PacketizedBatch batch = ring.find(place);
        while (batch != null && pictures != null) {
            for (int i = place - batch.firstNumber(); i < batch.count(); i++) {
                if (selection.isFull() || selection.bytes() >= room) {
                    return;
                }
                place++;
                if (batch.track(i) == feed.videoTrack() && isWanted(ring, batch, i)) {
                    selection.add(batch, i, pictures.lengthOf(batch, i));
                    betweenFrames = PacketFlags.isSet(batch.flags(i), PacketFlags.FRAME_END);
                    if (betweenFrames && next != null) {
                        return;
                    }
                }
            }
            batch = ring.find(place);
        }
    }

    private boolean isWanted(PacketRing ring, PacketizedBatch batch, int i) {
        int flags = batch.flags(i);
        int timestamp = batch.rtpTimestamp(i);
        if (ring.isGapBefore(batch.firstNumber() + i)) {
            waiting = true;
            askForKeyframe();
        }
        boolean frameBegins = !inFrame || timestamp != frameTimestamp;
        if (frameBegins && waitAtNextFrame) {
            waitAtNextFrame = false;
            waiting = true;
        }
        if (waiting) {
            if (!PacketFlags.isSet(flags, MediaBatch.ENTRY)) {
                return false;
            }
            waiting = false;
            frameBegins = true;
        }
        boolean key = (flags & (PacketFlags.KEYFRAME | PacketFlags.PARAMETER_SETS | MediaBatch.ENTRY)) != 0;
        if (frameBegins) {
            inFrame = true;
            frameTimestamp = timestamp;
            frameWanted = switch (thinning) {
                case ALL -> true;
                case REFERENCE_FRAMES -> !PacketFlags.isSet(flags, PacketFlags.DISPOSABLE);
                case KEYFRAMES -> key;
                case OTHER_TRACKS -> false;
            };
        } else if (thinning == Thinning.KEYFRAMES && key) {
            frameWanted = true;
        }
        return frameWanted;
    }

    /** Sound that is new leaves at once. */
    private void sendSound(PacketFeed feed, PacketRing ring, long nowNanos) {
        OutboundTrack sound = audio;
        if (sound == null || feed.audioTrack() < 0) {
            soundPlace = ring.endNumber();
            return;
        }
        if (soundPlace - ring.startNumber() < 0) {
            soundPlace = ring.startNumber();
        }
        while (soundPlace != ring.endNumber()) {
            selectSound(sound, feed.audioTrack(), ring);
            if (selection.count() > 0 && setting.transport().isWritable()) {
                send(sound, nowNanos);
            }
        }
    }

    private void selectSound(OutboundTrack sound, int track, PacketRing ring) {
        selection.clear();
        PacketizedBatch batch = ring.find(soundPlace);
        while (batch != null) {
            for (int i = soundPlace - batch.firstNumber(); i < batch.count(); i++) {
                if (selection.isFull() || selection.bytes() > BURST_BYTES) {
                    return;
                }
                soundPlace++;
                if (batch.track(i) == track) {
                    selection.add(batch, i, sound.lengthOf(batch, i));
                }
            }
            batch = ring.find(soundPlace);
        }
    }

    /** Writes what was selected into one buffer; equal packets in a row leave by one send. */
    private void send(OutboundTrack track, long nowNanos) {
        ByteBuf out = setting.allocator().directBuffer(selection.bytes(), selection.bytes());
        boolean keyframeEnds = false;
        try {
            int at = 0;
            int runStart = 0;
            int segment = 0;
            int last = 0;
            int written = 0;
            for (int n = 0; n < selection.count(); n++) {
                PacketizedBatch batch = selection.batch(n);
                int i = selection.index(n);
                int number = transportNumber;
                int length = track.writeNext(out, at, batch, i, number, generation, nowNanos);
                if (length <= 0) {
                    continue;
                }
                if (track.track().extensions().transportCc() > 0) {
                    transportNumber = number + 1 & 0xffff;
                    setting.rate().onPacketSent(number, length, nowNanos);
                }
                if (at > runStart && (last < segment || length > segment)) {
                    sendRun(out, runStart, at, segment);
                    runStart = at;
                }
                segment = at == runStart ? length : segment;
                last = length;
                at += length;
                written++;
                int flags = batch.flags(i);
                keyframeEnds |= PacketFlags.isSet(flags, PacketFlags.KEYFRAME)
                        && PacketFlags.isSet(flags, PacketFlags.FRAME_END);
            }
            if (at > runStart) {
                sendRun(out, runStart, at, segment);
            }
            pacedBytes += at;
            count(written, at, nowNanos);
        } finally {
            out.release();
            selection.clear();
        }
        if (keyframeEnds && !keyframeTold) {
            keyframeTold = true;
            listener.onFirstKeyframe(nowNanos - startNanos);
        }
    }

    private void sendRun(ByteBuf out, int start, int end, int segment) {
        setting.transport().send(out, start, end, segment, remote, false);
        counters.increment(Counter.SENT_WRITES);
    }

    private void count(int packets, int bytes, long nowNanos) {
        if (packets == 0) {
            return;
        }
        sentPackets += packets;
        sentBytes += bytes;
        lastSendNanos = nowNanos;
        counters.add(Counter.SENT_PACKETS, packets);
        counters.add(Counter.SENT_BYTES, bytes);
    }

    // ---- feedback; after all that one datagram brought, call endOfFeedback

    /**
     * Generic NACK (RFC 4585 section 6.2.1).
     *
     * @param mediaSsrc the track's
     * @param packetId missing sequence number
     * @param lostBitmask bit i: {@code packetId + i + 1} is missing too
     */
    public void onNack(int mediaSsrc, int packetId, int lostBitmask, long nowNanos) {
        OutboundTrack track = video != null && video.track().ssrc() == mediaSsrc
                ? video
                : audio != null && audio.track().ssrc() == mediaSsrc ? audio : null;
        SentPackets remembered = track == null ? null : track.sent();
        if (track == null || remembered == null || endReason != null) {
            return;
        }
        repeat(track, remembered, packetId, nowNanos);
        for (int bit = 0; bit < 16; bit++) {
            if ((lostBitmask >>> bit & 1) != 0) {
                repeat(track, remembered, packetId + bit + 1 & 0xffff, nowNanos);
            }
        }
    }

    private void repeat(OutboundTrack track, SentPackets remembered, int sequenceNumber, long nowNanos) {
        PacketFeed feed = current;
        PacketRing ring = feed == null ? null : feed.ring();
        if (ring == null || !remembered.has(sequenceNumber, generation)) {
            counters.increment(Counter.RETRANSMISSIONS_WITHHELD);
            return;
        }
        int number = remembered.ringNumber(sequenceNumber);
        PacketizedBatch batch = ring.find(number);
        if (batch == null
                || !mayRepeat(nowNanos)
                || !remembered.mayRepeat(
                        sequenceNumber, TimeUnit.NANOSECONDS.toMillis(nowNanos), LEAST_REPEAT_MILLIS)) {
            counters.increment(Counter.RETRANSMISSIONS_WITHHELD);
            return;
        }
        int i = number - batch.firstNumber();
        int capacity = track.repeatedLengthOf(batch, i);
        ByteBuf out = setting.allocator().directBuffer(capacity, capacity);
        try {
            int length = track.writeAgain(out, 0, batch, i, sequenceNumber, remembered, transportNumber);
            if (length > 0) {
                if (track.track().hasRtx() && track.track().extensions().transportCc() > 0) {
                    setting.rate().onPacketSent(transportNumber, length, nowNanos);
                    transportNumber = transportNumber + 1 & 0xffff;
                }
                sendRun(out, 0, length, length);
                repeatedBytes += length;
                counters.increment(Counter.RETRANSMITTED_PACKETS);
                count(1, length, nowNanos);
            }
        } finally {
            out.release();
        }
    }

    /** Half of what the path carries may be repetitions, and never less than {@link #LEAST_REPEAT_BYTES} in a second. */
    private boolean mayRepeat(long nowNanos) {
        if (nowNanos - repeatStartNanos > TimeUnit.SECONDS.toNanos(1)) {
            repeatStartNanos = nowNanos;
            repeatedBytes = 0;
        }
        long estimate = setting.rate().bitsPerSecond(nowNanos);
        long limit = estimate > 0 ? estimate / 16 : BURST_BYTES * 10L;
        return repeatedBytes < Math.max(LEAST_REPEAT_BYTES, limit);
    }

    /** Picture loss indication (RFC 4585 section 6.3.1): answered from what is cached, at most once per second. */
    public void onPli(long nowNanos) {
        PacketFeed feed = current;
        PacketRing ring = feed == null ? null : feed.ring();
        if (feed == null || ring == null || video == null || endReason != null) {
            return;
        }
        long sinceLast = nowNanos - keyframeAskedNanos;
        boolean early = keyframeAsked && sinceLast < KEYFRAME_INTERVAL_NANOS << keyframeBackoff;
        boolean underWay = place - burstEnd < 0;
        if (early || underWay) {
            counters.increment(Counter.KEYFRAMES_WITHHELD);
            return;
        }
        boolean again = keyframeAsked && sinceLast < 2 * (KEYFRAME_INTERVAL_NANOS << keyframeBackoff);
        keyframeBackoff = again ? Math.min(MAX_KEYFRAME_BACKOFF, keyframeBackoff + 1) : 0;
        keyframeAsked = true;
        keyframeAskedNanos = nowNanos;
        if (ring.hasKeyframe() && isReplayable(ring, nowNanos)) {
            counters.increment(Counter.KEYFRAMES_FROM_CACHE);
            beginAtKeyframe(feed, ring, nowNanos);
            flush(nowNanos);
        } else {
            feed.stream().requestKeyframe();
        }
    }

    /** Full intra request (RFC 5104 section 4.3.1): as {@link #onPli}. */
    public void onFir(long nowNanos) {
        onPli(nowNanos);
    }

    /** Receiver estimated maximum bitrate. */
    public void onRemb(long bitsPerSecond, long nowNanos) {
        setting.rate().onRemb(bitsPerSecond, nowNanos);
    }

    /**
     * Transport-wide feedback, for the estimator.
     *
     * @param buf borrowed; behind both SSRCs
     */
    public void onTransportCc(ByteBuf buf, int offset, int length, long nowNanos) {
        setting.rate().onTransportFeedback(buf, offset, length, nowNanos);
    }

    /** All that one datagram of feedback asked for has been told: sends the answers. */
    public void endOfFeedback() {
        setting.transport().flush();
    }

    // ---- every second

    void onTick(PacketFeed feed, long nowNanos) {
        if (feed != current || endReason != null) {
            return;
        }
        PacketRing ring = feed.ring();
        if (ring != null) {
            int bytes = reports.send(feed, ring, video, audio, remote);
            if (bytes > 0) {
                lastSendNanos = nowNanos;
                counters.increment(Counter.RTCP_SENT);
            }
        }
        if (subFailed && nowNanos - subFailedNanos > SUB_RETRY_NANOS) {
            subFailed = false;
        }
        adapt(feed, nowNanos);
        PacketFeed opening = next;
        if (opening != null && opening.stream() == sub && nowNanos - nextNanos > MAX_OPENING_NANOS) {
            onFeedFailed(opening, "no_keyframe");
        } else if (opening != null && opening.ring() != null) {
            opening.stream().requestKeyframe();
        }
        if (waiting && video != null && ring != null && place == ring.endNumber()) {
            askForKeyframe();
        }
        follow();
    }

    /** Compares what is sent with what the path carries. */
    private void adapt(PacketFeed feed, long nowNanos) {
        long elapsed = nowNanos - tickNanos;
        if (elapsed < TimeUnit.MILLISECONDS.toNanos(500)) {
            return;
        }
        long rate = (long) ((sentBytes - tickBytes) * 8e9 / elapsed);
        tickNanos = nowNanos;
        tickBytes = sentBytes;
        if (feed.stream() == main && ladder.rung() == StalenessLadder.Rung.ALL) {
            mainBitsPerSecond = average(mainBitsPerSecond, rate);
        } else if (feed.stream() == sub && thinning == Thinning.ALL) {
            subBitsPerSecond = average(subBitsPerSecond, rate);
        }
        long estimate = setting.rate().bitsPerSecond(nowNanos);
        overTicks = estimate > 0 && rate > estimate + estimate / 10 ? overTicks + 1 : 0;
        if (overTicks >= 2) {
            overTicks = 0;
            if (ladder.lower(nowNanos)) {
                countStep(ladder.rung());
            }
            return;
        }
        boolean toSub = sub != null && ladder.rung() == StalenessLadder.Rung.KEYFRAMES_ONLY;
        long needed = toSub ? subBitsPerSecond : mainBitsPerSecond;
        boolean enough = estimate <= 0 || estimate > needed + needed / 4;
        if (enough && ladder.recover(nowNanos)) {
            counters.increment(Counter.STALE_RECOVERED);
        }
    }

    private static long average(long before, long now) {
        return before == 0 ? now : (3 * before + now) / 4;
    }

    // ---- totals

    /** RTP packets handed to the kernel. */
    public long sentPackets() {
        return sentPackets;
    }

    /** Their bytes, protection included. */
    public long sentBytes() {
        return sentBytes;
    }

    /** How often it was dropped to the next keyframe. */
    public long drops() {
        return ladder.totalDrops();
    }

    /** Where it stands on the ladder, for example {@code all}, {@code sub_stream}. */
    public String rung() {
        return ladder.rung().name().toLowerCase(Locale.ROOT);
    }

    /** When the last packet was handed to the kernel, of the relay's clock; {@link Long#MIN_VALUE}: never. */
    public long lastSendNanos() {
        return lastSendNanos;
    }
}
