package org.porchlight.relay.rtsp.client;

import java.util.List;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;

/**
 * The PLAY requests that a camera wants to hear (RFC 2326 section 10.5): one for all tracks with a range, else without one, else one for each track. Owner: the
 * loop of the connection.
 */
final class PlaySequence {
    private static final String RANGE_FROM_START = "npt=0.000-";

    private final CameraMemory memory;
    private boolean withRange = true;
    /** 0: all tracks at once; else the number of the track, from 1. */
    private int part;

    /** What to do after an answer. */
    enum Verdict {
        /** Send the next PLAY. */
        GO_ON,
        /** Everything plays. */
        PLAYING,
        REFUSED
    }

    PlaySequence(CameraMemory memory) {
        this.memory = memory;
    }

    String url(String aggregateUrl, List<ClientTrack> tracks) {
        return part == 0 ? aggregateUrl : tracks.get(part - 1).controlUrl();
    }

    RtspHeaders headers() {
        return withRange ? RtspHeaders.of(RtspHeaders.RANGE, RANGE_FROM_START) : RtspHeaders.empty();
    }

    /** The camera has answered a PLAY that had these headers. */
    Verdict onAnswer(RtspResponse response, RtspHeaders asked, int tracks) {
        if (response.isSuccess()) {
            if (part == 0 || part == tracks) {
                return Verdict.PLAYING;
            }
            part++;
            return Verdict.GO_ON;
        }
        int status = response.status();
        boolean rangeDisliked = status == RtspStatus.INVALID_RANGE.code() || status == RtspStatus.BAD_REQUEST.code();
        if (withRange && asked.contains(RtspHeaders.RANGE) && rangeDisliked) {
            memory.note(CameraQuirk.RANGE_REFUSED);
            withRange = false;
            return Verdict.GO_ON;
        }
        if (status == RtspStatus.AGGREGATE_OPERATION_NOT_ALLOWED.code() && part == 0) {
            memory.note(CameraQuirk.PLAY_PER_TRACK);
            part = 1;
            return Verdict.GO_ON;
        }
        return Verdict.REFUSED;
    }
}
