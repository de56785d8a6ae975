package org.porchlight.relay.webrtc.publish;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.rtp.NackGenerator;
import org.porchlight.relay.rtp.ReceiveStatistics;
import org.porchlight.relay.rtp.RtcpWriter;
import org.porchlight.relay.webrtc.congestion.TransportArrivals;
import org.porchlight.relay.webrtc.negotiation.AgreedMedia;
import org.porchlight.relay.webrtc.negotiation.Feedback;
import org.porchlight.relay.webrtc.negotiation.HeaderExtension;

/**
 * What a publisher is told by RTCP: once a second what has come (RFC 3550 section 6.4.2), at once what is missing (RFC 4585 section 6.2.1), when packets
 * arrived, for its estimate of the path, and when a keyframe is needed: because the stream asks, because a picture is lost for good, because none has come yet, or because the last is old, as browsers
 * send none by themselves. Owner: the session's loop.
 */
public final class PublisherFeedback {
    /** How long what is missing is waited and asked for: a few round trips of a mobile network, less than a viewer's patience. */
    public static final long REPAIR_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Bytes of one packet at most. */
    public static final int MAX_BYTES = 1200;

    static final long REPORT_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long KEYFRAME_GATE_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long KEYFRAME_AGE_NANOS = TimeUnit.SECONDS.toNanos(4);
    static final long FIRST_KEYFRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int MAX_NACKS = 60;
    private static final byte[] CNAME = "porchlight".getBytes(StandardCharsets.US_ASCII);
    private static final int NO_VIDEO = -1;

    /** How the publisher is asked for a keyframe. */
    private enum Request {
        NONE,
        PLI,
        FIR
    }

    /** What has become of the packets, as the stream knows it. */
    public interface Figures {
        /** Keyframes that have begun. */
        long keyframes();

        /** By track; lent. */
        IntFunction<ReceiveStatistics> statistics();
    }

    private final PublishedTracks tracks;
    private final int ownSsrc;
    private final @Nullable NackGenerator[] nacks;
    private final int[] transportIds;
    private final TransportArrivals arrivals;
    private final int[] missing = new int[MAX_NACKS];
    private final int videoTrack;
    private final Request request;

    private long nextReportNanos;
    private long keyframes;
    private long nextKeyframeNanos;
    private boolean asked;
    private long lastAskedNanos;
    private int commandNumber;
    private long givenUp;

    /**
     * Nothing has come.
     *
     * @param tracks knows the SSRCs
     */
    public PublisherFeedback(List<AgreedMedia> media, PublishedTracks tracks, int ownSsrc, long nowNanos) {
        this.tracks = tracks;
        this.ownSsrc = ownSsrc;
        nacks = new @Nullable NackGenerator[media.size()];
        transportIds = new int[media.size()];
        arrivals = new TransportArrivals(nowNanos);
        int video = NO_VIDEO;
        Request way = Request.NONE;
        for (int track = 0; track < nacks.length; track++) {
            AgreedMedia agreed = media.get(track);
            boolean transportWide = agreed.feedback().contains(Feedback.TRANSPORT_CC);
            transportIds[track] = transportWide ? agreed.extensions().id(HeaderExtension.TRANSPORT_CC) : 0;
            if (agreed.format().kind() == MediaKind.VIDEO) {
                video = track;
                way = requestOf(agreed);
                nacks[track] = agreed.feedback().contains(Feedback.NACK) ? new NackGenerator(REPAIR_NANOS) : null;
            }
        }
        videoTrack = video;
        request = way;
        nextReportNanos = nowNanos + REPORT_INTERVAL_NANOS;
        nextKeyframeNanos = nowNanos + FIRST_KEYFRAME_NANOS;
    }

    private static Request requestOf(AgreedMedia media) {
        if (media.feedback().contains(Feedback.PLI)) {
            return Request.PLI;
        }
        return media.feedback().contains(Feedback.FIR) ? Request.FIR : Request.NONE;
    }

    /**
     * A packet of a track has come, or the original of a retransmission.
     *
     * @param sequenceNumber of the media, low 16 bits
     */
    public void onRtp(int track, int sequenceNumber, long nowNanos) {
        NackGenerator generator = nacks[track];
        if (generator != null) {
            generator.onPacket(sequenceNumber, nowNanos);
        }
    }

    /** A track goes on under another SSRC. */
    public void onNewSsrc(int track) {
        NackGenerator generator = nacks[track];
        if (generator != null) {
            generator.reset();
        }
    }

    /**
     * A packet has come on any track, retransmissions too.
     *
     * @param packet with a sound header at {@code index}
     */
    public void onArrival(int track, ByteBuf packet, int index, long nowNanos) {
        int id = transportIds[track];
        if (id > 0) {
            int number = TransportArrivals.sequenceNumber(packet, index, id);
            if (number >= 0) {
                arrivals.onPacket(number, nowNanos);
            }
        }
    }

