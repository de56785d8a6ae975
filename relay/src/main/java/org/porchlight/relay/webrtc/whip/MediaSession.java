package org.porchlight.relay.webrtc.whip;

import java.util.concurrent.CompletionStage;
import org.porchlight.relay.webrtc.ice.TrickleFragment;

/** One WebRTC session as HTTP sees it. Methods may be called on any thread and return at once. */
public interface MediaSession {
    /**
     * Candidates of the client, or new credentials, which restart ICE (RFC 9725 section 4.3).
     *
     * @return what has become of it; fails when the session has ended
     */
    CompletionStage<IceUpdate> update(TrickleFragment fragment);

    /** What has become of a {@link TrickleFragment}. */
    sealed interface IceUpdate {
        /** The candidates are known; the ICE session is the one it was. */
        record Taken() implements IceUpdate {}

        /** ICE has begun anew. */
        record Restarted(TrickleFragment ours) implements IceUpdate {}

        /** The session cannot do that, and goes on as before. */
        record Refused(String detail) implements IceUpdate {}
    }

    /** Which picture the viewer wants from now on. False: this session does not choose. */
    boolean choose(LayerChoice choice);

    /** Ends it; may be repeated. */
    void close(String reason);

    /** Completes when the session has ended, for whatever reason; never fails. */
    CompletionStage<Void> ended();
}
