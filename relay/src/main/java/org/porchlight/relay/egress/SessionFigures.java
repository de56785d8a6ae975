package org.porchlight.relay.egress;

/**
 * What one session has done so far, a moment ago, for operators.
 *
 * @param remote address and port of the client
 * @param transport how its media travels, for example {@code tcp}, {@code udp}, {@code tls}, {@code http}, {@code https}
 * @param packets RTP packets sent to a viewer or received from a publisher
 * @param bytes of these packets
 * @param drops how often a viewer was dropped to the next keyframe because it was behind
 * @param behind where a viewer stands on the staleness ladder, for example {@code all}, {@code keyframes_only}; empty for publishers
 */
public record SessionFigures(String remote, String transport, long packets, long bytes, long drops, String behind) {}
