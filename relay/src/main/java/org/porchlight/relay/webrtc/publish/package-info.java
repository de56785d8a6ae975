/**
 * Receiving from a publisher (WHIP) as a calculation: to which track a packet belongs and what was retransmitted
 * ({@link org.porchlight.relay.webrtc.publish.PublishedTracks}), and what the publisher is told of it, so that it repairs losses, sends keyframes and
 * finds the rate that its path carries ({@link org.porchlight.relay.webrtc.publish.PublisherFeedback}). Packets then go into the stream as those of any
 * other source.
 */
@NullMarked
package org.porchlight.relay.webrtc.publish;

import org.jspecify.annotations.NullMarked;
