/**
 * Session descriptions (RFC 4566, RFC 8866), read leniently because cameras write them, written strictly.
 */
@NullMarked
package org.porchlight.relay.sdp;

import org.jspecify.annotations.NullMarked;
