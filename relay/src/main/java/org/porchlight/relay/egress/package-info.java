/**
 * What one viewer needs: the staleness contract and its ladder, header rewriting, sender reports, totals.
 */
@NullMarked
package org.porchlight.relay.egress;

import org.jspecify.annotations.NullMarked;
