/**
 * RTSP 1.0 (RFC 2326) as calculations: messages, interleaved framing, authentication, and the session state machines of
 * both sides. Nothing here opens a socket; the adapters live in {@code rtsp.netty}.
 */
@NullMarked
package org.porchlight.relay.rtsp;

import org.jspecify.annotations.NullMarked;
