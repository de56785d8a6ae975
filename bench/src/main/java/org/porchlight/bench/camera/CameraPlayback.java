package org.porchlight.bench.camera;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.porchlight.bench.media.FrameStamp;
import org.porchlight.bench.packet.FrameTemplate;
import org.porchlight.bench.packet.Impairment;
import org.porchlight.bench.packet.RtpTrackWriter;
import org.porchlight.relay.codec.TrackFormat;

/**
 * The clockwork of one session: replays the clip from its first keyframe with a fresh SSRC, sequence and timeline for each session.
 * Frames are due at even distances from the start, whatever happened to those before. Owner: the session's event loop.
 */
public final class CameraPlayback {
    private static final long REPORT_INTERVAL_NANOS = 5_000_000_000L;
    private static final long FIRST_REPORT_NANOS = 100_000_000L;
    /** Behind by more than this, frames are left out and counted: the machine is too slow for the fleet. */
    private static final long MAX_LAG_NANOS = 1_000_000_000L;
    /** Due frames that are written in one go before others have their turn. */
    private static final int MAX_BURST = 8;

    private static final int VIDEO = 0;
    private static final int AUDIO = 1;

    private final CameraMedia media;
    private final int camera;
    private final int incarnation;
    private final Impairment impairment;
    private final FleetCounters counters;
    private final List<RtpTrackWriter> writers = new ArrayList<>();
    private final boolean replay;

    private long startNanos;
    private long frame;
    private long unit;
    private long videoDueNanos;
    private long reportDueNanos;
    private boolean waitingForKeyframe;

    /**
     * @param replay false: video frames come by {@link #live} and only audio and reports are timed here
     */
    public CameraPlayback(
            CameraMedia media,
            int camera,
            int incarnation,
            boolean replay,
            Impairment impairment,
            FleetCounters counters,
            RandomGenerator random) {
        this.media = media;
        this.camera = camera;
        this.incarnation = incarnation;
        this.replay = replay;
        this.impairment = impairment;
        this.counters = counters;
        for (TrackFormat track : media.tracks()) {
            writers.add(new RtpTrackWriter(track.clockRate(), random));
        }
    }

    /** SSRC, sequence number and timestamp of a track, for {@code Transport} and {@code RTP-Info}. */
    public RtpTrackWriter writer(int track) {
        return writers.get(track);
    }

    /** Media time 0 is now. */
    public void start(long nowNanos) {
        startNanos = nowNanos;
        videoDueNanos = nowNanos + impairment.nextDelayNanos();
        reportDueNanos = nowNanos + FIRST_REPORT_NANOS;
    }

    /** When {@link #onDeadline} wants to be called. */
    public long nextDeadlineNanos() {
        long next = reportDueNanos;
        if (replay && videoDueNanos - next < 0) {
            next = videoDueNanos;
        }
        if (!media.audio().isEmpty() && audioDueNanos() - next < 0) {
            next = audioDueNanos();
        }
        return next;
    }

    private long audioDueNanos() {
        return startNanos + unit * media.audioUnitNanos();
    }

    /** Sends what is due. */
    public void onDeadline(long nowNanos, long epochNanos, ByteBufAllocator allocator, CameraOutput out) {
        boolean sent = false;
        if (replay) {
            leaveOutWhatIsTooLate(nowNanos);
            for (int burst = 0; burst < MAX_BURST && videoDueNanos - nowNanos <= 0; burst++) {
                FrameTemplate template =
                        media.video().get((int) (frame % media.video().size()));
                video(template, frame * media.videoFrameNanos(), epochNanos, allocator, out);
                nextVideo();
                sent = true;
            }
        }
        for (int burst = 0; burst < MAX_BURST && !media.audio().isEmpty() && audioDueNanos() - nowNanos <= 0; burst++) {
            FrameTemplate template =
                    media.audio().get((int) (unit % media.audio().size()));
            send(AUDIO, template, unit * media.audioUnitNanos(), allocator, out, -1, epochNanos);
            unit++;
            sent = true;
        }
        if (reportDueNanos - nowNanos <= 0) {
            reports(nowNanos, epochNanos, allocator, out);
            sent = true;
        }
        if (sent) {
            out.flush();
        }
    }

