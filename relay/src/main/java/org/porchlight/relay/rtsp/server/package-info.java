/**
 * The server's side of RTSP (RFC 2326) as a calculation: one {@link org.porchlight.relay.rtsp.server.RtspServerSession} per connection takes
 * bytes and the time, asks its questions through {@link org.porchlight.relay.rtsp.server.RtspServerActions}, and answers requests in the
 * order in which they came, whatever they wait for. Viewers DESCRIBE, SETUP and PLAY; publishers ANNOUNCE, SETUP and RECORD. Nothing is
 * told about a camera, not even whether it exists, before admission has said yes.
 *
 * <p>Chosen not to do: a session ends with its connection (RFC 2326 section 1.1 would let it live on), a connection has one session, live
 * media cannot be sought, no multicast.
 */
@NullMarked
package org.porchlight.relay.rtsp.server;

import org.jspecify.annotations.NullMarked;
