package org.porchlight.relay.rtsp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request (RFC 2326 section 6).
 *
 * @param method as written, case-sensitive; may be one that we do not know
 * @param uri as written: absolute, a path, or {@code *}
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below look at the content
public record RtspRequest(String method, String uri, RtspVersion version, RtspHeaders headers, byte[] body)
        implements RtspMessage {

    public RtspRequest(String method, String uri, RtspHeaders headers, byte[] body) {
        this(method, uri, RtspVersion.RTSP_1, headers, body);
    }

    public RtspRequest(String method, String uri, RtspHeaders headers) {
        this(method, uri, headers, NO_BODY);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof RtspRequest other
                && method.equals(other.method)
                && uri.equals(other.uri)
                && version == other.version
                && headers.equals(other.headers)
                && Arrays.equals(body, other.body);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * method.hashCode() + uri.hashCode()) + headers.hashCode();
    }

    /** Without header values and without the query of the URI: both may hold secrets. */
    @Override
    public String toString() {
        int query = uri.indexOf('?');
        return method + " " + (query < 0 ? uri : uri.substring(0, query)) + " " + headers + " body of " + body.length;
    }
}
