/**
 * One WebRTC session of the relay as a calculation: packets and a time go in, packets and events come out. It binds the pieces that know
 * nothing of each other: connectivity checks choose the path ({@code webrtc.ice}), a handshake gives the keys ({@code webrtc.dtls}), which
 * open and protect the media ({@code webrtc.srtp}). What media mean is not known here: a
 * {@link org.porchlight.relay.webrtc.session.SessionListener} is given opened packets and told when it may send.
 *
 * <p>What comes from a stranger changes nothing and gets no answer. A packet is looked at in the order of what it costs: first the path that
 * it came by, then whether there are keys, then its authenticity. Sockets, timers and threads belong to {@code webrtc.netty}.
 */
@NullMarked
package org.porchlight.relay.webrtc.session;

import org.jspecify.annotations.NullMarked;
