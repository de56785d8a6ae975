/**
 * Configuration record, wiring and life cycle of the media plane; the only package that imports all the others.
 */
@NullMarked
package org.porchlight.relay.server;

import org.jspecify.annotations.NullMarked;
