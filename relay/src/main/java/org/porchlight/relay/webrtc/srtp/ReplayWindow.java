package org.porchlight.relay.webrtc.srtp;

/**
 * Which packets of one SSRC have come: the highest index and a bit for each of the last {@link #SIZE} (RFC 3711 section 3.3.2). Owner: its
 * receiver.
 */
final class ReplayWindow {
    /** Packets; RFC 3711 asks for 64 at least. A retransmission under its old number may be this late. */
    static final int SIZE = 1_024;

    private final int ssrc;
    private final long[] seen = new long[SIZE / Long.SIZE];
    private long highest;

    /** A window in which one packet has come. */
    ReplayWindow(int ssrc, long firstIndex) {
        this.ssrc = ssrc;
        highest = firstIndex;
        mark(firstIndex);
    }

    int ssrc() {
        return ssrc;
    }

    long highest() {
        return highest;
    }

    boolean isTooOld(long index) {
        return index <= highest - SIZE;
    }

    /** Whether this index has come; only for one that is not too old. */
    boolean hasSeen(long index) {
        return index <= highest && (seen[word(index)] & 1L << index) != 0;
    }

    /** Notes an authenticated packet that is neither too old nor seen. */
    void accept(long index) {
        if (index - highest >= SIZE) {
            java.util.Arrays.fill(seen, 0);
        } else {
            for (long skipped = highest + 1; skipped < index; skipped++) {
                seen[word(skipped)] &= ~(1L << skipped);
            }
        }
        highest = Math.max(highest, index);
        mark(index);
    }

    private void mark(long index) {
        seen[word(index)] |= 1L << index;
    }

    private static int word(long index) {
        return (int) (index % SIZE) / Long.SIZE;
    }
}
