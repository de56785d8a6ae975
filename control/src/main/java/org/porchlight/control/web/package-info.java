/**
 * What browsers see of a node: the HTTP port with WHIP, WHEP and the page that plays a camera. WHIP and WHEP themselves are the media plane's; this
 * package gives them a place to listen, and serves files.
 */
@NullMarked
package org.porchlight.control.web;

import org.jspecify.annotations.NullMarked;
