/**
 * The packaged server against clients and cameras that are not ours: ffmpeg, GStreamer, mpv and gst-rtsp-server, each a process
 * of its own. Tagged {@code e2e}; left out of the default build and run by {@code deploy/check}, which installs the programs.
 * Frames are counted from what the clients print. A failure shows what every process involved has printed.
 */
@NullMarked
package org.porchlight.e2e;

import org.jspecify.annotations.NullMarked;
