package org.porchlight.relay.rtsp;

/** The protocol named in a start line (RFC 2326 section 5.1; RFC 7230 section 2.6 for the HTTP tunnel). */
public enum RtspVersion {
    /** {@code RTSP/1.x}, whatever the minor number: cameras write 1.0, 1.1 and worse and mean RFC 2326. */
    RTSP_1("RTSP/1.0"),
    /** RFC 7826, which we do not speak. */
    RTSP_2("RTSP/2.0"),
    /** {@code HTTP/1.0} or {@code HTTP/1.1}: the tunnel. */
    HTTP("HTTP/1.1"),
    /** An RTSP or HTTP version that we do not know. */
    OTHER("RTSP/1.0");

    private final String token;

    RtspVersion(String token) {
        this.token = token;
    }

    /** As written in start lines of ours. */
    public String token() {
        return token;
    }

    static RtspVersion of(String token) {
        if (token.regionMatches(true, 0, "RTSP/1.", 0, 7)) {
            return RTSP_1;
        }
        if (token.regionMatches(true, 0, "RTSP/2.", 0, 7)) {
            return RTSP_2;
        }
        return token.regionMatches(true, 0, "HTTP/1.", 0, 7) ? HTTP : OTHER;
    }

    /** Whether a start-line token names a protocol at all. */
    static boolean isVersion(String token) {
        return token.regionMatches(true, 0, "RTSP/", 0, 5) || token.regionMatches(true, 0, "HTTP/", 0, 5);
    }
}
