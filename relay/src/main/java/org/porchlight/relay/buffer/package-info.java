/**
 * The media slab: where the bytes of one stream lie, one read after the other, shared by everybody who needs them.
 */
@NullMarked
package org.porchlight.relay.buffer;

import org.jspecify.annotations.NullMarked;
