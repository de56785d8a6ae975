package org.porchlight.relay.rtsp.server;

import org.porchlight.relay.rtsp.TransportSpec;

/**
 * A track that was set up.
 *
 * @param track index in the stream
 * @param transport as answered: interleaved channels, or the client's and our ports
 */
public record TrackSetup(int track, TransportSpec transport) {}
