package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.RtpFragmenter;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.DatagramLimit;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.StreamDescription;

/**
 * Makes of a batch the bytes that viewers with one {@link ViewKey} send. Pure but for the allocator; owner: one loop.
 *
 * <p>Interleaved frames on the usual channels are taken from the slab as they lie. Other channels and datagrams are copied once for all
 * viewers of the group. RTP packets that are too large for a datagram are cut on the way; those that cannot be cut are left to IP
 * fragmentation, as far as a datagram goes.
 */
final class Representation {
    private static final int HEADROOM = 4;
    /** Larger RTP packets than this (IPv4: 65,535 bytes less IP and UDP headers) fit no datagram. */
    private static final int MAX_DATAGRAM_BYTES = 65_507;

    private static final int KEYFRAME_END = MediaBatch.VIDEO | PacketFlags.KEYFRAME | PacketFlags.FRAME_END;

    private final ViewKey key;
    private final boolean usualChannels;
    private final @Nullable HeaderRewrite rewrite;
    /** Flag of reports that are not for these viewers. */
    private final int forOthers;

    private final ByteBufAllocator allocator;
    private final LoopCounters counters;
    private final DatagramRuns runs = new DatagramRuns();

    // made when there is something to cut
    private @Nullable DatagramLimit fragmentersLimit;
    private final @Nullable RtpFragmenter[] fragmenters = new @Nullable RtpFragmenter[StreamDescription.MAX_TRACKS];

    /** @param counters of the loop */
    Representation(ViewKey key, ByteBufAllocator allocator, LoopCounters counters) {
        this.key = key;
        this.usualChannels = key.hasUsualChannels();
        this.forOthers = key.datagram() ? MediaBatch.FOR_STREAMS : MediaBatch.FOR_DATAGRAMS;
        this.rewrite = key.rewrite();
        this.allocator = allocator;
        this.counters = counters;
    }

    ViewKey key() {
        return key;
    }

    /**
     * The batch as live viewers get it.
     *
     * @param batch borrowed
     * @return owned by the caller; null: nothing in it is wanted
     */
    @Nullable
    PreparedBatch prepare(MediaBatch batch) {
        return prepare(batch, 0, null);
    }

    /**
     * A cached batch as a joining viewer gets it: video alone, its timestamps collapsed.
     *
     * @param batch borrowed
     * @param firstPacket where in the batch to begin
     */
    @Nullable
    PreparedBatch prepareCached(MediaBatch batch, int firstPacket, CollapsedTimeline timeline) {
        return prepare(batch, firstPacket, timeline);
    }

    /** The batch from one of its packets on. */
    @Nullable
    PreparedBatch prepareFrom(MediaBatch batch, int firstPacket) {
        return prepare(batch, firstPacket, null);
    }

    private @Nullable PreparedBatch prepare(MediaBatch batch, int from, @Nullable CollapsedTimeline timeline) {
        int wantedBytes = wantedBytes(batch, from, timeline != null);
        if (wantedBytes == 0) {
            return null;
        }
        if (key.datagram()) {
            return datagrams(batch, from, wantedBytes, timeline);
        }
        if (usualChannels && timeline == null && rewrite == null) {
            return inPlace(batch, from);
        }
        return copiedFrames(batch, from, wantedBytes, timeline);
    }

    private int wantedBytes(MediaBatch batch, int from, boolean cached) {
        int wanted = 0;
        for (int i = from; i < batch.count(); i++) {
            if (isWanted(batch, i, cached)) {
                wanted += batch.length(i) + HEADROOM;
            } else if (key.datagram() && !cached && key.wants(batch.track(i)) && isTooLarge(batch, i)) {
                counters.increment(Counter.DISCARDED_TOO_LARGE);
            }
        }
        return wanted;
    }

    private boolean isWanted(MediaBatch batch, int i, boolean cached) {
        int flags = batch.flags(i);
        if (!key.wants(batch.track(i))
                || PacketFlags.isSet(flags, forOthers)
                || (key.datagram() && isTooLarge(batch, i))) {
            return false;
        }
        if ((flags & MediaBatch.VIDEO) == 0) {
            return !cached && ((flags & MediaBatch.REPORT) == 0 || rewrite == null || rewrite.reports());
        }
        return switch (key.thinning()) {
            case ALL -> true;
            case REFERENCE_FRAMES -> !PacketFlags.isSet(flags, PacketFlags.DISPOSABLE);
            case KEYFRAMES -> (flags & (PacketFlags.KEYFRAME | PacketFlags.PARAMETER_SETS | MediaBatch.ENTRY)) != 0;
            case OTHER_TRACKS -> false;
        };
    }

