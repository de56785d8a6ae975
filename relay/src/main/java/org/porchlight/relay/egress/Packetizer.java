package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.FormatParameters;
import org.porchlight.relay.codec.Fragmenter;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.StreamDescription;

/**
 * Makes of a camera's packets such as fit the path of any viewer: small ones as they are, large units as fragments of equal length (RFC 6184
 * section 5.8, RFC 7798 section 4.4.3), and fragments that the camera cut are joined first, as far as they came together, so that a frame becomes a few runs of equal packets. Other formats are
 * cut by {@link Fragmenter}. In front of keyframes without parameter sets those of the session description are put. Units stay byte for byte.
 * Owner: one loop.
 */
final class Packetizer {
    /**
     * Bytes of RTP payload at most: 1,200 bytes of UDP payload, which every path takes, less the longest header with extensions, the tag of AES-GCM and
     * the original number that a retransmission carries.
     */
    static final int MAX_PAYLOAD = 1200 - PacketExtensions.MAX_HEADER - 16 - 2;

    private static final int STAP_A = 24;
    private static final int FU_A = 28;
    private static final int AGGREGATION = 48;
    private static final int FRAGMENTATION = 49;
    private static final int START = 0x80;
    private static final int END = 0x40;
    private static final int RUN_FLAGS = PacketFlags.FRAME_START
            | PacketFlags.KEYFRAME
            | PacketFlags.DISPOSABLE
            | PacketFlags.PARAMETER_SETS
            | MediaBatch.ENTRY;

    /** How units of one track are cut. */
    private enum Way {
        H264,
        H265,
        OTHER,
        AUDIO,
        NONE
    }

    private final ByteBufAllocator allocator;
    private final LoopCounters counters;
    private final Way[] ways = new Way[StreamDescription.MAX_TRACKS];
    private final @Nullable Fragmenter[] fragmenters = new @Nullable Fragmenter[StreamDescription.MAX_TRACKS];
    private final List<TrackFormat> formats;

    // the unit under way
    private int runPieces;
    private int[] runOffsets = new int[64];
    private int[] runLengths = new int[64];
    private int runBytes;
    private int runUnit;
    private boolean runStarts;
    private boolean runEnds;
    private int runFlags;
    private int runTrack;
    private int runTimestamp;

    Packetizer(StreamDescription description, ByteBufAllocator allocator, LoopCounters counters) {
        this.allocator = allocator;
        this.counters = counters;
        this.formats = description.tracks();
        for (int i = 0; i < formats.size(); i++) {
            ways[i] = wayOf(formats.get(i));
        }
    }

    private static Way wayOf(TrackFormat format) {
        if (format.kind() == MediaKind.AUDIO) {
            return Way.AUDIO;
        }
        if (format.kind() != MediaKind.VIDEO) {
            return Way.NONE;
        }
        return switch (format.codec()) {
            case H264 -> Way.H264;
            case H265 ->
                FormatParameters.parse(format.fmtp()).number("sprop-max-don-diff", 0) == 0 ? Way.H265 : Way.OTHER;
            default -> Way.OTHER;
        };
    }

    /**
     * Fills the packets of a batch in.
     *
     * @param from first packet of the batch
     * @param current the stream's tracks as they are known now, for parameter sets; null: as at the beginning
     */
    void packetize(MediaBatch batch, int from, PacketizedBatch out, @Nullable StreamDescription current) {
        for (int i = from; i < batch.count(); i++) {
            int track = batch.track(i);
            if (track >= formats.size() || PacketFlags.isSet(batch.flags(i), MediaBatch.REPORT)) {
                continue;
            }
            int offset = batch.offset(i);
            long layout = RtpHeader.parse(batch.slab(), offset, batch.length(i));
            int payload = RtpHeader.isValid(layout) ? offset + RtpHeader.payloadOffset(layout) : offset;
            int length = RtpHeader.isValid(layout) ? RtpHeader.payloadLength(layout) : 0;
            int flags = batch.flags(i) & (RUN_FLAGS | MediaBatch.VIDEO);
            if (ways[track] == Way.AUDIO) {
                audio(batch, i, payload, length, out);
            } else if (ways[track] != Way.NONE) {
                if (length > 0
                        && PacketFlags.isSet(flags, MediaBatch.ENTRY)
                        && !PacketFlags.isSet(flags, PacketFlags.PARAMETER_SETS)) {
                    flags = insertParameterSets(batch, i, flags, out, current);
                }
                if (length > 0) {
                    video(batch, i, payload, length, flags, out);
                }
                if (PacketFlags.isSet(batch.flags(i), PacketFlags.FRAME_END)) {
                    // Some cameras end a frame with a packet that has nothing in it.
                    endRun(out);
                    if (out.count() > 0 && out.track(out.count() - 1) == track) {
                        out.addFlagsToLast(PacketizedBatch.MARKER | PacketFlags.FRAME_END);
                    }
                }
            }
        }
        endRun(out);
    }

