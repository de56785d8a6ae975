/**
 * The floor: a sender that does only the kernel work of a fan-out, so that a relay's cost can be given as a ratio of one run.
 */
@NullMarked
package org.porchlight.bench.limit;

import org.jspecify.annotations.NullMarked;
