package org.porchlight.relay.codec;

import io.netty.buffer.ByteBuf;

/** Makes the scanner that fits a format. */
public final class PayloadScanners {
    private PayloadScanners() {}

    /** A scanner without memory of earlier packets. */
    public static PayloadScanner forFormat(TrackFormat format) {
        return new MarkerScanner(format);
    }

    /** Knows frames by the marker bit and timestamps alone. */
    private static final class MarkerScanner implements PayloadScanner {
        private final TrackFormat format;
        private int lastTimestamp;
        private boolean started;

        MarkerScanner(TrackFormat format) {
            this.format = format;
        }

        @Override
        public int scan(ByteBuf buf, int offset, int length, boolean marker, int rtpTimestamp, boolean afterLoss) {
            boolean start = !started || rtpTimestamp != lastTimestamp;
            started = true;
            lastTimestamp = rtpTimestamp;
            return (start ? PacketFlags.FRAME_START : 0) | (marker ? PacketFlags.FRAME_END : 0);
        }

        @Override
        public TrackFormat format() {
            return format;
        }

        @Override
        public void reset() {
            started = false;
        }
    }
}
