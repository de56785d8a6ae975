package org.porchlight.relay.webrtc.whip;

/** What has become of an offer. */
public sealed interface MediaCreation {
    /**
     * A session waits for the client's first ICE check. From here on it is the session that reports its end to admission.
     *
     * @param answer SDP
     */
    record Created(MediaSession session, String answer) implements MediaCreation {}

    /**
     * There is none, and the permit has not been used.
     *
     * @param detail what was wrong, in words for the client; empty: nothing more to say
     */
    record Refused(Refusal refusal, String detail) implements MediaCreation {}

    /** Why an offer was not taken. */
    enum Refusal {
        /** The offer is no session description. */
        BROKEN_OFFER,
        /** It can be read but not answered: wrong direction, no bundle, no fingerprint, and the like. */
        UNUSABLE_OFFER,
        NO_CODEC_IN_COMMON,
        NO_SUCH_STREAM,
        /** The camera does not answer, or nobody publishes it right now. */
        NO_SOURCE,
        /** This camera has a source of its own and takes no publisher. */
        NOT_PUBLISHABLE,
        /** Another publisher holds the stream and keeps it. */
        OCCUPIED,
        /** A cut has named the permit on its way. */
        CUT,
        /** There are as many sessions as the relay takes. */
        OVERLOADED
    }
}
