/**
 * From frames to RTP: packetizers of RFC 6184, RFC 7798 and RFC 3640 that cut a frame once into a template, and the writer that
 * copies a template with the SSRC, sequence number, timestamp and stamp of one session.
 */
@NullMarked
package org.porchlight.bench.packet;

import org.jspecify.annotations.NullMarked;
