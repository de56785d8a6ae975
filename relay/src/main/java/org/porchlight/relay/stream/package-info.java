/**
 * The hub. Packets of one camera rendition come in on the loop of their source, are continued, batched, cached and fanned
 * out to every event loop that has viewers. The hub does not know where packets come from or go.
 *
 * <p>A source finds its {@link org.porchlight.relay.stream.Stream} by {@link org.porchlight.relay.stream.StreamHub#open}, calls
 * {@link org.porchlight.relay.stream.Stream#attach} once it knows its tracks, and from then on feeds the
 * {@link org.porchlight.relay.stream.Ingest} it got: {@code packet} for packets that lie in a slab, {@code datagram} for bytes that are to be
 * copied, {@code rtcp}, and {@code endOfRead} after each read. A camera that the relay pulls is a
 * {@link org.porchlight.relay.stream.SourceControl}, opened and closed on the stream's loop by demand.
 *
 * <p>A viewer is a {@link org.porchlight.relay.stream.Subscriber}; what it gets is told to the
 * {@link org.porchlight.relay.stream.LoopEgress} of its loop, join and leave in one queue with the batches.
 */
@NullMarked
package org.porchlight.relay.stream;

import org.jspecify.annotations.NullMarked;
