package org.porchlight.relay.egress;

import org.jspecify.annotations.Nullable;

/**
 * Which bytes a viewer wants. Viewers of a stream on one loop with equal keys share them.
 *
 * @param datagram RTP alone, one packet after the other; false: interleaved frames (RFC 2326 section 10.12)
 * @param trackMask bit i: wants track i
 * @param channelMap for interleaved frames the RTP channel of track i in bits 8i to 8i+7 (RTCP is the next one)
 * @param rewrite for one viewer alone: how the headers of its video track differ from the stream's; null: they do not
 */
public record ViewKey(
        boolean datagram,
        int trackMask,
        long channelMap,
        Thinning thinning,
        @Nullable HeaderRewrite rewrite) {

    /** Headers as the stream has them. */
    public ViewKey(boolean datagram, int trackMask, long channelMap, Thinning thinning) {
        this(datagram, trackMask, channelMap, thinning, null);
    }

    /** Interleaved frames of these tracks with these RTP channels; a track without one (-1) is left out. */
    public static ViewKey interleaved(int[] channels) {
        int mask = 0;
        long map = 0;
        for (int i = 0; i < channels.length; i++) {
            if (channels[i] >= 0) {
                mask |= 1 << i;
                map |= (channels[i] & 0xffL) << (8 * i);
            }
        }
        return new ViewKey(false, mask, map, Thinning.ALL);
    }

    /** Datagrams of these tracks. */
    public static ViewKey datagrams(int trackMask) {
        return new ViewKey(true, trackMask, 0, Thinning.ALL);
    }

    public ViewKey with(Thinning other) {
        return new ViewKey(datagram, trackMask, channelMap, other, rewrite);
    }

    ViewKey with(HeaderRewrite other) {
        return new ViewKey(datagram, trackMask, channelMap, thinning, other);
    }

    /** One track alone, which has another number in the stream that it comes from, on the channels of this key's. */
    ViewKey only(int track, int trackThere) {
        return new ViewKey(datagram, 1 << trackThere, (long) channel(track) << (8 * trackThere), Thinning.ALL, rewrite);
    }

    boolean wants(int track) {
        return (trackMask & 1 << track) != 0;
    }

    int channel(int track) {
        return (int) (channelMap >>> (8 * track)) & 0xff;
    }

    /** Whether the channels are those that packets have in their slab. */
    boolean hasUsualChannels() {
        for (int i = 0; i < 8; i++) {
            if (wants(i) && channel(i) != 2 * i) {
                return false;
            }
        }
        return true;
    }
}
