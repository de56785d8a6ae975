/**
 * Offers and answers (RFC 3264, RFC 8829, RFC 9143) as far as WHEP and WHIP need them: one transport for everything, one codec per
 * m-line, media in one direction.
 *
 * <p>{@link org.porchlight.relay.webrtc.negotiation.RemoteDescription} reads what the peer sent and names what is missing;
 * {@link org.porchlight.relay.webrtc.negotiation.ViewerAnswer} and {@link org.porchlight.relay.webrtc.negotiation.PublisherAnswer} are the
 * relay's side, {@link org.porchlight.relay.webrtc.negotiation.ClientOffer} is that of load generators and tests. All end in an
 * {@link org.porchlight.relay.webrtc.negotiation.Agreement}: everything the session needs to know, and the text to send. A refusal is a
 * {@link org.porchlight.relay.webrtc.negotiation.NegotiationException} with a reason that HTTP can map and a sentence that a person
 * understands. Pure calculation; random numbers are passed in.
 */
@NullMarked
package org.porchlight.relay.webrtc.negotiation;

import org.jspecify.annotations.NullMarked;
