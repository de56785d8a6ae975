package org.porchlight.relay.webrtc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.metrics.Level;
import org.porchlight.relay.metrics.LoopCounters;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpType;
import org.porchlight.relay.rtp.RtpHeader;
import org.porchlight.relay.stream.FloodGauge;
import org.porchlight.relay.stream.Ingest;
import org.porchlight.relay.stream.IngestOptions;
import org.porchlight.relay.stream.Stream;
import org.porchlight.relay.stream.StreamDescription;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;
import org.porchlight.relay.webrtc.publish.PublishedTracks;
import org.porchlight.relay.webrtc.publish.PublisherFeedback;
import org.porchlight.relay.webrtc.session.WebRtcSession;
import org.porchlight.relay.webrtc.srtp.SrtpProfile;

/** A publisher's packets on their way from its session into a stream, and its feedback on the way back. Owner: the session's loop. */
final class PublisherIntake {
    private final EventLoop loop;
    private final WebRtcSession session;
    private final List<AgreedMedia> media;
    private final WebRtcSettings settings;
    private final LoopCounters counters;
    private final PublishedTracks tracks;
    private final PublisherFeedback feedback;
    private final FloodGauge flood;
    private final Consumer<String> end;
    private final Runnable endOfRead = this::endOfRead;

    private @Nullable Ingest ingest;
    private @Nullable ScheduledFuture<?> timer;
    private long timerNanos;
    private boolean endOfReadPending;
    private boolean attached;
    private boolean closed;
    private long packets;
    private long bytes;
    private long lastPacketNanos;

    /**
     * One that is not attached.
     *
     * @param session connected
     * @param end ends the session for a reason
     */
    PublisherIntake(
            EventLoop loop,
            WebRtcSession session,
            List<AgreedMedia> media,
            WebRtcSettings settings,
            long maxBitsPerSecond,
            int ownSsrc,
            Consumer<String> end) {
        this.loop = loop;
        this.session = session;
        this.media = media;
        this.settings = settings;
        this.counters = settings.counters().apply(loop);
        this.end = end;
        long now = settings.nowNanos();
        tracks = new PublishedTracks(media);
        feedback = new PublisherFeedback(media, tracks, ownSsrc, now);
        flood = new FloodGauge(maxBitsPerSecond, now);
        lastPacketNanos = now;
    }

    /** Takes the stream. True: packets enter it from now on; false: it was closed meanwhile. */
    CompletionStage<Boolean> attach(Stream stream, boolean replace) {
        StreamDescription description =
                new StreamDescription(media.stream().map(AgreedMedia::format).toList());
        IngestOptions options = new IngestOptions(
                false, replace, this::onReplaced, this::requestKeyframe, PublisherFeedback.REPAIR_NANOS);
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        stream.attach(loop, description, options).whenComplete((opened, failure) -> {
            assert loop.inEventLoop();
            if (opened == null) {
                done.completeExceptionally(failure == null ? new IllegalStateException("no ingest") : failure);
            } else if (closed) {
                opened.close();
                done.complete(false);
            } else {
                ingest = opened;
                attached = true;
                counters.increment(Counter.PUBLISHERS_OPENED);
                counters.adjust(Level.PUBLISHERS, 1);
                arm();
                done.complete(true);
            }
        });
        return done;
    }

    private void onReplaced() {
        ingest = null;
        if (!closed) {
            end.accept("replaced");
        }
    }

    private boolean requestKeyframe() {
        boolean possible = ingest != null && feedback.requestKeyframe(settings.nowNanos());
        if (possible) {
            later();
        }
        return possible;
    }

    /** One packet, opened; changed in place when it is a retransmission. */
    void rtp(ByteBuf packet, int index, int length, long nowNanos) {
        Ingest open = ingest;
        if (open == null) {
            return;
        }
        if (!flood.take(length, nowNanos)) {
            end.accept("flood");
            return;
        }
        packets++;
        bytes += length;
        long layout = RtpHeader.parse(packet, index, length);
        if (!RtpHeader.isValid(layout)) {
            counters.increment(Counter.DISCARDED_MALFORMED);
            return;
        }
        int payloadType = RtpHeader.payloadType(packet, index);
        int track = tracks.trackOf(payloadType);
        if (track == PublishedTracks.NO_TRACK) {
            counters.increment(Counter.DISCARDED_PAYLOAD_TYPE);
            return;
        }
        lastPacketNanos = nowNanos;
        feedback.onArrival(track, packet, index, nowNanos);
        if (!tracks.isRepair(payloadType)) {
            if (tracks.learn(track, RtpHeader.ssrc(packet, index))) {
                feedback.onNewSsrc(track);
            }
            enter(open, track, packet, index, length, nowNanos);
        } else if (tracks.unwrap(packet, index, layout, track)) {
            int moved = PublishedTracks.REPAIR_HEADER;
            enter(open, track, packet, index + moved, length - moved, nowNanos);
        }
        later();
    }

