package org.porchlight.relay.server;

import org.porchlight.relay.stream.DatagramLimit;

/**
 * Threads and memory of the media plane.
 *
 * @param loops event loops, 1 to 256; 0: as many as cores
 * @param gopCacheBytes memory of all GOP caches together, 1 MiB to 1 TiB; when it is short, the largest idle GOPs shrink to their keyframe
 * @param gopCacheBytesPerStream memory of one stream's GOP cache, 64 KiB to {@code gopCacheBytes}
 * @param maxDatagramBytes largest RTP packet sent in a datagram, {@link DatagramLimit#MIN_BYTES} to {@link DatagramLimit#ETHERNET_BYTES}; larger
 *     ones are cut
 */
public record MediaConfiguration(int loops, long gopCacheBytes, long gopCacheBytesPerStream, int maxDatagramBytes) {
    /** One loop per core, 256 MiB in all, 16 MiB per stream (ten seconds at 12 Mb/s), what an Ethernet path takes. */
    public static final MediaConfiguration DEFAULT =
            new MediaConfiguration(0, 256L << 20, 16L << 20, DatagramLimit.ETHERNET_BYTES);

    public MediaConfiguration {
        InvalidSetting.requireRange("loops", loops, 0, 256);
        InvalidSetting.requireRange("gopCacheBytes", gopCacheBytes, 1L << 20, 1L << 40);
        InvalidSetting.requireRange(
                "maxDatagramBytes", maxDatagramBytes, DatagramLimit.MIN_BYTES, DatagramLimit.ETHERNET_BYTES);
        InvalidSetting.requireRange("gopCacheBytesPerStream", gopCacheBytesPerStream, 64L << 10, gopCacheBytes);
    }

    /** Event loops to start on a machine with so many cores. */
    public int effectiveLoops(int cores) {
        return loops == 0 ? Math.max(1, Math.min(256, cores)) : loops;
    }
}
