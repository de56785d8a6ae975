/**
 * The sockets of viewers: media goes from shared slabs to the kernel without passing through a channel's outbound buffer, as long as the
 * kernel takes it.
 */
@NullMarked
package org.porchlight.relay.egress.netty;

import org.jspecify.annotations.NullMarked;
