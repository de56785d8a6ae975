package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.buffer.SlabCursor;
import org.porchlight.relay.buffer.SlabPool;
import org.porchlight.relay.codec.CodecDeviation;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.codec.PayloadScanners;
import org.porchlight.relay.codec.TrackFormat;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.ReorderBuffer;
import org.porchlight.relay.rtp.RtcpReader;
import org.porchlight.relay.rtp.RtcpType;
import org.porchlight.relay.rtp.RtcpVisitor;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.rtp.RtpHeader;

/**
 * The door by which one source's packets enter a stream: each is checked, put in order, continued, understood, and entered in the batch of
 * the current read. Owner: the loop of the source, from {@link Stream#attach} until {@link #close} or until the source was told that it has been
 * replaced; calls after that do nothing.
 *
 * <p>A packet is rewritten where it lies (payload type, SSRC, sequence number, timestamp, interleaved header): nobody else has seen the
 * bytes yet. Payloads are never touched.
 */
public final class Ingest {
    /** What a track leaves to the source that comes after. */
    record TrackEnd(TrackPosition position, TrackContinuity continuity) {}

    /** A track's sender report goes out this often (RFC 3550 section 6.2 gives 5 s as the least interval for small sessions). */
    private static final long REPORT_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long FIGURES_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int REORDER_PACKETS = 256;
    private static final int MAX_REPORT_BYTES = 128;

