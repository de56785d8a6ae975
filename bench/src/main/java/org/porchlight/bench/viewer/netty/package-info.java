/** Sockets around the viewer cores. */
@NullMarked
package org.porchlight.bench.viewer.netty;

import org.jspecify.annotations.NullMarked;
