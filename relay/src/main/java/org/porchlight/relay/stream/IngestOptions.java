package org.porchlight.relay.stream;

/**
 * How a source delivers.
 *
 * @param ordered packets come in order (TCP); false: they are put in order here (UDP)
 * @param replace takes the stream over from a source that is attached already; false: is refused then
 * @param onReplaced run on the loop of the source when another one has taken the stream over, or the stream has ended; the source closes
 *     its connection and no longer touches its {@link Ingest}
 */
public record IngestOptions(boolean ordered, boolean replace, Runnable onReplaced) {}
