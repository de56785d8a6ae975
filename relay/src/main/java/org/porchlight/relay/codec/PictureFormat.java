package org.porchlight.relay.codec;

/**
 * What the parameter sets or keyframes of a video track tell of its pictures.
 *
 * @param width shown pixels, cropping taken off; 0: not told
 * @param height shown pixels, cropping taken off; 0: not told
 * @param profile name of the profile, for example {@code High}, or its number; empty: not told
 * @param level as usually written, for example {@code 4.1}; empty: not told
 * @param framesPerSecond 0: not told
 * @param reorders pictures may be shown in another order than sent (B-frames)
 */
public record PictureFormat(
        int width, int height, String profile, String level, double framesPerSecond, boolean reorders) {}
