package org.porchlight.relay.rtsp.client;

import java.util.List;
import org.porchlight.relay.rtsp.RtspMessage;

/** What an {@link RtspClientSession} wants done, in this order. */
public sealed interface ClientOutput {

    /** Send a message. */
    record Send(RtspMessage message) implements ClientOutput {}

    /** Open two UDP ports for a track and tell them by {@link RtspClientSession#onPorts}. */
    record BindPorts(int track) implements ClientOutput {}

    /** All tracks are set up: get ready for media, which may come before {@link Playing}. */
    record Prepare(List<ClientTrack> tracks) implements ClientOutput {
        public Prepare {
            tracks = List.copyOf(tracks);
        }
    }

    /** The camera plays. */
    record Playing() implements ClientOutput {}

    /** Send a receiver report for a track (RFC 3550 section 6.4.2). */
    record SendReceiverReport(int track) implements ClientOutput {}

    /** Ask for a keyframe of a track; {@code commandNumber} is for FIR. */
    record SendKeyframeRequest(int track, KeyframeFeedback feedback, int commandNumber) implements ClientOutput {}

    /** Close the connection; nothing follows. */
    record Finished(Outcome outcome) implements ClientOutput {}

    /** How a session ended. */
    sealed interface Outcome {
        /** We closed it. */
        record Closed() implements Outcome {}

        /** Connect again at once to {@link CameraMemory#target}: what was learned makes success likely. */
        record StartOver(String reason) implements Outcome {}

        /** It failed; try again after a pause. */
        record Failed(SourceFailure failure) implements Outcome {}
    }
}
