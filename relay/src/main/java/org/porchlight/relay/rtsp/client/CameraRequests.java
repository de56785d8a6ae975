package org.porchlight.relay.rtsp.client;

import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;

/** Answers to what a camera asks of us (RFC 2326 section 10 allows most requests in both directions). No state. */
final class CameraRequests {
    private static final String METHODS = "OPTIONS, GET_PARAMETER, SET_PARAMETER, ANNOUNCE, REDIRECT";

    private CameraRequests() {}

    static RtspResponse answer(RtspRequest request, String sessionId) {
        RtspHeaders.Builder headers = RtspHeaders.builder();
        if (request.cseq() >= 0) {
            headers.add(RtspHeaders.CSEQ, Integer.toString(request.cseq()));
        }
        if (!sessionId.isEmpty()) {
            headers.add(RtspHeaders.SESSION, sessionId);
        }
        RtspStatus status = switch (request.method()) {
            case "OPTIONS" -> {
                headers.add(RtspHeaders.PUBLIC, METHODS);
                yield RtspStatus.OK;
            }
            case "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "REDIRECT", "TEARDOWN" -> RtspStatus.OK;
            default -> RtspStatus.NOT_IMPLEMENTED;
        };
        return new RtspResponse(status, headers.build());
    }
}
