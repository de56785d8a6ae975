/**
 * WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) as a calculation: an {@link org.porchlight.relay.webrtc.whip.EdgeRequest} in, an
 * {@link org.porchlight.relay.webrtc.whip.EdgeResponse} out, now or later. {@link org.porchlight.relay.webrtc.whip.WhipEdge} asks admission
 * first, has {@link org.porchlight.relay.webrtc.whip.MediaSessions} make what carries the media, and keeps a table of the open sessions by
 * their unguessable names. It knows HTTP's meaning and nothing of HTTP's bytes; the server that mounts it does the rest.
 *
 * <pre>
 *   POST    /whip/{camera}[/sub], /whep/{camera}[/sub]      offer, answered with 201, Location and the answer
 *   PATCH   /whip/~{session}, /whep/~{session}              candidates, or a restart of ICE
 *   DELETE  /whip/~{session}, /whep/~{session}              the end
 *   POST    /whep/~{session}/layer                          which picture a viewer wants
 *   OPTIONS everywhere                                      what pages of other origins may do
 * </pre>
 *
 * <p>Chosen not to do: GET (RFC 9725 reserves it), server-sent events of WHEP, offers made by us.
 */
@NullMarked
package org.porchlight.relay.webrtc.whip;

import org.jspecify.annotations.NullMarked;
