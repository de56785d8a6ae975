package org.porchlight.relay.egress;

import java.util.List;
import org.porchlight.relay.stream.TrackPosition;

/** What a viewer tells the protocol that serves it; called on the viewer's loop. */
public interface ViewerListener {
    /**
     * Media begins right after this call.
     *
     * @param first where each track begins: the sequence number of the first packet that will be sent, and the timestamp of one moment that is
     *     the same for all tracks; tracks of which that is not known yet, as a keyframe has to come first, are not {@link
     *     TrackPosition#started()}
     */
    void onStart(List<TrackPosition> first);

    /**
     * The first keyframe has been handed to the kernel as a whole; called once.
     *
     * @param nanos since {@link Viewer#start}
     */
    default void onFirstKeyframe(long nanos) {}

    /**
     * The viewer is closed; called once, from whatever cause.
     *
     * @param reason stable code, for example {@code too_slow}, {@code source_gone}, {@code cut}
     * @param abrupt what is unsent is to be discarded, also in the kernel
     */
    void onEnd(String reason, boolean abrupt);
}
