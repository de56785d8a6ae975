package org.porchlight.relay.rtsp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A response (RFC 2326 section 7).
 *
 * @param status 100 to 999
 * @param reason may be empty; cameras leave it out
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below look at the content
public record RtspResponse(int status, String reason, RtspVersion version, RtspHeaders headers, byte[] body)
        implements RtspMessage {

    public RtspResponse {
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("status " + status + " is not within 100 to 999");
        }
    }

    public RtspResponse(int status, String reason, RtspHeaders headers, byte[] body) {
        this(status, reason, RtspVersion.RTSP_1, headers, body);
    }

    public RtspResponse(RtspStatus status, RtspHeaders headers) {
        this(status.code(), status.reason(), headers, NO_BODY);
    }

    public RtspResponse(RtspStatus status, RtspHeaders headers, byte[] body) {
        this(status.code(), status.reason(), headers, body);
    }

    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof RtspResponse other
                && status == other.status
                && reason.equals(other.reason)
                && version == other.version
                && headers.equals(other.headers)
                && Arrays.equals(body, other.body);
    }

    @Override
    public int hashCode() {
        return 31 * status + headers.hashCode();
    }

    @Override
    public String toString() {
        return status + " " + reason + " " + headers + " body of " + body.length;
    }
}
