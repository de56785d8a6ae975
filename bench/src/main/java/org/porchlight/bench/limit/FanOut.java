package org.porchlight.bench.limit;

/**
 * The fan-out whose floor is measured: one stream of equal frames to many viewers.
 *
 * @param viewers 1 to 20,000
 * @param packets of a frame
 * @param packetBytes length of a full RTP packet
 * @param lastBytes length of the last packet of a frame
 * @param framesPerSecond 1 to 1,000
 * @param seconds of measurement
 */
public record FanOut(int viewers, int packets, int packetBytes, int lastBytes, int framesPerSecond, double seconds) {

    public FanOut {
        if (viewers < 1
                || viewers > 20_000
                || packets < 1
                || packets > 3_000
                || packetBytes < 64
                || packetBytes > 65_000
                || lastBytes < 1
                || lastBytes > packetBytes
                || framesPerSecond < 1
                || framesPerSecond > 1_000
                || !(seconds > 0)) {
            throw new IllegalArgumentException("figures of the fan-out are out of range");
        }
    }

    /** Frames of so many bits per second. */
    public static FanOut ofBitRate(
            int viewers, long bitsPerSecond, int packetBytes, int framesPerSecond, double seconds) {
        int frameBytes = (int) Math.max(1, bitsPerSecond / 8 / framesPerSecond);
        int packets = (frameBytes + packetBytes - 1) / packetBytes;
        return new FanOut(
                viewers, packets, packetBytes, frameBytes - (packets - 1) * packetBytes, framesPerSecond, seconds);
    }
}
