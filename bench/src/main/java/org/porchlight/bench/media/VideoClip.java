package org.porchlight.bench.media;

import java.util.List;

/**
 * One or more whole GOPs, encoded once, replayed for ever.
 *
 * @param format what was asked for
 * @param frames starts with a keyframe
 * @param encoder name of the encoder, for reports
 */
public record VideoClip(VideoFormat format, List<EncodedFrame> frames, String encoder) {

    public VideoClip {
        frames = List.copyOf(frames);
        if (frames.isEmpty() || !frames.get(0).keyframe()) {
            throw new IllegalArgumentException("a clip must start with a keyframe");
        }
    }

    /** Mean bit rate of the NAL units when played at the frame rate of the format. */
    public long bitsPerSecond() {
        long bytes = frames.stream().mapToLong(EncodedFrame::bytes).sum();
        return bytes * 8 * format.framesPerSecond() / frames.size();
    }

    public String fmtp() {
        return ParameterSets.fmtp(format.isHevc(), frames.get(0));
    }
}
