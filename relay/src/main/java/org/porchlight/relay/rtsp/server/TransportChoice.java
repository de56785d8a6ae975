package org.porchlight.relay.rtsp.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.TransportHeader;
import org.porchlight.relay.rtsp.TransportSpec;
import org.porchlight.relay.rtsp.TransportSpec.Lower;

/**
 * Picks the first transport that we can serve (RFC 2326 section 12.39): RTP/AVP, unicast, interleaved or by UDP. UDP only where it is
 * allowed and the client's way to us is plain too, never to another host than the client's own. All tracks of a session travel alike.
 */
final class TransportChoice {
    private static final int MAX_CHANNEL = 255;

    private TransportChoice() {}

    /**
     * @param others transports of the tracks set up before, by track
     * @return the answer, still without our own ports; null: none will do
     */
    static @Nullable TransportSpec choose(
            TransportHeader offers, boolean udpAllowed, int track, Map<Integer, TransportSpec> others) {
        for (TransportSpec offer : offers.specs()) {
            boolean alike = others.values().stream().allMatch(other -> other.lower() == offer.lower());
            if (!offer.profile().equals(TransportSpec.RTP_AVP) || offer.multicast() || !alike) {
                continue;
            }
            TransportSpec chosen = offer.lower() == Lower.TCP ? tcp(offer, track, others) : udp(offer, udpAllowed);
            if (chosen != null) {
                return chosen.withMode(offer.record());
            }
        }
        return null;
    }

    private static @Nullable TransportSpec udp(TransportSpec offer, boolean allowed) {
        NumberPair ports = offer.clientPort();
        boolean usable = ports != null && ports.first() > 0 && ports.second() > 0 && ports.second() <= 65_535;
        return allowed && offer.lower() == Lower.UDP && ports != null && usable ? TransportSpec.udp(ports) : null;
    }

    /** The channels asked for; others when they are taken, or RTCP would not be the neighbour of RTP. */
    private static @Nullable TransportSpec tcp(TransportSpec offer, int track, Map<Integer, TransportSpec> others) {
        NumberPair asked = offer.interleaved();
        int first = asked == null ? 2 * track : asked.first();
        if (isFree(first, others)) {
            return TransportSpec.tcp(new NumberPair(first, first + 1));
        }
        for (int channel = 0; channel < MAX_CHANNEL; channel += 2) {
            if (isFree(channel, others)) {
                return TransportSpec.tcp(new NumberPair(channel, channel + 1));
            }
        }
        return null;
    }

    private static boolean isFree(int first, Map<Integer, TransportSpec> others) {
        return first + 1 <= MAX_CHANNEL
                && others.values().stream().allMatch(other -> {
                    NumberPair pair = other.interleaved();
                    return pair == null || first + 1 < pair.first() || first > pair.second();
                });
    }
}
