package org.porchlight.relay.egress;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;

/**
 * A viewer over UDP: RTSP with RTP/AVP unicast. Owner: its loop. There is no answer that says how much it takes, so live media leaves at once;
 * only a cached GOP is spread, as no client's socket buffer holds all of it. The socket is shared: when it is full no single viewer is to
 * blame, so all go down the ladder, which makes it less, and nobody is disconnected.
 */
public final class DatagramViewer extends Viewer {
    /** Cached media leaves at this rate at most: 32 KiB in 4 ms is 65 Mb/s. */
    private static final int BURST_BYTES = 32 * 1024;

    private static final long BURST_INTERVAL_MILLIS = 4;

    /**
     * Where a track's datagrams go.
     *
     * @param rtp resolved address for RTP
     * @param rtcp resolved address for RTCP
     */
    public record Destination(InetSocketAddress rtp, InetSocketAddress rtcp) {}

    private final DatagramTransport transport;
    private final List<@Nullable Destination> destinations;
    private final ArrayDeque<PreparedBatch> queue = new ArrayDeque<>(4);
    private int queuedBytes;
    private @Nullable Burst burst;
    private long burstDeadlineNanos;
    private boolean pacing;

    /** @param destinations by track; null where the viewer does not want the track */
    public DatagramViewer(
            ViewerSetting setting, ViewKey key, DatagramTransport transport, List<@Nullable Destination> destinations) {
        super(setting, key, StalenessLadder.NEVER_DISCONNECTED);
        this.transport = transport;
        this.destinations = destinations;
    }

    @Override
    DatagramTransport datagramTransport() {
        return transport;
    }

    @Override
    boolean hasBacklog() {
        return burst != null || !queue.isEmpty();
    }

    @Override
    void beginBurst(Burst cached) {
        burst = cached;
        burstDeadlineNanos = nanoTime.getAsLong() + contract.burstAge().toNanos();
    }

    @Override
    void enqueue(PreparedBatch prepared, int fromRange, long nowNanos) {
        boolean waits = burst != null || !queue.isEmpty();
        if (waits ? queuedBytes + prepared.bytes() > contract.maxBytes() : !transport.isWritable()) {
            drop(prepared.packets(), prepared.bytes(), nowNanos);
        } else if (waits) {
            PreparedBatch kept = fromRange == 0 ? (PreparedBatch) prepared.retain() : prepared.from(fromRange);
            queue.addLast(kept);
            addQueued(kept.bytes());
        } else {
            send(prepared, fromRange, nowNanos);
        }
    }

    private void addQueued(int bytes) {
        queuedBytes += bytes;
        counters.adjust(Level.VIEWER_QUEUED_BYTES, bytes);
    }

    /** Drops what waits, and so many besides. */
    private void drop(long packets, long bytes, long nowNanos) {
        long waitingPackets = 0;
        for (PreparedBatch waiting : queue) {
            waitingPackets += waiting.packets();
        }
        long waitingBytes = queuedBytes;
        discardQueue();
        dropToKeyframe(packets + waitingPackets, bytes + waitingBytes, nowNanos);
    }

    private void send(PreparedBatch prepared, int fromRange, long nowNanos) {
        long packets = 0;
        long bytes = 0;
        for (int range = fromRange; range < prepared.ranges(); range++) {
            Destination destination = destinations.get(prepared.track(range));
            if (destination == null) {
                continue;
            }
            boolean report = prepared.isReport(range);
            int start = prepared.start(range);
            int end = prepared.end(range);
            transport.send(
                    prepared.data(),
                    start,
                    end,
                    prepared.segment(range),
                    report ? destination.rtcp() : destination.rtp(),
                    report);
            counters.increment(Counter.SENT_WRITES);
            packets += prepared.packets(range);
            bytes += end - start;
        }
        countSent(packets, bytes, nowNanos);
        if (prepared.hasKeyframeEnd()) {
            onKeyframeSent(nowNanos);
        }
    }

    @Override
    void flush(long nowNanos) {
        if (pacing || isClosed()) {
            return;
        }
        int left = BURST_BYTES;
        while (left > 0 && transport.isWritable()) {
            PreparedBatch next = nextWaiting();
            if (next == null) {
                return;
            }
            try {
                left -= next.bytes();
                send(next, 0, nowNanos);
            } finally {
                next.release();
            }
        }
        if (burst == null && queue.isEmpty()) {
            return;
        }
        if (nowNanos - burstDeadlineNanos > 0) {
            drop(0, 0, nowNanos);
        } else {
            pacing = true;
            executor().schedule(this::onPause, BURST_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private @Nullable PreparedBatch nextWaiting() {
        Burst cached = burst;
        if (cached != null) {
            PreparedBatch next = cached.next();
            if (next != null) {
                return next;
            }
            burst = null;
            cached.close();
        }
        PreparedBatch live = queue.pollFirst();
        if (live != null) {
            addQueued(-live.bytes());
        }
        return live;
    }

    private void onPause() {
        pacing = false;
        flush(nanoTime.getAsLong());
        transport.flush();
    }

    @Override
    void onTick(long nowNanos) {
        recoverIfKeptUp(nowNanos);
    }

    @Override
    void discardQueue() {
        Burst cached = burst;
        burst = null;
        if (cached != null) {
            cached.close();
        }
        while (!queue.isEmpty()) {
            queue.removeFirst().release();
        }
        addQueued(-queuedBytes);
    }
}
