package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.MediaBatch;

/**
 * Makes of a batch the bytes that viewers with one {@link ViewKey} send. Pure but for the allocator; owner: one loop.
 *
 * <p>Interleaved frames on the usual channels are taken from the slab as they lie. Other channels and datagrams are copied once for all
 * viewers of the group.
 */
final class Representation {
    /** Linux takes at most 64 segments in one send (UDP_MAX_SEGMENTS). */
    static final int MAX_SEGMENTS = 60;

    private static final int MAX_RUN_BYTES = 62_000;
    private static final int HEADROOM = 4;
    /** Larger RTP packets than this (IPv4: 65,535 bytes less IP and UDP headers) fit no datagram. */
    private static final int MAX_DATAGRAM_BYTES = 65_507;

    private static final int KEYFRAME_END = MediaBatch.VIDEO | PacketFlags.KEYFRAME | PacketFlags.FRAME_END;

    private final ViewKey key;
    private final boolean usualChannels;
    private final ByteBufAllocator allocator;

    Representation(ViewKey key, ByteBufAllocator allocator) {
        this.key = key;
        this.usualChannels = key.hasUsualChannels();
        this.allocator = allocator;
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

    private @Nullable PreparedBatch prepare(MediaBatch batch, int from, @Nullable CollapsedTimeline timeline) {
        int wantedBytes = wantedBytes(batch, from, timeline != null);
        if (wantedBytes == 0) {
            return null;
        }
        if (key.datagram()) {
            return datagrams(batch, from, wantedBytes, timeline);
        }
        if (usualChannels && timeline == null) {
            return inPlace(batch, from);
        }
        return copiedFrames(batch, from, wantedBytes, timeline);
    }

    private int wantedBytes(MediaBatch batch, int from, boolean cached) {
        int wanted = 0;
        for (int i = from; i < batch.count(); i++) {
            if (isWanted(batch, i, cached)) {
                wanted += batch.length(i) + HEADROOM;
            }
        }
        return wanted;
    }

    private boolean isWanted(MediaBatch batch, int i, boolean cached) {
        int flags = batch.flags(i);
        if (!key.wants(batch.track(i)) || (key.datagram() && batch.length(i) > MAX_DATAGRAM_BYTES)) {
            return false;
        }
        if ((flags & MediaBatch.VIDEO) == 0) {
            return !cached;
        }
        return switch (key.thinning()) {
            case ALL -> true;
            case REFERENCE_FRAMES -> !PacketFlags.isSet(flags, PacketFlags.DISPOSABLE);
            case KEYFRAMES -> (flags & (PacketFlags.KEYFRAME | PacketFlags.PARAMETER_SETS | MediaBatch.ENTRY)) != 0;
        };
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
        for (int i = from; i < batch.count(); i++) {
            if (!isWanted(batch, i, false)) {
                continue;
            }
            boolean entry = prepared.entryRange() < 0 && isEntry(batch, i);
            int frameStart = batch.offset(i) - HEADROOM;
            if (start >= 0 && (frameStart != end || entry)) {
                prepared.addRange(start, end, 0, packets, 0);
                start = -1;
            }
            if (entry) {
                prepared.markEntry();
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
        return prepared;
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
                prepared.markEntry();
            }
            int at = data.writerIndex();
            batch.slab().getBytes(batch.offset(i) - HEADROOM, data, batch.length(i) + HEADROOM);
            boolean report = (batch.flags(i) & MediaBatch.REPORT) != 0;
            data.setByte(at + 1, key.channel(batch.track(i)) + (report ? 1 : 0));
            if (timeline != null && !report) {
                retime(data, at + HEADROOM, batch, i, timeline);
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
        ByteBuf data = allocator.directBuffer(wantedBytes, wantedBytes);
        PreparedBatch prepared = PreparedBatch.of(data, batch.arrivalNanos());
        int start = 0;
        int segment = 0;
        int lastLength = 0;
        int packets = 0;
        int what = -1;
        for (int i = from; i < batch.count(); i++) {
            if (!isWanted(batch, i, timeline != null)) {
                continue;
            }
            boolean report = (batch.flags(i) & MediaBatch.REPORT) != 0;
            int length = batch.length(i);
            int whatNow = batch.track(i) | (report ? PreparedBatch.REPORT_RANGE : 0);
            boolean entry = prepared.entryRange() < 0 && isEntry(batch, i);
            boolean fits = packets > 0
                    && !entry
                    && whatNow == what
                    && lastLength == segment
                    && length <= segment
                    && packets < MAX_SEGMENTS
                    && data.writerIndex() - start + length <= MAX_RUN_BYTES;
            if (packets > 0 && !fits) {
                prepared.addRange(start, data.writerIndex(), segment, packets, what);
                packets = 0;
            }
            if (entry) {
                prepared.markEntry();
            }
            if (packets == 0) {
                start = data.writerIndex();
                segment = length;
                what = whatNow;
            }
            int at = data.writerIndex();
            batch.slab().getBytes(batch.offset(i), data, length);
            if (timeline != null && !report) {
                retime(data, at, batch, i, timeline);
            }
            lastLength = length;
            packets++;
            if (endsKeyframe(batch, i)) {
                prepared.markKeyframeEnd();
            }
        }
        prepared.addRange(start, data.writerIndex(), segment, packets, what);
        return prepared;
    }

    private static void retime(ByteBuf data, int rtpOffset, MediaBatch batch, int i, CollapsedTimeline timeline) {
        RtpHeader.setTimestamp(data, rtpOffset, timeline.collapse(batch.track(i), batch.rtpTimestamp(i)));
    }
}
