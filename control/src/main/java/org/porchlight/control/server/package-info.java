/**
 * Main, configuration and wiring of the runnable server.
 */
@NullMarked
package org.porchlight.control.server;

import org.jspecify.annotations.NullMarked;
