package org.porchlight.bench.media;

import org.porchlight.relay.codec.Codec;

/**
 * What a camera's picture is like; equal formats share one clip.
 *
 * @param codec H264 or H265
 * @param width luma samples, even, 64 to 7,680
 * @param height luma samples, even, 64 to 4,320
 * @param framesPerSecond 1 to 120
 * @param gopFrames frames from one keyframe to the next, 1 to 3,000
 * @param bitsPerSecond of the video payload, 32,000 to 200,000,000
 */
public record VideoFormat(Codec codec, int width, int height, int framesPerSecond, int gopFrames, long bitsPerSecond) {

    public VideoFormat {
        if (codec != Codec.H264 && codec != Codec.H265) {
            throw new IllegalArgumentException("video codec must be h264 or h265, not " + codec);
        }
        within("width", width, 64, 7_680);
        within("height", height, 64, 4_320);
        if (width % 2 != 0 || height % 2 != 0) {
            throw new IllegalArgumentException("width and height must be even: " + width + "x" + height);
        }
        within("frame rate", framesPerSecond, 1, 120);
        within("frames per GOP", gopFrames, 1, 3_000);
        within("bit rate", bitsPerSecond, 32_000, 200_000_000);
    }

    private static void within(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " " + value + " is not within " + least + " to " + most);
        }
    }

    public boolean isHevc() {
        return codec == Codec.H265;
    }

    public long frameNanos() {
        return 1_000_000_000L / framesPerSecond;
    }
}
