package org.porchlight.relay.webrtc.whip;

import java.util.concurrent.CompletionStage;

/** Makes what carries the media of an offer. Methods may be called on any thread and return at once. */
@FunctionalInterface
public interface MediaSessions {
    /** A stage that fails counts as our own fault: 500, and the permit goes back. */
    CompletionStage<MediaCreation> create(MediaOffer offer);
}
