/**
 * Every meter of the relay, declared once with its unit and meaning.
 */
@NullMarked
package org.porchlight.relay.metrics;

import org.jspecify.annotations.NullMarked;
