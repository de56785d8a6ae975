package org.porchlight.relay.rtsp.server;

import org.porchlight.relay.rtsp.RtspStatus;

/** Why the relay cannot do what a permitted client asks for. */
public enum Refusal {
    /** There is no such stream, or no more. */
    NO_SUCH_STREAM(RtspStatus.NOT_FOUND),
    /** The camera does not answer, or nobody publishes it right now. */
    NO_SOURCE(RtspStatus.SERVICE_UNAVAILABLE),
    /** Another publisher holds the stream and keeps it. */
    OCCUPIED(RtspStatus.SERVICE_UNAVAILABLE),
    /** This stream has a source of its own and takes no publisher. */
    NOT_PUBLISHABLE(RtspStatus.METHOD_NOT_ALLOWED),
    /** No UDP port is free. */
    NO_PORTS(RtspStatus.UNSUPPORTED_TRANSPORT),
    /** Our own fault. */
    FAILED(RtspStatus.INTERNAL_SERVER_ERROR);

    private final RtspStatus status;

    Refusal(RtspStatus status) {
        this.status = status;
    }

    RtspStatus status() {
        return status;
    }
}
