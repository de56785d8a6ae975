/**
 * What one viewer needs: its place in a stream, the staleness contract and its ladder, the way its bytes leave, its totals.
 *
 * <p>A protocol asks admission (taking {@link org.porchlight.relay.egress.Sessions#mark} before), makes a
 * {@link org.porchlight.relay.egress.StreamViewer} (TCP, TLS, tunnel) or {@link org.porchlight.relay.egress.DatagramViewer} (UDP) with a
 * {@link org.porchlight.relay.egress.ViewKey}, enters it by {@link org.porchlight.relay.egress.Sessions#open}, and calls {@code start} on its
 * loop. {@link org.porchlight.relay.egress.ViewerListener#onStart} comes right before the first media, {@code onEnd} once at the end,
 * whoever ended it. {@link org.porchlight.relay.egress.Sessions} cuts from outside and gives the receipt.
 *
 * <p>Viewers of one stream on one loop that want the same bytes form a group in {@link org.porchlight.relay.egress.LoopViewers}; each batch
 * is made ready once per group.
 *
 * <p>A protocol whose viewers have headers and keys of their own (WebRTC) makes a {@link org.porchlight.relay.egress.PacketViewer} instead, gives it
 * its {@link org.porchlight.relay.egress.PacketProtector} and an estimate of its path, and tells it what feedback comes. All of a stream on one loop
 * share a ring of packets and have nothing but a place in it.
 */
@NullMarked
package org.porchlight.relay.egress;

import org.jspecify.annotations.NullMarked;
