/**
 * The camera fleet: what a camera is ({@code CameraSpec}), the clockwork that replays its clip, RTSP server sessions and publishers
 * around it. Cores do no I/O; the {@code netty} parts are thin.
 */
@NullMarked
package org.porchlight.bench.camera;

import org.jspecify.annotations.NullMarked;
