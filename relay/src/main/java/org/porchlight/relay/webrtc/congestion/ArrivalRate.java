package org.porchlight.relay.webrtc.congestion;

import java.util.Arrays;

/** What arrived in the last half second, by the receiver's clock. Owner: its estimator. */
final class ArrivalRate {
    private static final long SLICE_MICROS = 50_000;
    private static final int SLICES = 10;

    private final long[] bytes = new long[SLICES];
    private boolean started;
    private long firstSlice;
    private long newestSlice;

    void restart() {
        started = false;
        Arrays.fill(bytes, 0);
    }

    void add(long arrivalMicros, int packetBytes) {
        long slice = Math.floorDiv(arrivalMicros, SLICE_MICROS);
        if (!started) {
            started = true;
            firstSlice = slice;
            newestSlice = slice;
        }
        if (slice <= newestSlice - SLICES) {
            return;
        }
        for (long i = Math.max(newestSlice + 1, slice - SLICES + 1); i <= slice; i++) {
            bytes[Math.floorMod(i, SLICES)] = 0;
        }
        newestSlice = Math.max(newestSlice, slice);
        bytes[Math.floorMod(slice, SLICES)] += packetBytes;
    }

    /** 0: too little has arrived to tell. The slice that still fills is left out. */
    long bitsPerSecond() {
        if (!started || newestSlice - firstSlice < SLICES) {
            return 0;
        }
        long sum = 0;
        for (long i = newestSlice - SLICES + 1; i < newestSlice; i++) {
            sum += bytes[Math.floorMod(i, SLICES)];
        }
        return sum * 8 * 1_000_000 / ((SLICES - 1) * SLICE_MICROS);
    }
}
