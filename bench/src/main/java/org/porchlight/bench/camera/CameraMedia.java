package org.porchlight.bench.camera;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.bench.media.AudioClip;
import org.porchlight.bench.media.EncodedFrame;
import org.porchlight.bench.media.VideoClip;
import org.porchlight.bench.packet.AacPacketizer;
import org.porchlight.bench.packet.FrameTemplate;
import org.porchlight.bench.packet.VideoPacketizer;
import org.porchlight.relay.codec.Codec;
import org.porchlight.relay.codec.MediaKind;
import org.porchlight.relay.codec.TrackFormat;

/**
 * The packets of a clip, shared by all cameras and sessions that show it. Immutable.
 *
 * @param tracks what the description says: video, then audio if there is any
 * @param video templates of the clip in playing order
 * @param videoFrameNanos from one frame to the next
 * @param audio templates, empty without audio
 * @param audioUnitNanos from one access unit to the next, 0 without audio
 * @param videoBitsPerSecond of RTP packets with their headers, mean over the clip
 */
public record CameraMedia(
        List<TrackFormat> tracks,
        List<FrameTemplate> video,
        long videoFrameNanos,
        List<FrameTemplate> audio,
        long audioUnitNanos,
        long videoBitsPerSecond) {
    public static final int VIDEO_PAYLOAD_TYPE = 96;
    public static final int AUDIO_PAYLOAD_TYPE = 97;
    public static final int VIDEO_CLOCK = 90_000;

    public CameraMedia {
        tracks = List.copyOf(tracks);
        video = List.copyOf(video);
        audio = List.copyOf(audio);
    }

    /** Cuts a clip to packets and spreads what its encoder left of the asked bit rate evenly over its frames as ballast. */
    public static CameraMedia of(VideoClip clip, @Nullable AudioClip audio, int packetBytes) {
        boolean hevc = clip.format().isHevc();
        VideoPacketizer packetizer = new VideoPacketizer(hevc, VIDEO_PAYLOAD_TYPE, packetBytes);
        int frames = clip.frames().size();
        long wanted = clip.format().bitsPerSecond() / 8 * frames / clip.format().framesPerSecond();
        List<FrameTemplate> video = packetize(packetizer, clip.frames(), 0);
        long missing = wanted - bytes(video);
        if (missing >= packetizer.packetBytes()) {
            video = packetize(packetizer, clip.frames(), missing);
        }
        List<TrackFormat> tracks = new ArrayList<>();
        tracks.add(videoTrack(hevc, clip.fmtp()));
        List<FrameTemplate> audioTemplates = List.of();
        long unitNanos = 0;
        if (audio != null) {
            tracks.add(audioTrack(audio));
            audioTemplates = audio.units().stream()
                    .map(unit -> AacPacketizer.packetize(unit, AUDIO_PAYLOAD_TYPE))
                    .toList();
            unitNanos = audio.samplesPerUnit() * 1_000_000_000L / audio.sampleRate();
        }
        long rate = bytes(video) * 8 * clip.format().framesPerSecond() / frames;
        return new CameraMedia(tracks, video, clip.format().frameNanos(), audioTemplates, unitNanos, rate);
    }

    public static TrackFormat videoTrack(boolean hevc, String fmtp) {
        return new TrackFormat(
                MediaKind.VIDEO,
                hevc ? Codec.H265 : Codec.H264,
                VIDEO_PAYLOAD_TYPE,
                hevc ? "H265" : "H264",
                VIDEO_CLOCK,
                1,
                fmtp);
    }

    private static TrackFormat audioTrack(AudioClip audio) {
        return new TrackFormat(
                MediaKind.AUDIO,
                Codec.AAC,
                AUDIO_PAYLOAD_TYPE,
                "mpeg4-generic",
                audio.sampleRate(),
                audio.channels(),
                audio.fmtp());
    }

    /** The ballast is dealt out like a line drawn in whole pixels: each frame gets what is due by then. */
    private static List<FrameTemplate> packetize(VideoPacketizer packetizer, List<EncodedFrame> frames, long ballast) {
        List<FrameTemplate> templates = new ArrayList<>(frames.size());
        long dealt = 0;
        for (int i = 0; i < frames.size(); i++) {
            long due = ballast * (i + 1) / frames.size() - dealt;
            long whole = Math.max(0, due) / packetizer.packetBytes() * packetizer.packetBytes();
            dealt += whole;
            templates.add(packetizer.packetize(frames.get(i), (int) whole));
        }
        return templates;
    }

    private static long bytes(List<FrameTemplate> templates) {
        return templates.stream().mapToLong(FrameTemplate::bytes).sum();
    }

    public double meanPacketsPerFrame() {
        return video.stream().mapToInt(FrameTemplate::packets).average().orElse(0);
    }
}