    private void nextVideo() {
        frame++;
        long due = startNanos + frame * media.videoFrameNanos() + impairment.nextDelayNanos();
        videoDueNanos = Math.max(videoDueNanos - startNanos, due - startNanos) + startNanos;
    }

    private void leaveOutWhatIsTooLate(long nowNanos) {
        if (nowNanos - videoDueNanos > MAX_LAG_NANOS) {
            long behind = (nowNanos - startNanos) / media.videoFrameNanos() - frame;
            if (behind > 0) {
                counters.framesLeftOutLate.add(behind);
                frame += behind;
                videoDueNanos = startNanos + frame * media.videoFrameNanos();
                waitingForKeyframe = true;
            }
        }
        if (!media.audio().isEmpty() && nowNanos - audioDueNanos() > MAX_LAG_NANOS) {
            unit = (nowNanos - startNanos) / media.audioUnitNanos();
        }
    }

    /**
     * Sends a frame that was encoded just now; the first one must be a keyframe, what comes before it is passed over.
     *
     * @param mediaNanos its time since {@link #start}
     */
    public void live(
            FrameTemplate template, long mediaNanos, long epochNanos, ByteBufAllocator allocator, CameraOutput out) {
        if (frame == 0 && !template.isKeyframe()) {
            return;
        }
        video(template, mediaNanos, epochNanos, allocator, out);
        frame++;
        out.flush();
    }

    private void video(
            FrameTemplate template, long mediaNanos, long epochNanos, ByteBufAllocator allocator, CameraOutput out) {
        if (!out.isWritable() || (waitingForKeyframe && !template.isKeyframe())) {
            counters.framesLeftOutBlocked.increment();
            waitingForKeyframe = true;
            return;
        }
        waitingForKeyframe = false;
        send(VIDEO, template, mediaNanos, allocator, out, frame, epochNanos);
    }

    private void send(
            int track,
            FrameTemplate template,
            long mediaNanos,
            ByteBufAllocator allocator,
            CameraOutput out,
            long stampedFrame,
            long epochNanos) {
        int channel = out.interleavedChannel(track);
        boolean interleaved = channel >= 0;
        ByteBuf packets = allocator.directBuffer(RtpTrackWriter.length(template, interleaved));
        writers.get(track).write(template, packets, channel, mediaNanos);
        if (stampedFrame >= 0) {
            RtpTrackWriter.stamp(
                    template, packets, 0, interleaved, new FrameStamp(camera, incarnation, stampedFrame, epochNanos));
        }
        counters.onFrame(template.packets(), packets.readableBytes());
        if (!impairment.touchesPackets()) {
            out.sendFrame(track, packets, template);
            return;
        }
        int header = interleaved ? RtpTrackWriter.INTERLEAVED_HEADER : 0;
        int count = impairment.deal(template.packets());
        counters.packetsLostOnPurpose.add(template.packets() - count);
        for (int i = 0; i < count; i++) {
            int packet = impairment.packetAt(i);
            int at = template.start(packet) + packet * header;
            out.sendPacket(track, packets.retainedSlice(at, template.length(packet) + header));
        }
        packets.release();
    }

    private void reports(long nowNanos, long epochNanos, ByteBufAllocator allocator, CameraOutput out) {
        for (int track = 0; track < writers.size(); track++) {
            int channel = out.interleavedChannel(track);
            ByteBuf report = allocator.directBuffer(64);
            writers.get(track)
                    .writeSenderReport(report, channel < 0 ? -1 : channel + 1, epochNanos, nowNanos - startNanos);
            out.sendReport(track, report);
        }
        reportDueNanos = nowNanos + REPORT_INTERVAL_NANOS;
    }
}
