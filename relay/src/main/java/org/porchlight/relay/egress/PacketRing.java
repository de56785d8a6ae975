package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.PacketFlags;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.NtpTime;
import org.porchlight.relay.rtp.RtcpType;
import org.porchlight.relay.rtp.RtpTimestamps;
import org.porchlight.relay.stream.GopSnapshot;
import org.porchlight.relay.stream.MediaBatch;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.stream.TrackPosition;

/**
 * What a stream has sent lately, as packets, for all viewers of one loop: what a viewer that is behind has yet to get, what one that joins begins
 * with, and what is sent again. Owner: that loop.
 *
 * <p>Design note. A viewer has no queue: it has a place in this ring, and pace and loss are a matter of where it stands. The ring keeps the current group
 * of pictures and at least {@link #MIN_AGE_NANOS}, at most {@link #MAX_BYTES} and {@link #MAX_BATCHES}; it holds references to batches whose slabs the stream's cache holds as well, and tables.
 * Packets are numbered consecutively; {@link #gapNumber} is the first one after a hole, before which no decoder comes.
 */
final class PacketRing implements AutoCloseable {
    static final int MAX_BYTES = 16 << 20;
    static final int MAX_BATCHES = 16_384;

    private static final long MIN_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StreamDescription description;
    private final Packetizer packetizer;
    private @Nullable PacketizedBatch[] ring = new PacketizedBatch[64];
    private int head;
    private int size;
    private long bytes;
    private int nextNumber;

    private boolean hasKeyframe;
    private int keyframeNumber;
    private boolean hasCandidate;
    private int candidateNumber;
    private int candidateTimestamp;
    private boolean hasGap;
    private int gapNumber;

    // by track: the camera's clock, and how far the track has come
    private final long[] ntpTimes = new long[StreamDescription.MAX_TRACKS];
    private final int[] ntpTimestamps = new int[StreamDescription.MAX_TRACKS];
    private final int[] newestTimestamps = new int[StreamDescription.MAX_TRACKS];
    private final long[] newestNanos = new long[StreamDescription.MAX_TRACKS];

    /** Begins with what is cached. */
    PacketRing(GopSnapshot snapshot, ByteBufAllocator allocator, LoopCounters counters) {
        description = snapshot.description();
        packetizer = new Packetizer(description, allocator, counters);
        for (int i = 0; i < snapshot.positions().size(); i++) {
            TrackPosition position = snapshot.positions().get(i);
            ntpTimes[i] = position.ntpTime();
            ntpTimestamps[i] = position.ntpRtpTimestamp();
        }
        int from = snapshot.firstPacket();
        for (MediaBatch batch : snapshot.batches()) {
            append(batch, from, null);
            from = 0;
        }
        if (!snapshot.isComplete()) {
            markGap();
        }
    }

    StreamDescription description() {
        return description;
    }

    /**
     * A batch is there.
     *
     * @param batch borrowed
     * @param current the stream's tracks as known now
     */
    void append(MediaBatch batch, @Nullable StreamDescription current) {
        append(batch, 0, current);
    }

    private void append(MediaBatch batch, int from, @Nullable StreamDescription current) {
        noteReports(batch);
        PacketizedBatch made = PacketizedBatch.of(batch);
        packetizer.packetize(batch, from, made, current);
        if (made.count() == 0) {
            made.release();
            return;
        }
        made.number(nextNumber, captureNtp(made));
        notePackets(made);
        add(made);
        trim(batch.arrivalNanos());
    }

    private void noteReports(MediaBatch batch) {
        if ((batch.allFlags() & MediaBatch.REPORT) == 0) {
            return;
        }
        ByteBuf slab = batch.slab();
        for (int i = 0; i < batch.count(); i++) {
            int track = batch.track(i);
            int offset = batch.offset(i);
            if ((batch.flags(i) & MediaBatch.REPORT) != 0
                    && batch.length(i) >= 28
                    && track < ntpTimes.length
                    && slab.getUnsignedByte(offset + 1) == RtcpType.SR) {
                ntpTimes[track] = slab.getLong(offset + 8);
                ntpTimestamps[track] = slab.getInt(offset + 16);
            }
        }
    }

    private long captureNtp(PacketizedBatch made) {
        for (int i = 0; i < made.count(); i++) {
            if (PacketFlags.isSet(made.flags(i), PacketFlags.KEYFRAME)) {
                return ntpAt(made.track(i), made.rtpTimestamp(i));
            }
        }
        return 0;
    }

