package org.porchlight.relay.server;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The media plane as a library: cameras in, viewers out, nothing without admission. One instance lives once: start, any number of changes,
 * stop. Methods may be called from any thread but not from an event loop of the relay; stages complete on an event loop.
 */
public interface Relay {

    /** Starts the loops and listeners; when it throws, nothing is left running. */
    void start(RelayConfiguration configuration) throws BindFailure, InterruptedException;

    /**
     * Goes over to another configuration by touching only what {@link ConfigurationDiff} names. Fails with a {@link BindFailure} when a new
     * address cannot be had; everything else is applied all the same.
     */
    CompletionStage<Void> apply(RelayConfiguration next);

    /**
     * Stops in order: listeners, viewers, publishers, sources, loops; completes within 5 s. May be repeated, also before start and after a
     * failed one.
     */
    CompletionStage<Void> stop();

    /** Whether all configured listeners listen and every loop runs. */
    boolean isReady();

    /** The addresses listened on, with the ports that the system chose where the configuration said 0. */
    List<BoundListener> listeners();

    /** What each stream is doing, a moment ago: configured cameras and those that live under a pattern; at most two per camera. */
    CompletionStage<List<StreamState>> streams();

    /** The open sessions, a moment ago. */
    CompletionStage<List<SessionState>> sessions();

    /**
     * WHIP and WHEP, for an HTTP server of the caller's; empty: the relay does not run, or without WebRTC.
     *
     * @param vertx of that server
     */
    default Optional<HttpEdge> httpEdge(Vertx vertx) {
        return Optional.empty();
    }

    /**
     * A listener that listens.
     *
     * @param scheme {@code rtsp}, {@code rtsps} or {@code webrtc}
     */
    record BoundListener(String scheme, ListenAddress configured, int port) {}
}