    /** What stays unused at the end of a slab: less than a packet, or what is too little for a read. */
    private static final int SLAB_REST_BYTES = 1024;

    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);

    private final Stream stream;
    private final StreamSettings settings;
    private final IngestOptions options;
    private final StreamDescription shown;
    private final DatagramLimit datagramLimit;
    private final IngestTrack[] tracks;
    private final LoopCounters counters;
    private final SlabCursor ownSlabs;
    private final RtcpVisitor rtcpVisitor = new SenderReports();

    private @Nullable MediaBatch batch;
    private boolean closed;
    private boolean learnedFormat;
    private long receivedBytes;
    private long keyframes;
    private long lostPackets;
    private long nextFiguresNanos;
    private @Nullable IngestTrack rtcpTrack;
    private long rtcpNanos;
    private long lastPacketNanos;
    private long gopBytes;
    private int suggestedSlabBytes = SlabPool.MAX_SLAB_BYTES / 4;

    Ingest(
            Stream stream,
            StreamDescription shown,
            StreamDescription incoming,
            IngestOptions options,
            List<TrackEnd> before) {
        this.stream = stream;
        this.settings = stream.settings();
        this.options = options;
        this.shown = shown;
        this.datagramLimit = new DatagramLimit(settings.maxDatagramBytes(), shown);
        this.counters = settings.counters().apply(stream.owner());
        this.ownSlabs = new SlabCursor(settings.slabs(), suggestedSlabBytes);
        long now = settings.nanoTime().getAsLong();
        this.lastPacketNanos = now;
        this.nextFiguresNanos = now;
        this.tracks = new IngestTrack[shown.tracks().size()];
        for (int i = 0; i < tracks.length; i++) {
            tracks[i] = trackOf(i, incoming, before, now);
        }
    }

    private IngestTrack trackOf(int i, StreamDescription incoming, List<TrackEnd> before, long now) {
        TrackFormat format = shown.tracks().get(i);
        TrackEnd end = i < before.size() ? before.get(i) : null;
        TrackContinuity continuity = end == null
                ? new TrackContinuity(
                        format.clockRate(),
                        settings.random().getAsInt(),
                        settings.random().getAsInt() & 0x7fff,
                        settings.random().getAsInt())
                : TrackContinuity.after(end.continuity());
        ReorderBuffer reorder = options.ordered()
                ? null
                : new ReorderBuffer(ByteBufAllocator.DEFAULT, REORDER_PACKETS, waitNanos(format));
        IngestTrack track = new IngestTrack(
                i,
                format,
                incoming.tracks().get(i).payloadType(),
                continuity,
                PayloadScanners.forFormat(format),
                reorder,
                datagramLimit,
                now);
        if (end != null) {
            track.carryCounts(end.position());
            if (end.position().started()) {
                counters.increment(Counter.CONTINUED_SOURCE);
            }
        }
        return track;
    }

    private long waitNanos(TrackFormat format) {
        return format.kind() == MediaKind.VIDEO ? options.pictureWaitNanos() : IngestOptions.REORDER_WAIT_NANOS;
    }

    /** Keyframes that have begun. */
    public long keyframes() {
        return keyframes;
    }

    IngestOptions options() {
        return options;
    }

    /** The description that viewers see; its payload types are those of the first source. */
    public StreamDescription description() {
        return shown;
    }

    /**
     * One RTP packet that lies in a slab.
     *
     * @param slab borrowed; the four bytes before {@code rtpOffset} belong to the packet and are overwritten
     * @param rtpOffset index of the first RTP byte, at least {@link SlabCursor#HEADROOM}
     * @param rtpLength 0 to 65,535
     */
    public void packet(int track, ByteBuf slab, int rtpOffset, int rtpLength, long nowNanos) {
        if (closed || track < 0 || track >= tracks.length) {
            return;
        }
        IngestTrack target = tracks[track];
        if (!isMedia(target, slab, rtpOffset, rtpLength, nowNanos)) {
            return;
        }
        if (target.reorder == null) {
            accept(target, slab, rtpOffset, rtpLength, false, nowNanos);
        } else {
            reorder(target, target.reorder, slab, rtpOffset, rtpLength, nowNanos);
        }
    }

    /**
     * One RTP packet that lies somewhere else and is copied: a datagram, the plain text of TLS or of a tunnel.
     *
     * @param src borrowed
     */
    public void datagram(int track, ByteBuf src, int index, int length, long nowNanos) {
        if (closed || track < 0 || track >= tracks.length || length > 0xffff) {
            return;
        }
        IngestTrack target = tracks[track];
        if (!isMedia(target, src, index, length, nowNanos)) {
            return;
        }
        if (target.reorder == null) {
            acceptCopy(target, src, index, length, false, nowNanos);
        } else {
            reorder(target, target.reorder, src, index, length, nowNanos);
        }
    }

    /** Whether it is a sound RTP packet of this track; RTCP is read at once. */
    private boolean isMedia(IngestTrack track, ByteBuf buf, int index, int length, long nowNanos) {
        if (RtcpType.isRtcp(buf, index, length) && !track.declares(RtpHeader.payloadType(buf, index))) {
            track.count(IngestDeviation.RTCP_ON_RTP_CHANNEL);
            readRtcp(track, buf, index, length, nowNanos);
            return false;
        }
        long layout = RtpHeader.parse(buf, index, length);
        if (!RtpHeader.isValid(layout)) {
            discard(track, RtpHeader.defect(layout));
            return false;
        }
        if (!track.isMine(RtpHeader.payloadType(buf, index))) {
            counters.increment(Counter.DISCARDED_PAYLOAD_TYPE);
            return false;
        }
        track.statistics.onPacket(RtpHeader.sequenceNumber(buf, index), RtpHeader.timestamp(buf, index), nowNanos);
        lastPacketNanos = nowNanos;
        return true;
    }

    private void reorder(IngestTrack track, ReorderBuffer buffer, ByteBuf src, int index, int length, long nowNanos) {
        int sequenceNumber = RtpHeader.sequenceNumber(src, index);
        switch (track.judgeSsrc(RtpHeader.ssrc(src, index), sequenceNumber, nowNanos)) {
            case SAME -> {}
            case FORMER -> {
                counters.increment(Counter.DISCARDED_LATE);
                return;
            }
            case OTHER -> {
                // What waits of the old sequence need not wait for the rest of it.
                drainReorder(track, buffer, nowNanos + waitNanos(track.format), nowNanos);
                buffer.reset();
            }
        }
        switch (buffer.receive(sequenceNumber, src, index, length, nowNanos)) {
            case IN_ORDER -> acceptCopy(track, src, index, length, false, nowNanos);
            case PARKED -> counters.increment(Counter.REORDERED_PACKETS);
            case LATE -> counters.increment(Counter.DISCARDED_LATE);
            case DUPLICATE -> counters.increment(Counter.DISCARDED_DUPLICATE);
            case PROBATION, RESTART -> {}
        }
        drainReorder(track, buffer, nowNanos, nowNanos);
    }

    private void drainReorder(IngestTrack track, ReorderBuffer buffer, long dueNanos, long nowNanos) {
        for (ByteBuf packet = buffer.poll(dueNanos); packet != null; packet = buffer.poll(dueNanos)) {
            boolean restarted = buffer.isRestart();
            try {
                acceptCopy(track, packet, packet.readerIndex(), packet.readableBytes(), restarted, nowNanos);
            } finally {
                packet.release();
            }
        }
    }

    private void acceptCopy(IngestTrack track, ByteBuf src, int index, int length, boolean restarted, long nowNanos) {
        int offset = ownSlabs.append(src, index, length);
        accept(track, ownSlabs.slab(), offset, length, restarted, nowNanos);
    }

    /** A sound packet in its order, where it will stay. */
    private void accept(IngestTrack track, ByteBuf slab, int offset, int length, boolean restarted, long nowNanos) {
        counters.increment(Counter.RECEIVED_PACKETS);
        counters.add(Counter.RECEIVED_BYTES, length);
        receivedBytes += length;
        int timestamp = RtpHeader.timestamp(slab, offset);
        TrackContinuity continuity = track.continuity;
        boolean begins = !continuity.isInSource();
        if (!continuity.accept(
                RtpHeader.sequenceNumber(slab, offset), timestamp, RtpHeader.ssrc(slab, offset), restarted, nowNanos)) {
            counters.increment(Counter.DISCARDED_DUPLICATE);
            return;
        }
        noteBreaks(track, continuity, nowNanos);
        long layout = RtpHeader.parse(slab, offset, length);
        int payloadLength = RtpHeader.payloadLength(layout);
        int scanned = track.scanner.scan(
                slab,
                offset + RtpHeader.payloadOffset(layout),
                payloadLength,
                RtpHeader.marker(slab, offset),
                timestamp,
                continuity.missing() > 0);
        boolean inKeyframe = track.isFrameKey() && !PacketFlags.isSet(scanned, PacketFlags.FRAME_START);
        int flags = track.complete(scanned, nowNanos);
        learnedFormat |= PacketFlags.isSet(flags, PacketFlags.FORMAT_CHANGED);
        if (track.isGated()) {
            continuity.withdraw();
            return;
        }
        if (begins) {
            track.onSourceBegun();
        }
        if (track.isFrameKey() && !inKeyframe) {
            keyframes++;
            adaptSlabSize();
        }
        countPacket(track, flags, length, continuity.missing());
        track.countSent(payloadLength);
        rewrite(track, slab, offset, length);
        enter(track, slab, offset, length, flags, nowNanos);
        if (track.video && PacketFlags.isSet(flags, PacketFlags.FRAME_END)) {
            flush();
        }
    }

    private void noteBreaks(IngestTrack track, TrackContinuity continuity, long nowNanos) {
        if (continuity.isBroken()) {
            // Frames before the next keyframe refer to some that viewers never got.
            track.scanner.reset();
            track.closeGate(nowNanos);
        }
        if (continuity.isSsrcChanged()) {
            track.count(IngestDeviation.SSRC_CHANGED);
            counters.increment(Counter.CONTINUED_SSRC);
        }
        if (continuity.isSequenceRestarted()) {
            track.count(IngestDeviation.SEQUENCE_RESTARTED);
            counters.increment(Counter.CONTINUED_SEQUENCE);
        }
        if (continuity.isTimestampJumped()) {
            track.count(IngestDeviation.TIMESTAMP_JUMPED);
            counters.increment(Counter.CONTINUED_TIMESTAMP);
        } else if (continuity.isTimestampBackwards()) {
            track.count(IngestDeviation.TIMESTAMP_BACKWARDS);
        }
    }

    private void countPacket(IngestTrack track, int flags, int length, int missing) {
        if (missing > 0) {
            counters.add(Counter.LOST_PACKETS, missing);
            lostPackets += missing;
        }
        if (PacketFlags.isSet(flags, PacketFlags.MALFORMED)) {
            counters.increment(Counter.MALFORMED_PAYLOADS);
        }
        if (length > datagramLimit.maxBytes()) {
            track.count(IngestDeviation.OVERSIZED_PACKET);
        }
        if (!track.video) {
            return;
        }
        if (PacketFlags.isSet(flags, PacketFlags.FRAME_END)) {
            counters.increment(Counter.RECEIVED_FRAMES);
            if (PacketFlags.isSet(flags, PacketFlags.KEYFRAME)) {
                counters.increment(Counter.RECEIVED_KEYFRAMES);
            }
        }
        gopBytes += length;
    }

    /**
     * A cached GOP pins on average one slab at its ends and wastes about {@link #SLAB_REST_BYTES} in each. Both are least together when a slab is the
     * geometric mean of the two.
     */
    private void adaptSlabSize() {
        if (gopBytes > 0) {
            int wanted = (int) Math.sqrt((double) gopBytes * SLAB_REST_BYTES);
            suggestedSlabBytes = Math.max(SlabPool.MIN_SLAB_BYTES, Math.min(SlabPool.MAX_SLAB_BYTES, wanted));
            ownSlabs.resize(suggestedSlabBytes);
        }
        gopBytes = 0;
    }

    private void rewrite(IngestTrack track, ByteBuf slab, int offset, int length) {
        RtpHeader.setPayloadType(slab, offset, track.format.payloadType());
        RtpHeader.setSequenceNumber(slab, offset, track.continuity.sequenceNumber());
        RtpHeader.setTimestamp(slab, offset, track.continuity.timestamp());
        RtpHeader.setSsrc(slab, offset, track.continuity.ssrc());
        frame(slab, offset, length, track.index * 2);
    }

    private static void frame(ByteBuf slab, int offset, int length, int channel) {
        slab.setByte(offset - 4, '$');
        slab.setByte(offset - 3, channel);
        slab.setShort(offset - 2, length);
    }

    private void enter(IngestTrack track, ByteBuf slab, int offset, int length, int flags, long nowNanos) {
        MediaBatch current = batch;
        if (current != null && isNextFrame(current, flags)) {
            flush();
            current = null;
        } else if (current != null && (current.isFull() || !current.isOver(slab))) {
            // The frame goes on in the next slab, and so does this read: viewers get both parts in one write.
            stream.publish(current, true);
            current = null;
        }
        if (current == null) {
            current = MediaBatch.open(slab, nowNanos);
            batch = current;
        }
        TrackContinuity continuity = track.continuity;
        int number = continuity.sequenceNumber();
        if (continuity.isStraggler()) {
            // It has one number, whatever its size.
            int shift = track.datagrams.shiftOfStraggler(number);
            current.add(track.index, offset, length, flags, continuity.timestamp(), shift);
            return;
        }
        int shift = track.datagrams.shiftOf(number, continuity.missing());
        boolean cut = length > datagramLimit.maxBytes() && track.datagrams.cut(slab, offset, length);
        current.add(track.index, offset, length, cut ? flags | MediaBatch.CUT : flags, continuity.timestamp(), shift);
        if (cut) {
            current.cutBy(datagramLimit);
        }
    }

    /** Where markers are missing a frame begins before the last one has ended: a batch holds packets of one frame at most. */
    private static boolean isNextFrame(MediaBatch current, int flags) {
        return (flags & MediaBatch.VIDEO) != 0
                && PacketFlags.isSet(flags, PacketFlags.FRAME_START)
                && (current.allFlags() & MediaBatch.VIDEO) != 0;
    }

    /** The end of a read: what it brought goes out, and what is due beside it. */
    public void endOfRead(long nowNanos) {
        if (closed) {
            return;
        }
        for (IngestTrack track : tracks) {
            if (track.reorder != null) {
                drainReorder(track, track.reorder, nowNanos, nowNanos);
            }
        }
        flush();
        if (learnedFormat) {
            learnedFormat = false;
            stream.onFormatLearned(learnedDescription());
        }
        if (nowNanos - nextFiguresNanos >= 0) {
            nextFiguresNanos = nowNanos + FIGURES_INTERVAL_NANOS;
            stream.onFigures(figures());
        }
        for (IngestTrack track : tracks) {
            if (nowNanos - track.nextReportNanos >= 0 && track.continuity.isInSource()) {
                report(track, nowNanos);
            }
        }
    }

    /** When {@link #endOfRead} is to be called without a read, because packets wait for missing ones; {@link Long#MAX_VALUE}: never. */
    public long nextDeadlineNanos() {
        long next = Long.MAX_VALUE;
        for (IngestTrack track : tracks) {
            if (track.reorder != null) {
                next = Math.min(next, track.reorder.nextDeadlineNanos());
            }
        }
        return next;
    }

    private void flush() {
        MediaBatch current = batch;
        if (current != null) {
            batch = null;
            stream.publish(current, false);
        }
    }

    private StreamDescription learnedDescription() {
        List<TrackFormat> learned = new ArrayList<>(tracks.length);
        for (IngestTrack track : tracks) {
            learned.add(track.scanner.format().withPayloadType(track.format.payloadType()));
        }
        return new StreamDescription(learned);
    }

    private void report(IngestTrack track, long nowNanos) {
        track.nextReportNanos = nowNanos + REPORT_INTERVAL_NANOS;
        if (!track.hasSenderReport()) {
            track.useArrivalClock(settings.epochNanos().epochNanosAt(nowNanos));
            track.count(IngestDeviation.NO_SENDER_REPORTS);
        }
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(2 * (SlabCursor.HEADROOM + MAX_REPORT_BYTES));
        MediaBatch report = MediaBatch.open(buffer, nowNanos);
        buffer.release();
        TrackPosition position = track.position();
        boolean cut = position.cuts().packets() != 0 || position.cuts().octets() != 0;
        addReport(report, track, position, cut ? MediaBatch.FOR_STREAMS : 0);
        if (cut) {
            addReport(report, track, position.asDatagrams(), MediaBatch.FOR_DATAGRAMS);
        }
        stream.publish(report, false);
    }

    private static void addReport(MediaBatch batch, IngestTrack track, TrackPosition position, int forWhom) {
        ByteBuf buffer = batch.slab();
        int offset = buffer.writeZero(SlabCursor.HEADROOM).writerIndex();
        RtcpWriter.writeSenderReport(
                buffer,
                position.ssrc(),
                track.ntpAtNewest(),
                position.rtpTimestamp(),
                position.packets(),
                position.octets(),
                0);
        RtcpWriter.writeCname(buffer, position.ssrc(), CNAME);
        int length = buffer.writerIndex() - offset;
        frame(buffer, offset, length, track.index * 2 + 1);
        batch.add(track.index, offset, length, MediaBatch.REPORT | forWhom, position.rtpTimestamp(), 0);
    }

    // ---- RTCP of the source

    /**
     * What came on a track's RTCP channel or port.
     *
     * @param src borrowed
     */
    public void rtcp(int track, ByteBuf src, int index, int length, long nowNanos) {
        if (closed || track < 0 || track >= tracks.length) {
            return;
        }
        IngestTrack target = tracks[track];
        if (RtcpType.isRtcp(src, index, length)) {
            readRtcp(target, src, index, length, nowNanos);
        } else if (RtpHeader.isValid(RtpHeader.parse(src, index, length))
                && target.declares(RtpHeader.payloadType(src, index))) {
            target.count(IngestDeviation.RTP_ON_RTCP_CHANNEL);
            datagram(track, src, index, length, nowNanos);
        } else {
            counters.increment(Counter.RTCP_MALFORMED);
        }
    }

    private void readRtcp(IngestTrack track, ByteBuf src, int index, int length, long nowNanos) {
        counters.increment(Counter.RTCP_RECEIVED);
        rtcpTrack = track;
        rtcpNanos = nowNanos;
        if (RtcpReader.read(src, index, length, rtcpVisitor) != RtcpReader.Result.OK) {
            counters.increment(Counter.RTCP_MALFORMED);
        }
        rtcpTrack = null;
    }

    private final class SenderReports implements RtcpVisitor {
        @Override
        public void onSenderReport(int ssrc, long ntp, int rtpTimestamp, int packetCount, int octetCount) {
            IngestTrack track = rtcpTrack;
            if (track != null) {
                track.onSenderReport(ntp, rtpTimestamp, rtcpNanos);
            }
        }
    }

    // ---- what the source asks

    /** How large the slabs should be into which this source reads, by its bit rate and GOP. */
    public int suggestedSlabBytes() {
        return suggestedSlabBytes;
    }

    /** When the last valid RTP packet came; the time of attaching before the first. */
    public long lastPacketNanos() {
        return lastPacketNanos;
    }

    /** Reception statistics of a track, for receiver reports; lent. */
    public ReceiveStatistics statistics(int track) {
        return tracks[track].statistics;
    }

    /** What was put right so far, over all tracks; a copy. */
    public Map<IngestDeviation, Long> deviations() {
        Map<IngestDeviation, Long> sum = new EnumMap<>(IngestDeviation.class);
        for (IngestTrack track : tracks) {
            track.addDeviationsTo(sum);
        }
        return sum;
    }

    /** What came so far from this source; a copy. */
    SourceFigures figures() {
        Map<CodecDeviation, Long> codecDeviations = new EnumMap<>(CodecDeviation.class);
        for (IngestTrack track : tracks) {
            track.scanner
                    .tolerances()
                    .forEach((deviation, count) -> codecDeviations.merge(deviation, count, Long::sum));
        }
        return new SourceFigures(receivedBytes, lostPackets, deviations(), codecDeviations);
    }

    /** For the next source: where every track ends. */
    List<TrackEnd> ends() {
        List<TrackEnd> ends = new ArrayList<>(tracks.length);
        for (IngestTrack track : tracks) {
            ends.add(new TrackEnd(track.position(), track.continuity));
        }
        return ends;
    }

    /** Where every track stands. */
    List<TrackPosition> positions() {
        List<TrackPosition> positions = new ArrayList<>(tracks.length);
        for (IngestTrack track : tracks) {
            positions.add(track.position());
        }
        return positions;
    }

    // ---- end

    /** The source is gone; viewers wait for its return or its successor. May be repeated. */
    public void close() {
        if (!closed) {
            flush();
            stream.onIngestClosed(this);
            discard();
        }
    }

    /** Lets go of everything without telling the stream, which has told us. */
    void discard() {
        closed = true;
        MediaBatch current = batch;
        batch = null;
        if (current != null) {
            current.release();
        }
        for (IngestTrack track : tracks) {
            track.close();
        }
        ownSlabs.close();
    }

    private void discard(IngestTrack track, RtpHeader.Defect defect) {
        track.count(IngestDeviation.MALFORMED_RTP);
        counters.increment(
                switch (defect) {
                    case TOO_SHORT -> Counter.DISCARDED_TOO_SHORT;
                    case BAD_VERSION -> Counter.DISCARDED_VERSION;
                    case CSRC_OVERRUN, EXTENSION_OVERRUN, PADDING_OVERRUN -> Counter.DISCARDED_MALFORMED;
                });
    }
}
