/**
 * Camera fleet, viewer swarm, limits and reports. Works against any RTSP server.
 */
@NullMarked
package org.porchlight.bench;

import org.jspecify.annotations.NullMarked;
