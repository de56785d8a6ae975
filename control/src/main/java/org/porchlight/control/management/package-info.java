/**
 * The management port: what operators and their monitoring ask of a running node, over HTTP.
 *
 * <p>Metrics and health answer whoever reaches the port. Cameras, sessions and cuts answer this machine only, and no browser page that was
 * loaded from elsewhere. The contract is {@code openapi-management.yaml}; errors are problem documents (RFC 9457).
 */
@NullMarked
package org.porchlight.control.management;

import org.jspecify.annotations.NullMarked;
