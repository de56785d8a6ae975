package org.porchlight.relay.rtsp.server;

/**
 * What comes first on a track after PLAY, for {@code RTP-Info}.
 *
 * @param sequenceNumber 0 to 65,535; -1: unknown, nothing has come yet
 * @param rtpTimestamp 0 to 2^32-1; -1: unknown
 */
public record TrackStart(int track, int sequenceNumber, long rtpTimestamp) {}
