/**
 * The viewer swarm: RTSP clients that only count. They read RTP headers in place, find the frame stamp and keep figures per
 * viewer and per event loop; nothing is decoded.
 */
@NullMarked
package org.porchlight.bench.viewer;

import org.jspecify.annotations.NullMarked;