    private void audio(MediaBatch batch, int i, int payload, int length, PacketizedBatch out) {
        if (length == 0) {
            return;
        }
        if (length > MAX_PAYLOAD) {
            counters.increment(Counter.DISCARDED_TOO_LARGE);
            return;
        }
        endRun(out);
        int marker = RtpHeader.marker(batch.slab(), batch.offset(i)) ? PacketizedBatch.MARKER : 0;
        out.beginPacket(batch.track(i), marker, batch.rtpTimestamp(i), 0, 0);
        out.addPiece(payload, length);
    }

    private void video(MediaBatch batch, int i, int payload, int length, int flags, PacketizedBatch out) {
        ByteBuf slab = batch.slab();
        int track = batch.track(i);
        switch (ways[track]) {
            case H264 -> {
                int type = slab.getByte(payload) & 0x1f;
                if (type == FU_A && length > 2) {
                    fragment(batch, i, payload, length, 2, flags, out);
                } else if (type > 0 && type < STAP_A && length > 1) {
                    unit(batch, i, payload, length, 1, flags, out);
                } else if (type == STAP_A && length > MAX_PAYLOAD) {
                    aggregate(batch, i, payload + 1, payload + length, 1, flags, out);
                } else {
                    other(batch, i, payload, length, flags, out);
                }
            }
            case H265 -> {
                int type = slab.getByte(payload) >> 1 & 0x3f;
                if (type == FRAGMENTATION && length > 3) {
                    fragment(batch, i, payload, length, 3, flags, out);
                } else if (type < AGGREGATION && length > 2) {
                    unit(batch, i, payload, length, 2, flags, out);
                } else if (type == AGGREGATION && length > MAX_PAYLOAD) {
                    aggregate(batch, i, payload + 2, payload + length, 2, flags, out);
                } else {
                    other(batch, i, payload, length, flags, out);
                }
            }
            case OTHER, AUDIO, NONE -> other(batch, i, payload, length, flags, out);
        }
    }

    // ---- units and their fragments

    /** Units of an aggregate that is too large as a whole. */
    private void aggregate(MediaBatch batch, int i, int from, int end, int unitHeader, int flags, PacketizedBatch out) {
        int at = from;
        int flagsLeft = flags;
        while (end - at >= 2) {
            int size = batch.slab().getUnsignedShort(at);
            at += 2;
            if (size <= unitHeader || size > end - at) {
                return;
            }
            unit(batch, i, at, size, unitHeader, flagsLeft, out);
            flagsLeft &= ~(PacketFlags.FRAME_START | MediaBatch.ENTRY);
            at += size;
        }
    }

    /** A whole unit with its header of one byte (H.264) or two (H.265). */
    private void unit(MediaBatch batch, int i, int offset, int length, int header, int flags, PacketizedBatch out) {
        endRun(out);
        if (length <= MAX_PAYLOAD) {
            out.beginPacket(batch.track(i), flags, batch.rtpTimestamp(i), 0, 0);
            out.addPiece(offset, length);
            return;
        }
        int unit = header == 1
                ? batch.slab().getUnsignedByte(offset)
                : batch.slab().getUnsignedShort(offset);
        beginRun(batch, i, unit, true, flags);
        addToRun(offset + header, length - header);
        runEnds = true;
        endRun(out);
    }

    /** A fragment of a unit, with a payload header of two bytes (H.264) or three (H.265). */
    private void fragment(MediaBatch batch, int i, int offset, int length, int header, int flags, PacketizedBatch out) {
        ByteBuf slab = batch.slab();
        int fragmentHeader = slab.getUnsignedByte(offset + header - 1);
        boolean starts = (fragmentHeader & START) != 0;
        int unit = header == 2
                ? (slab.getByte(offset) & 0xe0) | (fragmentHeader & 0x1f)
                : (slab.getUnsignedShort(offset) & 0x81ff) | (fragmentHeader & 0x3f) << 9;
        boolean joins = runBytes > 0
                && !starts
                && !runEnds
                && unit == runUnit
                && batch.track(i) == runTrack
                && batch.rtpTimestamp(i) == runTimestamp;
        if (!joins) {
            endRun(out);
            beginRun(batch, i, unit, starts, flags);
        }
        runFlags |= flags & ~(PacketFlags.FRAME_START | MediaBatch.ENTRY);
        addToRun(offset + header, length - header);
        if ((fragmentHeader & END) != 0) {
            runEnds = true;
            endRun(out);
        }
    }

    private void beginRun(MediaBatch batch, int i, int unit, boolean starts, int flags) {
        runUnit = unit;
        runStarts = starts;
        runEnds = false;
        runFlags = flags;
        runTrack = batch.track(i);
        runTimestamp = batch.rtpTimestamp(i);
    }

    private void addToRun(int offset, int length) {
        if (runPieces == runOffsets.length) {
            runOffsets = java.util.Arrays.copyOf(runOffsets, runPieces * 2);
            runLengths = java.util.Arrays.copyOf(runLengths, runPieces * 2);
        }
        runOffsets[runPieces] = offset;
        runLengths[runPieces] = length;
        runPieces++;
        runBytes += length;
    }

