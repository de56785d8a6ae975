package org.porchlight.bench.viewer;

import org.porchlight.bench.rtsp.RtspTarget;

/**
 * What one viewer does.
 *
 * @param target what it watches
 * @param camera number that the stamps must bear, 0: any
 * @param manners how it behaves
 * @param joinNanos when it joins, from the start of the swarm, for a late one from the start of the window
 * @param late joins within the window of measurement
 */
public record ViewerPlan(RtspTarget target, int camera, Manners manners, long joinNanos, boolean late) {

    /** How a viewer behaves. */
    public enum Manners {
        /** Takes all that comes. */
        GOOD,
        /** Stops reading for good once the window of measurement begins. */
        FROZEN,
        /** Reads so many bytes per second and no more. */
        SLOW,
        /** Resets its connection without a word now and then and comes back. */
        VANISHING
    }
}