    /** Whether it fits no datagram, not even one in fragments of IP, and cannot be cut. */
    private static boolean isTooLarge(MediaBatch batch, int i) {
        return batch.length(i) > MAX_DATAGRAM_BYTES && !PacketFlags.isSet(batch.flags(i), MediaBatch.CUT);
    }

    /** Whether a viewer that waits may begin here. */
    private static boolean isEntry(MediaBatch batch, int i) {
        return PacketFlags.isSet(batch.flags(i), MediaBatch.ENTRY);
    }

    private static boolean endsKeyframe(MediaBatch batch, int i) {
        return (batch.flags(i) & KEYFRAME_END) == KEYFRAME_END;
    }

    private PreparedBatch inPlace(MediaBatch batch, int from) {
        PreparedBatch prepared = PreparedBatch.of(batch.slab().retain(), batch.arrivalNanos());
        int start = -1;
        int end = -1;
        int packets = 0;
        int lastVideo = -1;
        for (int i = from; i < batch.count(); i++) {
            if (!isWanted(batch, i, false)) {
                continue;
            }
            if ((batch.flags(i) & MediaBatch.VIDEO) != 0) {
                lastVideo = i;
            }
            boolean entry = prepared.entryRange() < 0 && isEntry(batch, i);
            int frameStart = batch.offset(i) - HEADROOM;
            if (start >= 0 && (frameStart != end || entry)) {
                prepared.addRange(start, end, 0, packets, 0);
                start = -1;
            }
            if (entry) {
                prepared.markEntry(hasParameterSets(batch, i));
            }
            if (start < 0) {
                start = frameStart;
                packets = 0;
            }
            packets++;
            end = batch.offset(i) + batch.length(i);
            if (endsKeyframe(batch, i)) {
                prepared.markKeyframeEnd();
            }
        }
        prepared.addRange(start, end, 0, packets, 0);
        if (lastVideo >= 0) {
            markLastVideo(prepared, batch.slab(), batch.offset(lastVideo), batch, lastVideo);
        }
        return prepared;
    }

    private static boolean hasParameterSets(MediaBatch batch, int i) {
        return PacketFlags.isSet(batch.flags(i), PacketFlags.PARAMETER_SETS);
    }

    private static void markLastVideo(PreparedBatch prepared, ByteBuf data, int rtpOffset, MediaBatch batch, int i) {
        prepared.markLastVideo(
                RtpHeader.sequenceNumber(data, rtpOffset),
                RtpHeader.timestamp(data, rtpOffset),
                PacketFlags.isSet(batch.flags(i), PacketFlags.FRAME_END));
    }

    private PreparedBatch copiedFrames(
            MediaBatch batch, int from, int wantedBytes, @Nullable CollapsedTimeline timeline) {
        ByteBuf data = allocator.directBuffer(wantedBytes, wantedBytes);
        PreparedBatch prepared = PreparedBatch.of(data, batch.arrivalNanos());
        int start = 0;
        int packets = 0;
        for (int i = from; i < batch.count(); i++) {
            if (!isWanted(batch, i, timeline != null)) {
                continue;
            }
            if (prepared.entryRange() < 0 && isEntry(batch, i)) {
                if (packets > 0) {
                    prepared.addRange(start, data.writerIndex(), 0, packets, 0);
                    start = data.writerIndex();
                    packets = 0;
                }
                prepared.markEntry(hasParameterSets(batch, i));
            }
            int at = data.writerIndex();
            batch.slab().getBytes(batch.offset(i) - HEADROOM, data, batch.length(i) + HEADROOM);
            boolean report = (batch.flags(i) & MediaBatch.REPORT) != 0;
            data.setByte(at + 1, key.channel(batch.track(i)) + (report ? 1 : 0));
            if (timeline != null && !report) {
                retime(data, at + HEADROOM, batch, i, timeline);
            }
            if (rewrite != null) {
                rewrite.apply(data, at + HEADROOM, batch.track(i), report);
            }
            if ((batch.flags(i) & MediaBatch.VIDEO) != 0) {
                markLastVideo(prepared, data, at + HEADROOM, batch, i);
            }
            packets++;
            if (endsKeyframe(batch, i)) {
                prepared.markKeyframeEnd();
            }
        }
        prepared.addRange(start, data.writerIndex(), 0, packets, 0);
        return prepared;
    }