    /** What was joined leaves as pieces of equal length. */
    private void endRun(PacketizedBatch out) {
        if (runBytes == 0) {
            return;
        }
        boolean h264 = ways[runTrack] == Way.H264;
        int unitHeader = h264 ? 1 : 2;
        if (runStarts && runEnds && runBytes + unitHeader <= MAX_PAYLOAD) {
            out.beginPacket(runTrack, runFlags, runTimestamp, runUnit << (h264 ? 24 : 16), unitHeader);
            addFromRun(out, 0, 0, runBytes);
        } else {
            cutRun(out, h264);
        }
        runPieces = 0;
        runBytes = 0;
    }

    private void cutRun(PacketizedBatch out, boolean h264) {
        int headerLength = h264 ? 2 : 3;
        int chunk = MAX_PAYLOAD - headerLength;
        int packets = (runBytes + chunk - 1) / chunk;
        int even = (runBytes + packets - 1) / packets;
        int piece = 0;
        int skip = 0;
        for (int at = 0; at < runBytes; at += even) {
            int size = Math.min(even, runBytes - at);
            int flags = (at == 0 && runStarts ? START : 0) | (at + size == runBytes && runEnds ? END : 0);
            int header = h264
                    ? ((runUnit & 0xe0) | FU_A) << 24 | (flags | (runUnit & 0x1f)) << 16
                    : ((runUnit & 0x81ff) | FRAGMENTATION << 9) << 16 | (flags | (runUnit >> 9 & 0x3f)) << 8;
            int first = PacketFlags.FRAME_START | MediaBatch.ENTRY;
            out.beginPacket(runTrack, at == 0 ? runFlags : runFlags & ~first, runTimestamp, header, headerLength);
            int left = size;
            while (left > 0) {
                int take = Math.min(left, runLengths[piece] - skip);
                out.addPiece(runOffsets[piece] + skip, take);
                left -= take;
                skip += take;
                if (skip == runLengths[piece]) {
                    piece++;
                    skip = 0;
                }
            }
        }
    }

    private void addFromRun(PacketizedBatch out, int fromPiece, int skip, int length) {
        int left = length;
        for (int piece = fromPiece; left > 0; piece++) {
            int from = piece == fromPiece ? skip : 0;
            int take = Math.min(left, runLengths[piece] - from);
            out.addPiece(runOffsets[piece] + from, take);
            left -= take;
        }
    }

    // ---- other formats

    private void other(MediaBatch batch, int i, int payload, int length, int flags, PacketizedBatch out) {
        endRun(out);
        int track = batch.track(i);
        if (length <= MAX_PAYLOAD) {
            out.beginPacket(track, flags, batch.rtpTimestamp(i), 0, 0);
            out.addPiece(payload, length);
            return;
        }
        Fragmenter fragmenter = fragmenters[track];
        if (fragmenter == null) {
            fragmenter = new Fragmenter(formats.get(track));
            fragmenters[track] = fragmenter;
        }
        int count = fragmenter.cut(batch.slab(), payload, length, MAX_PAYLOAD, 0, out.rewritten(allocator));
        if (count == 0) {
            counters.increment(Counter.DISCARDED_TOO_LARGE);
        }
        int first = PacketFlags.FRAME_START | MediaBatch.ENTRY;
        for (int piece = 0; piece < count; piece++) {
            out.beginPacket(track, piece == 0 ? flags : flags & ~first, batch.rtpTimestamp(i), 0, 0);
            out.addRewritten(fragmenter.pieceOffset(piece), fragmenter.pieceLength(piece));
        }
    }

    // ---- parameter sets from outside the media

    /** Puts what is known in front of a keyframe that comes without; answers with the flags that are left for it. */
    private int insertParameterSets(
            MediaBatch batch, int i, int flags, PacketizedBatch out, @Nullable StreamDescription current) {
        int track = batch.track(i);
        TrackFormat format = current != null && track < current.tracks().size()
                ? current.tracks().get(track)
                : formats.get(track);
        int left = flags;
        FormatParameters parameters = FormatParameters.parse(format.fmtp());
        List<String> names = format.codec() == Codec.H264
                ? List.of("sprop-parameter-sets")
                : format.codec() == Codec.H265 ? List.of("sprop-vps", "sprop-sps", "sprop-pps") : List.of();
        for (String name : names) {
            for (byte[] set : parameters.base64List(name)) {
                if (set.length == 0 || set.length > MAX_PAYLOAD) {
                    continue;
                }
                endRun(out);
                ByteBuf buffer = out.rewritten(allocator);
                int at = buffer.writerIndex();
                buffer.writeBytes(set);
                out.beginPacket(track, left | PacketFlags.PARAMETER_SETS, batch.rtpTimestamp(i), 0, 0);
                out.addRewritten(at, set.length);
                left &= ~(PacketFlags.FRAME_START | MediaBatch.ENTRY);
            }
        }
        return left;
    }
}
