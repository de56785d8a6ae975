/**
 * RTP and RTCP (RFC 3550) as views and writers over buffers: headers, sequence and timestamp arithmetic, reorder,
 * receive statistics. Pure calculation: no I/O, no clock, no threads. Nothing here knows what a payload means.
 */
@NullMarked
package org.porchlight.relay.rtp;

import org.jspecify.annotations.NullMarked;
