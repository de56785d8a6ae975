/**
 * DTLS 1.2 with use_srtp (RFC 6347, RFC 5764) for one WebRTC session at a time: makes the certificate, shakes hands, checks the peer's
 * certificate against the fingerprint of its session description, and hands out the keying material for SRTP.
 *
 * <p>The protocol is Bouncy Castle's, which blocks a thread for as long as a handshake lasts. So this room owns threads, as no core does:
 * {@link org.porchlight.relay.webrtc.dtls.DtlsEndpoint} runs handshakes on a bounded pool, lets only few of them calculate at a time, and
 * speaks to the session only through the executor that owns it. Nothing here knows sockets, addresses or ICE: whoever opens a
 * {@link org.porchlight.relay.webrtc.dtls.DtlsConnection} has seen a valid connectivity check from the peer's address before, which is why
 * no HelloVerifyRequest is sent. DTLS 1.3 is not spoken; a peer that offers it first gets 1.2. Sessions are not resumed and not
 * renegotiated, and application data (data channels) is discarded.
 */
@NullMarked
package org.porchlight.relay.webrtc.dtls;

import org.jspecify.annotations.NullMarked;
