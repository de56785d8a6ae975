/**
 * Connectivity for WebRTC sessions, as calculations: STUN messages (RFC 8489), an ICE-lite agent for the relay and a small controlling
 * agent for clients (RFC 8445), consent freshness (RFC 7675), candidates over UDP and passive TCP (RFC 6544), trickled fragments
 * (RFC 8840), the framing of ICE over TCP (RFC 4571) and the demultiplexing of one port (RFC 7983).
 *
 * <p>A datagram goes {@link org.porchlight.relay.webrtc.ice.DatagramKind} to {@link org.porchlight.relay.webrtc.ice.StunMessage} (one per
 * loop, reused) to the {@link org.porchlight.relay.webrtc.ice.IceLiteAgent} of the session that its user name tells; the answer lies in the
 * loop's {@link org.porchlight.relay.webrtc.ice.StunWriter}. Nothing here opens a socket, reads a clock or rolls dice.
 */
@NullMarked
package org.porchlight.relay.webrtc.ice;

import org.jspecify.annotations.NullMarked;
