/**
 * Session descriptions (RFC 8866), shared by RTSP and WebRTC. {@link SdpParser} takes what cameras really send, bounded in every
 * dimension, and tells which {@link SdpFlaw flaws} it forgave; {@link SdpWriter} writes only what the RFC allows. The records in between
 * keep every attribute in its order, known or not. What an m-line means to a codec is not decided here.
 */
@NullMarked
package org.porchlight.relay.sdp;

import org.jspecify.annotations.NullMarked;
