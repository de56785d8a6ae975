package org.porchlight.relay.stream;

/** Why a stream cannot be had; carries no stack trace, as it is an answer and not a fault. */
public final class StreamException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The cause, for the edge to map to a status. */
    public enum Reason {
        /** Another source holds the stream and the new one may not replace it. */
        OCCUPIED,
        /** No source has come in time. */
        SOURCE_UNAVAILABLE,
        /** The camera was taken out of the configuration. */
        ENDED
    }

    private final Reason reason;

    public StreamException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