    private void enter(Ingest open, int track, ByteBuf packet, int index, int length, long nowNanos) {
        feedback.onRtp(track, RtpHeader.sequenceNumber(packet, index), nowNanos);
        open.datagram(track, packet, index, length, nowNanos);
    }

    /** A compound packet: of each sender report the stream hears under its track. */
    void rtcp(ByteBuf packet, int index, int length, long nowNanos) {
        Ingest open = ingest;
        int end = index + length;
        for (int at = index; open != null && end - at >= 8; ) {
            int size = (packet.getUnsignedShort(at + 2) + 1) * 4;
            if (size > end - at) {
                counters.increment(Counter.RTCP_MALFORMED);
                return;
            }
            int track = tracks.trackOfSsrc(packet.getInt(at + 4));
            if (packet.getUnsignedByte(at + 1) == RtcpType.SR && track != PublishedTracks.NO_TRACK) {
                open.rtcp(track, packet, at, size, nowNanos);
            }
            at += size;
        }
    }

    /** Once for all that is read together. */
    private void later() {
        if (!endOfReadPending) {
            endOfReadPending = true;
            loop.execute(endOfRead);
        }
    }

    private void endOfRead() {
        endOfReadPending = false;
        onDue();
    }

    private void onDue() {
        Ingest open = ingest;
        if (open == null || closed) {
            return;
        }
        long now = settings.nowNanos();
        open.endOfRead(now);
        if (feedback.nextDeadlineNanos() - now <= 0) {
            sendFeedback(open, now);
        }
        arm();
    }

    private void sendFeedback(Ingest open, long now) {
        int room = PublisherFeedback.MAX_BYTES + SrtpProfile.MAX_RTCP_OVERHEAD;
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(room, room);
        if (feedback.write(out, new Received(open), now)) {
            counters.increment(Counter.RTCP_SENT);
            session.offerRtcp(out);
        } else {
            out.release();
        }
    }

    /** What the stream knows. */
    private record Received(Ingest ingest) implements PublisherFeedback.Figures {
        @Override
        public long keyframes() {
            return ingest.keyframes();
        }

        @Override
        public IntFunction<ReceiveStatistics> statistics() {
            return ingest::statistics;
        }
    }

    /** One timer, moved forward only: a deadline that is put off costs nothing until it would have been. */
    private void arm() {
        Ingest open = ingest;
        if (open == null || closed) {
            return;
        }
        long due = feedback.nextDeadlineNanos();
        long reorder = open.nextDeadlineNanos();
        if (reorder != Long.MAX_VALUE && reorder - due < 0) {
            due = reorder;
        }
        ScheduledFuture<?> before = timer;
        if (before != null) {
            if (timerNanos - due <= 0) {
                return;
            }
            before.cancel(false);
        }
        timerNanos = due;
        timer = loop.schedule(this::fire, Math.max(0, due - settings.nowNanos()), TimeUnit.NANOSECONDS);
    }

    private void fire() {
        timer = null;
        onDue();
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    /** When the last packet of a track came; before the first, when the session was connected. */
    long lastPacketNanos() {
        return lastPacketNanos;
    }

    /** Lets go of the stream; may be repeated. True: it was attached to it, for the first time. */
    boolean close() {
        Ingest open = ingest;
        boolean first = attached && !closed;
        closed = true;
        ingest = null;
        ScheduledFuture<?> pending = timer;
        timer = null;
        if (pending != null) {
            pending.cancel(false);
        }
        if (first) {
            counters.adjust(Level.PUBLISHERS, -1);
        }
        if (open != null) {
            open.close();
        }
        return first;
    }
}
