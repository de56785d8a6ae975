package org.porchlight.bench.media;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.porchlight.relay.codec.Codec;

/** Which encoders are at hand, best first. */
public final class Encoders {
    /** Why there is no H.265 camera, in words for the user. */
    public static final String NO_HEVC =
            "no H.265 encoder at hand: the bundled libavcodec has none that works here and there is no"
                    + " ffmpeg with libx265 in the PATH (Debian: apt install ffmpeg)";

    private static final Map<String, String> OPENH264 =
            Map.of("profile", "constrained_baseline", "rc_mode", "bitrate", "allow_skip_frames", "0");
    private static final Map<String, String> HEVC =
            Map.of("preset", "ultrafast", "tune", "zerolatency", "x265-params", "log-level=none:repeat-headers=1");

    private Encoders() {}

    /** An encoder that can be fed frame by frame. Empty: none at hand for this codec. */
    public static Optional<VideoEncoder> live(VideoFormat format, long encoderBitsPerSecond) {
        if (format.codec() == Codec.H264) {
            return LibavVideoEncoder.open("libopenh264", format, encoderBitsPerSecond, OPENH264)
                    .map(VideoEncoder.class::cast);
        }
        return LibavVideoEncoder.open("libx265", format, encoderBitsPerSecond, HEVC)
                .map(VideoEncoder.class::cast);
    }

    /** Encodes a clip of so many frames, or empty when there is no encoder for its codec. */
    static Optional<VideoClip> clip(VideoFormat format, int frames, long encoderBitsPerSecond) {
        Optional<VideoEncoder> live = live(format, encoderBitsPerSecond);
        if (live.isPresent()) {
            try (VideoEncoder encoder = live.get()) {
                List<EncodedFrame> encoded = ClipPictures.frames(format, frames)
                        .map(picture -> encoder.encode(picture, false))
                        .toList();
                return Optional.of(new VideoClip(format, encoded, format.isHevc() ? "libx265" : "libopenh264"));
            }
        }
        if (format.isHevc() && FfmpegProcess.isUsable()) {
            try {
                return Optional.of(new VideoClip(
                        format,
                        FfmpegProcess.encodeHevc(format, frames, encoderBitsPerSecond),
                        "ffmpeg process, libx265"));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("cannot encode an H.265 clip by the ffmpeg program", e);
            }
        }
        return Optional.empty();
    }
}
