package org.porchlight.relay.stream;

import java.util.function.BooleanSupplier;

/**
 * How a source delivers.
 *
 * @param ordered packets come in order (TCP); false: they are put in order here (UDP)
 * @param replace takes the stream over from a source that is attached already; false: is refused then
 * @param onReplaced run on the loop of the source when another one has taken the stream over, or the stream has ended; the source closes
 *     its connection and no longer touches its {@link Ingest}
 * @param keyframeRequest asks the source for a keyframe, on its loop, at most once per second; answers whether the source was asked: one that
 *     cannot produce any, or has one coming soon, is left alone
 * @param pictureWaitNanos how long pictures that came too early wait for packets before them, 0 or more: longer where what is missing can be sent
 *     again; of no meaning when {@code ordered}
 */
public record IngestOptions(
        boolean ordered, boolean replace, Runnable onReplaced, BooleanSupplier keyframeRequest, long pictureWaitNanos) {
    /** How long packets wait for missing ones that nobody sends again: what a network puts out of order comes within this time. */
    public static final long REORDER_WAIT_NANOS = 60_000_000;

    /** A source that sends nothing again. */
    public IngestOptions(boolean ordered, boolean replace, Runnable onReplaced, BooleanSupplier keyframeRequest) {
        this(ordered, replace, onReplaced, keyframeRequest, REORDER_WAIT_NANOS);
    }

    /** A source that cannot be asked for keyframes. */
    public IngestOptions(boolean ordered, boolean replace, Runnable onReplaced) {
        this(ordered, replace, onReplaced, () -> false);
    }
}
