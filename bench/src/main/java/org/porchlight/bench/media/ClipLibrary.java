package org.porchlight.bench.media;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Clips by format, each encoded once. An encoder's rate control is only roughly right over a short clip, so a clip is encoded up to
 * four times with a corrected rate until it is at most as big as asked for and not much smaller; what is missing the packetizer fills. Owner: one thread.
 */
public final class ClipLibrary {
    private static final int ATTEMPTS = 4;
    /** Of the asked rate: below this a clip is encoded again. */
    private static final double SMALLEST_SHARE = 0.9;
    /** A stamp fills a packet of 1,200 bytes, and headers come on top. */
    private static final double STAMP_BITS = 10_000;
    /** A clip shorter than this shows too little movement. */
    private static final int LEAST_SECONDS = 2;

    private final Map<VideoFormat, Optional<VideoClip>> clips = new HashMap<>();

    /** The clip of this format; empty when no encoder is at hand for its codec. */
    public Optional<VideoClip> clip(VideoFormat format) {
        Optional<VideoClip> known = clips.get(format);
        if (known == null) {
            known = encode(format);
            clips.put(format, known);
        }
        return known;
    }

    private static Optional<VideoClip> encode(VideoFormat format) {
        int leastFrames = LEAST_SECONDS * format.framesPerSecond();
        int gops = Math.max(1, (leastFrames + format.gopFrames() - 1) / format.gopFrames());
        int frames = gops * format.gopFrames();
        double wanted = wantedOfEncoder(format);
        double rate = wanted * SMALLEST_SHARE;
        Optional<VideoClip> best = Optional.empty();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<VideoClip> clip = Encoders.clip(format, frames, (long) rate);
            if (clip.isEmpty()) {
                return best;
            }
            double share = clip.get().bitsPerSecond() / wanted;
            if (best.isEmpty() || isBetter(share, best.get().bitsPerSecond() / wanted)) {
                best = clip;
            }
            if (share <= 1 && share >= SMALLEST_SHARE) {
                break;
            }
            rate = Math.max(16_000, rate * 0.95 / share);
        }
        return best;
    }

    /** At most the asked rate beats above it; nearer beats further. */
    private static boolean isBetter(double share, double bestShare) {
        if ((share <= 1) != (bestShare <= 1)) {
            return share <= 1;
        }
        return Math.abs(1 - share) < Math.abs(1 - bestShare);
    }

    /** What is left when each frame also carries a stamp as long as a packet; at least half. */
    private static double wantedOfEncoder(VideoFormat format) {
        double stamps = format.framesPerSecond() * STAMP_BITS;
        return Math.max(format.bitsPerSecond() / 2.0, format.bitsPerSecond() - stamps);
    }
}
