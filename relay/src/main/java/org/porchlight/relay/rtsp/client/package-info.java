/**
 * The client side of RTSP (RFC 2326) as calculations: one session with a camera, its credentials, the pace of reconnecting, and what
 * was learned of the camera. {@link org.porchlight.relay.rtsp.client.RtspClientSession} lives as long as one connection;
 * {@link org.porchlight.relay.rtsp.client.CameraMemory} carries what was learned from one connection to the next. Cameras break rules in
 * many ways: each tolerance is a constant of {@link org.porchlight.relay.rtsp.client.CameraQuirk} with a sentence for whoever set the
 * camera up. Sockets, clocks and threads are in {@code rtsp.netty}.
 */
@NullMarked
package org.porchlight.relay.rtsp.client;

import org.jspecify.annotations.NullMarked;
