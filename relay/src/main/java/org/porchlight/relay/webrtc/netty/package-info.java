/**
 * One port for all WebRTC sessions of a node, over UDP and over TCP (RFC 6544, passive). Every media loop has a UDP socket of its own on that
 * port (SO_REUSEPORT), so that the kernel brings a peer's packets always to the same loop; a session moves to that loop with its first
 * valid check and stays there. What arrives elsewhere later, because a phone has changed its address, is handed over in batches.
 *
 * <p>A packet finds its session by the user name fragment when it is STUN, by the address it comes from when it is anything else, and an address
 * counts only after a valid check from it. Strangers' packets make no state and get no answer.
 */
@NullMarked
package org.porchlight.relay.webrtc.netty;

import org.jspecify.annotations.NullMarked;
