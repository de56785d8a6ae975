/**
 * The hub. Packets of one camera rendition come in on the loop of their source, are continued, batched, cached and fanned
 * out to every event loop that has viewers. The hub does not know where packets come from or go.
 */
@NullMarked
package org.porchlight.relay.stream;

import org.jspecify.annotations.NullMarked;
