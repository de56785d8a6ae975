/** What every RTSP client here needs on top of the message layer: addresses with an index, and the answer to a challenge. */
@NullMarked
package org.porchlight.bench.rtsp;

import org.jspecify.annotations.NullMarked;
