/**
 * The way from Vert.x's HTTP server to {@link org.porchlight.relay.webrtc.whip.WhipEdge}: reads a bounded body, hands the request over,
 * writes the response. No packet of media comes by here.
 */
@NullMarked
package org.porchlight.relay.webrtc.whip.vertx;

import org.jspecify.annotations.NullMarked;
