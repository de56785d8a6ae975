/**
 * What the synthetic cameras show: painted pictures, encoded once to clips that are replayed, or encoded live; a tone for the ear;
 * and the {@link org.porchlight.bench.media.FrameStamp} that tells viewers behind any relay when a frame was sent.
 */
@NullMarked
package org.porchlight.bench.media;

import org.jspecify.annotations.NullMarked;
