package org.porchlight.relay.rtsp.client;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.porchlight.relay.codec.MediaKind;

/**
 * How an {@link RtspClientSession} behaves; times in nanoseconds.
 *
 * @param userAgent value of {@code User-Agent}
 * @param kinds tracks to set up, others are left alone
 * @param responseNanos longest wait for an answer; twice that for DESCRIBE and PLAY, for which cameras wake up
 * @param firstMediaNanos longest wait for media after PLAY
 * @param udpProbeNanos the same over UDP where TCP may be tried instead
 * @param mediaNanos longest silence of media later
 * @param reportNanos interval of receiver reports
 * @param maxKeepaliveNanos longest interval of keepalives, whatever the camera announces: some close after 30 s and tell nothing
 * @param maxBitsPerSecond a camera that sends more is cut off
 */
public record ClientSettings(
        String userAgent,
        Set<MediaKind> kinds,
        long responseNanos,
        long firstMediaNanos,
        long udpProbeNanos,
        long mediaNanos,
        long reportNanos,
        long maxKeepaliveNanos,
        long maxBitsPerSecond) {
    /** Sensible for all cameras known. */
    public static final ClientSettings DEFAULT = new ClientSettings(
            "Porchlight",
            Set.of(MediaKind.values()),
            TimeUnit.SECONDS.toNanos(5),
            TimeUnit.SECONDS.toNanos(5),
            TimeUnit.SECONDS.toNanos(3),
            TimeUnit.SECONDS.toNanos(10),
            TimeUnit.SECONDS.toNanos(5),
            TimeUnit.SECONDS.toNanos(25),
            100_000_000L);

    public ClientSettings {
        kinds = Set.copyOf(kinds);
        boolean sensible = responseNanos > 0
                && firstMediaNanos > 0
                && udpProbeNanos > 0
                && mediaNanos > 0
                && reportNanos > 0
                && maxKeepaliveNanos > 0
                && maxBitsPerSecond > 0;
        if (!sensible) {
            throw new IllegalArgumentException("every limit must be above 0");
        }
    }

    /** The same with another bound of the bit rate. */
    public ClientSettings withMaxBitsPerSecond(long bits) {
        return new ClientSettings(
                userAgent,
                kinds,
                responseNanos,
                firstMediaNanos,
                udpProbeNanos,
                mediaNanos,
                reportNanos,
                maxKeepaliveNanos,
                bits);
    }
}
