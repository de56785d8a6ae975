package org.porchlight.relay.egress;

import io.netty.buffer.ByteBuf;

/** What one viewer's path carries, as an estimator makes it out. Owner: the viewer's loop. */
public interface SendRate {
    /** Knows nothing and limits nothing. */
    SendRate UNKNOWN = new SendRate() {
        @Override
        public void onPacketSent(int transportSequenceNumber, int bytes, long nowNanos) {}

        @Override
        public void onTransportFeedback(ByteBuf buf, int offset, int length, long nowNanos) {}

        @Override
        public void onRemb(long bitsPerSecond, long nowNanos) {}

        @Override
        public long bitsPerSecond(long nowNanos) {
            return 0;
        }
    };

    /**
     * A packet is handed to the kernel.
     *
     * @param transportSequenceNumber 16 bits, over all media of the session
     * @param bytes of the UDP payload
     */
    void onPacketSent(int transportSequenceNumber, int bytes, long nowNanos);

    /**
     * Feedback of the receiver (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), behind both SSRCs.
     *
     * @param buf borrowed; the network wrote it
     */
    void onTransportFeedback(ByteBuf buf, int offset, int length, long nowNanos);

    /** Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03). */
    void onRemb(long bitsPerSecond, long nowNanos);

    /** The estimate; 0: none yet. */
    long bitsPerSecond(long nowNanos);
}