    private PreparedBatch datagrams(MediaBatch batch, int from, int wantedBytes, @Nullable CollapsedTimeline timeline) {
        // Cutting adds headers: about one part in a hundred, more where small units were aggregated.
        ByteBuf data = batch.datagramLimit() == null
                ? allocator.directBuffer(wantedBytes, wantedBytes)
                : allocator.directBuffer(wantedBytes + wantedBytes / 16 + 64);
        runs.begin(PreparedBatch.of(data, batch.arrivalNanos()));
        for (int i = from; i < batch.count(); i++) {
            if (!isWanted(batch, i, timeline != null)) {
                continue;
            }
            if (isEntry(batch, i)) {
                runs.enterNext(hasParameterSets(batch, i));
            }
            if (PacketFlags.isSet(batch.flags(i), MediaBatch.CUT)) {
                cut(batch, i, data, timeline);
            } else {
                copy(batch, i, data, timeline);
            }
            if (endsKeyframe(batch, i)) {
                runs.markKeyframeEnd();
            }
        }
        return runs.end();
    }

    private void copy(MediaBatch batch, int i, ByteBuf data, @Nullable CollapsedTimeline timeline) {
        boolean report = (batch.flags(i) & MediaBatch.REPORT) != 0;
        int length = batch.length(i);
        int at = data.writerIndex();
        batch.slab().getBytes(batch.offset(i), data.ensureWritable(length), length);
        if (batch.datagramShift(i) != 0) {
            RtpHeader.setSequenceNumber(data, at, datagramNumber(batch, i));
        }
        if (timeline != null && !report) {
            retime(data, at, batch, i, timeline);
        }
        readdress(data, at, batch, i, report);
        runs.add(at, length, trackSent(batch.track(i)) | (report ? PreparedBatch.REPORT_RANGE : 0));
    }

    private void cut(MediaBatch batch, int i, ByteBuf data, @Nullable CollapsedTimeline timeline) {
        int track = batch.track(i);
        RtpFragmenter fragmenter = fragmenter(batch, track);
        int pieces = fragmenter.cut(batch.slab(), batch.offset(i), batch.length(i), datagramNumber(batch, i), data);
        for (int piece = 0; piece < pieces; piece++) {
            int at = fragmenter.pieceOffset(piece);
            if (timeline != null) {
                retime(data, at, batch, i, timeline);
            }
            readdress(data, at, batch, i, false);
            runs.add(at, fragmenter.pieceLength(piece), trackSent(track));
        }
    }

    private static int datagramNumber(MediaBatch batch, int i) {
        return RtpHeader.sequenceNumber(batch.slab(), batch.offset(i)) + batch.datagramShift(i);
    }

    @SuppressWarnings("ReferenceEquality") // another source has another limit of its own, if only the same again
    private RtpFragmenter fragmenter(MediaBatch batch, int track) {
        DatagramLimit limit = Objects.requireNonNull(batch.datagramLimit());
        if (limit != fragmentersLimit) {
            fragmentersLimit = limit;
            Arrays.fill(fragmenters, null);
        }
        RtpFragmenter known = fragmenters[track];
        if (known == null) {
            known = limit.fragmenter(track);
            fragmenters[track] = known;
        }
        return known;
    }

    /** Rewrites what is to be rewritten, and remembers where the pictures stand. */
    private void readdress(ByteBuf data, int rtpOffset, MediaBatch batch, int i, boolean report) {
        if (rewrite != null) {
            rewrite.apply(data, rtpOffset, batch.track(i), report);
        }
        if ((batch.flags(i) & MediaBatch.VIDEO) != 0) {
            runs.markLastVideo(
                    RtpHeader.sequenceNumber(data, rtpOffset),
                    RtpHeader.timestamp(data, rtpOffset),
                    PacketFlags.isSet(batch.flags(i), PacketFlags.FRAME_END));
        }
    }

    private int trackSent(int track) {
        return rewrite != null && rewrite.track() == track ? rewrite.trackSent() : track;
    }

    private static void retime(ByteBuf data, int rtpOffset, MediaBatch batch, int i, CollapsedTimeline timeline) {
        RtpHeader.setTimestamp(data, rtpOffset, timeline.collapse(batch.track(i), batch.rtpTimestamp(i)));
    }
}
