/**
 * Thin adapters between the RTSP cores and Netty channels: read, feed, drain, write, arm the timer.
 */
@NullMarked
package org.porchlight.relay.rtsp.netty;

import org.jspecify.annotations.NullMarked;