    /** A keyframe is wanted. False: the publisher cannot be asked. */
    public boolean requestKeyframe(long nowNanos) {
        if (request == Request.NONE) {
            return false;
        }
        long earliest = asked ? Math.max(nowNanos, lastAskedNanos + KEYFRAME_GATE_NANOS) : nowNanos;
        if (earliest - nextKeyframeNanos < 0) {
            nextKeyframeNanos = earliest;
        }
        return true;
    }

    /** When {@link #write} has something to say at the latest. */
    public long nextDeadlineNanos() {
        long next = earlier(nextReportNanos, arrivals.nextDeadlineNanos());
        for (NackGenerator generator : nacks) {
            if (generator != null) {
                next = earlier(next, generator.nextDeadlineNanos());
            }
        }
        return request == Request.NONE ? next : earlier(next, nextKeyframeNanos);
    }

    private static long earlier(long some, long other) {
        return other != Long.MAX_VALUE && other - some < 0 ? other : some;
    }

    /**
     * Writes what is due, as one compound packet.
     *
     * @param out borrowed; takes {@link #MAX_BYTES} at most
     * @return false: nothing is due and nothing was written
     */
    public boolean write(ByteBuf out, Figures figures, long nowNanos) {
        noteKeyframes(figures, nowNanos);
        int begin = out.writerIndex();
        boolean report = nextReportNanos - nowNanos <= 0;
        writeReport(out, figures, report, nowNanos);
        int head = out.writerIndex();
        writeNacks(out, nowNanos);
        writeKeyframeRequest(out, nowNanos);
        arrivals.write(out, ownSsrc, tracks.ssrc(0), nowNanos);
        if (!report && out.writerIndex() == head) {
            out.writerIndex(begin);
            return false;
        }
        return true;
    }

    private void noteKeyframes(Figures figures, long nowNanos) {
        long begun = figures.keyframes();
        if (begun != keyframes) {
            keyframes = begun;
            nextKeyframeNanos = nowNanos + KEYFRAME_AGE_NANOS;
        }
    }

    /** Every compound packet begins with a report and a name (RFC 3550 section 6.1). */
    private void writeReport(ByteBuf out, Figures figures, boolean due, long nowNanos) {
        int blocks = 0;
        for (int track = 0; due && track < nacks.length; track++) {
            blocks += figures.statistics().apply(track).received() > 0 ? 1 : 0;
        }
        RtcpWriter.writeReceiverReport(out, ownSsrc, blocks);
        for (int track = 0; blocks > 0 && track < nacks.length; track++) {
            ReceiveStatistics statistics = figures.statistics().apply(track);
            if (statistics.received() > 0) {
                statistics.writeReportBlock(out, tracks.ssrc(track), nowNanos);
            }
        }
        RtcpWriter.writeCname(out, ownSsrc, CNAME);
        if (due) {
            nextReportNanos = nowNanos + REPORT_INTERVAL_NANOS;
        }
    }

    private void writeNacks(ByteBuf out, long nowNanos) {
        for (int track = 0; track < nacks.length; track++) {
            NackGenerator generator = nacks[track];
            if (generator == null) {
                continue;
            }
            int count = generator.collect(missing, nowNanos);
            if (count > 0) {
                RtcpWriter.writeNacks(out, ownSsrc, tracks.ssrc(track), missing, count);
            }
            if (generator.givenUp() != givenUp) {
                // What follows refers to a picture that nobody has.
                givenUp = generator.givenUp();
                requestKeyframe(nowNanos);
            }
        }
    }

    private void writeKeyframeRequest(ByteBuf out, long nowNanos) {
        if (request == Request.NONE || nextKeyframeNanos - nowNanos > 0) {
            return;
        }
        if (tracks.ssrc(videoTrack) == 0) {
            nextKeyframeNanos = nowNanos + FIRST_KEYFRAME_NANOS;
            return;
        }
        nextKeyframeNanos = nowNanos + KEYFRAME_GATE_NANOS;
        asked = true;
        lastAskedNanos = nowNanos;
        if (request == Request.FIR) {
            RtcpWriter.writeFir(out, ownSsrc, tracks.ssrc(videoTrack), commandNumber++ & 0xff);
        } else {
            RtcpWriter.writePli(out, ownSsrc, tracks.ssrc(videoTrack));
        }
    }

    /** Packets that came after they were asked for. */
    public long repaired() {
        long sum = 0;
        for (NackGenerator generator : nacks) {
            sum += generator == null ? 0 : generator.repaired();
        }
        return sum;
    }
}
