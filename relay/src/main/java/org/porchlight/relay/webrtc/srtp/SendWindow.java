package org.porchlight.relay.webrtc.srtp;

/**
 * What left under one SSRC: the highest index, and of each of the last {@link #SIZE} packets the first 32 bits of its tag. A packet may
 * leave again, as an answer to a NACK without RTX, but only as it was: the tag is a keyed sum of all of it, so another tag means other
 * bytes under the same keystream. Owner: its sender.
 */
final class SendWindow {
    /** Packets. */
    static final int SIZE = 512;

    private static final int UNUSED = 0;

    private final int ssrc;
    private final int[] tags = new int[SIZE];
    private long highest;

    SendWindow(int ssrc, int firstSequenceNumber) {
        this.ssrc = ssrc;
        highest = firstSequenceNumber - 1L;
    }

    int ssrc() {
        return ssrc;
    }

    /** The index of a packet about to leave: the one nearest to the last. Negative: before the first. */
    long indexOf(int sequenceNumber) {
        return highest + (short) (sequenceNumber - highest);
    }

    boolean isTooOld(long index) {
        return index <= highest - SIZE;
    }

    /**
     * Notes a sealed packet that is not too old.
     *
     * @return false: another packet left under this index, this one must not
     */
    boolean record(long index, int tag) {
        int value = tag == UNUSED ? 1 : tag;
        if (index > highest) {
            for (long skipped = Math.max(highest + 1, index - SIZE); skipped < index; skipped++) {
                tags[slot(skipped)] = UNUSED;
            }
            highest = index;
            tags[slot(index)] = value;
            return true;
        }
        int before = tags[slot(index)];
        tags[slot(index)] = before == UNUSED ? value : before;
        return before == UNUSED || before == value;
    }

    private static int slot(long index) {
        return (int) (index & SIZE - 1);
    }
}
