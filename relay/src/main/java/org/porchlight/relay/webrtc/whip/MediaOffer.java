package org.porchlight.relay.webrtc.whip;

import java.net.InetSocketAddress;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.StreamName;

/**
 * What a session is to be made of: a permit, and the client's offer.
 *
 * @param publishes the client sends (WHIP); else it watches (WHEP)
 * @param permit admission's yes
 * @param mark from {@link org.porchlight.relay.egress.Sessions#mark()} before admission was asked, for
 *     {@link org.porchlight.relay.egress.Sessions#open}
 * @param remote the client's address of the HTTP request; its media may come from another
 * @param description the offer, SDP, not read yet
 */
public record MediaOffer(
        boolean publishes,
        StreamName stream,
        Answer.Permit permit,
        long mark,
        InetSocketAddress remote,
        String description) {

    @Override
    public String toString() {
        return "MediaOffer[" + (publishes ? "whip " : "whep ") + stream + ", " + permit.session() + "]";
    }
}
