package org.porchlight.relay.stream;

/**
 * What the hub may ask of a source that it can open by itself, for example a camera that is pulled. Called on the stream's loop; returns
 * at once. The source answers by {@link Stream#attach}.
 */
public interface SourceControl {
    /** Somebody wants to watch (or the stream is always on): connect, and keep trying until {@link #close()}. May be repeated. */
    void open();

    /** Nobody is left: disconnect. May be repeated. */
    void close();
}
