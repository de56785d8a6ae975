package org.porchlight.relay.stream;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.codec.RtpFragmenter;

/**
 * Numbers the packets of one track for viewers who get datagrams, where packets that are too large are cut and need more sequence numbers than
 * they came with. Owner: the loop of the stream's source.
 *
 * <p>Design note. The numbers belong to the stream, not to those who send: every packet carries by how much it is shifted, in the cache as
 * well, so viewers that join from there, change their group or miss batches go on with the right ones, and all loops agree. A packet that
 * comes out of its order gets the shift of its place, which is remembered for as far back as the stream takes stragglers.
 */
final class DatagramNumbers {
    /** Above what {@link TrackContinuity} takes for a straggler. */
    private static final int REMEMBERED = 128;

    private final DatagramLimit limit;
    private final int track;
    private int extraPackets;
    private int extraOctets;

    // made when the first packet is cut
    private @Nullable RtpFragmenter fragmenter;
    private final int[] shifts;
    private boolean anyCut;

    DatagramNumbers(DatagramLimit limit, int track) {
        this.limit = limit;
        this.track = track;
        this.shifts = new int[REMEMBERED];
    }

    /** Goes on where an earlier source has ended. */
    void carry(TrackPosition.Cuts before) {
        extraPackets = before.packets();
        extraOctets = before.octets();
    }

    /** What was added so far. */
    TrackPosition.Cuts cuts() {
        return extraPackets == 0 && extraOctets == 0
                ? TrackPosition.Cuts.NONE
                : new TrackPosition.Cuts(extraPackets, extraOctets);
    }

    /**
     * The shift of a packet; to be asked for each one before {@link #cut}.
     *
     * @param sequenceNumber as in the stream
     * @param missing numbers before it that did not come
     */
    int shiftOf(int sequenceNumber, int missing) {
        if (anyCut) {
            for (int i = 0; i <= Math.min(missing, REMEMBERED - 1); i++) {
                shifts[sequenceNumber - i & REMEMBERED - 1] = extraPackets;
            }
        }
        return extraPackets;
    }

    /** The shift of a packet that comes after others of higher numbers. */
    int shiftOfStraggler(int sequenceNumber) {
        return anyCut ? shifts[sequenceNumber & REMEMBERED - 1] : extraPackets;
    }

    /**
     * Reckons with a packet being cut that is larger than the limit.
     *
     * @param slab borrowed
     * @return false: it cannot be cut
     */
    boolean cut(ByteBuf slab, int offset, int length) {
        RtpFragmenter cutter = fragmenter;
        if (cutter == null) {
            cutter = limit.fragmenter(track);
            fragmenter = cutter;
        }
        int pieces = cutter.measure(slab, offset, length);
        if (pieces == 0) {
            return false;
        }
        if (!anyCut) {
            anyCut = true;
            Arrays.fill(shifts, extraPackets);
        }
        extraPackets += pieces - 1;
        extraOctets += cutter.extraOctets();
        return true;
    }
}