    private void notePackets(PacketizedBatch made) {
        for (int i = 0; i < made.count(); i++) {
            int flags = made.flags(i);
            int track = made.track(i);
            int timestamp = made.rtpTimestamp(i);
            if (newestNanos[track] == 0 || !RtpTimestamps.isLater(newestTimestamps[track], timestamp)) {
                newestTimestamps[track] = timestamp;
                newestNanos[track] = made.arrivalNanos();
            }
            if (PacketFlags.isSet(flags, MediaBatch.ENTRY)) {
                hasCandidate = true;
                candidateNumber = nextNumber + i;
                candidateTimestamp = timestamp;
            }
            if (hasCandidate && PacketFlags.isSet(flags, PacketFlags.KEYFRAME) && timestamp == candidateTimestamp) {
                hasCandidate = false;
                hasKeyframe = true;
                keyframeNumber = candidateNumber;
            }
        }
    }

    private void add(PacketizedBatch made) {
        if (size == ring.length) {
            @Nullable PacketizedBatch[] larger = new PacketizedBatch[ring.length * 2];
            for (int i = 0; i < size; i++) {
                larger[i] = ring[head + i & ring.length - 1];
            }
            ring = larger;
            head = 0;
        }
        ring[head + size & ring.length - 1] = made;
        size++;
        bytes += made.bytes();
        nextNumber = made.endNumber();
    }

    private void trim(long nowNanos) {
        while (size > 1) {
            PacketizedBatch first = batch(0);
            boolean tooMuch = bytes > MAX_BYTES || size > MAX_BATCHES;
            boolean needed = nowNanos - first.arrivalNanos() < MIN_AGE_NANOS
                    || (hasKeyframe && first.endNumber() - keyframeNumber > 0);
            if (!tooMuch && needed) {
                return;
            }
            if (hasKeyframe && first.endNumber() - keyframeNumber > 0) {
                hasKeyframe = false;
            }
            ring[head] = null;
            head = head + 1 & ring.length - 1;
            size--;
            bytes -= first.bytes();
            first.release();
        }
    }

    /** Batches were lost before they came here. */
    void markGap() {
        hasKeyframe = false;
        hasCandidate = false;
        hasGap = true;
        gapNumber = nextNumber;
    }

    /** Whether something is missing right before this packet. */
    boolean isGapBefore(int number) {
        return hasGap && number == gapNumber;
    }

    // ---- places

    /** Number of the first packet there is. */
    int startNumber() {
        return size == 0 ? nextNumber : batch(0).firstNumber();
    }

    /** Number of the packet that comes next. */
    int endNumber() {
        return nextNumber;
    }

    /** Whether the beginning of a keyframe is here, and everything since. */
    boolean hasKeyframe() {
        return hasKeyframe;
    }

    /** Where the last keyframe begins; only with {@link #hasKeyframe}. */
    int keyframeNumber() {
        return keyframeNumber;
    }

    /** The batch that holds a packet, lent; null: it is not here any more, or not yet. */
    @Nullable
    PacketizedBatch find(int number) {
        if (size == 0 || number - startNumber() < 0 || number - nextNumber >= 0) {
            return null;
        }
        int low = 0;
        int high = size - 1;
        if (number - batch(high).firstNumber() >= 0) {
            return batch(high);
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (number - batch(middle).firstNumber() >= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return batch(low);
    }

    private PacketizedBatch batch(int i) {
        PacketizedBatch batch = ring[head + i & ring.length - 1];
        if (batch == null) {
            throw new IllegalStateException("batch " + i + " of " + size);
        }
        return batch;
    }

    /** Payload bytes from a packet's batch to the end. */
    long bytesFrom(int number) {
        long sum = 0;
        for (int i = size - 1; i >= 0 && batch(i).endNumber() - number > 0; i--) {
            sum += batch(i).bytes();
        }
        return sum;
    }

    /** Payload bytes held. */
    long bytes() {
        return bytes;
    }

    // ---- clocks

    /** Newest timestamp of a track; senseless before {@link #hasBegun}. */
    int newestTimestamp(int track) {
        return newestTimestamps[track];
    }

    /** When that came. */
    long newestNanos(int track) {
        return newestNanos[track];
    }

    boolean hasBegun(int track) {
        return newestNanos[track] != 0;
    }

    /** The camera's clock at a timestamp of a track, 64-bit NTP; 0: unknown. */
    long ntpAt(int track, int rtpTimestamp) {
        if (ntpTimes[track] == 0) {
            return 0;
        }
        int ticks = RtpTimestamps.distance(ntpTimestamps[track], rtpTimestamp);
        long nanos = RtpTimestamps.ticksToNanos(
                ticks, description.tracks().get(track).clockRate());
        return NtpTime.ofEpochNanos(NtpTime.toEpochNanos(ntpTimes[track]) + nanos);
    }

    @Override
    public void close() {
        for (int i = 0; i < size; i++) {
            batch(i).release();
            ring[head + i & ring.length - 1] = null;
        }
        size = 0;
        bytes = 0;
        hasKeyframe = false;
    }
}
