/** Sockets around the camera cores: read, feed, write, arm the timer. */
@NullMarked
package org.porchlight.bench.camera.netty;

import org.jspecify.annotations.NullMarked;
