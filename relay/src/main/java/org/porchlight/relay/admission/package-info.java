/**
 * One question, one lease, one stream of revocations: all that the relay knows of consent.
 */
@NullMarked
package org.porchlight.relay.admission;

import org.jspecify.annotations.NullMarked;
