package org.porchlight.relay.webrtc.whip;

/** What can be wrong with a request: a status, and the stable type of its problem document (RFC 9457). */
enum Problem {
    NOT_FOUND(404, "not-found", "There is no such camera, or no more"),
    SESSION_NOT_FOUND(404, "session-not-found", "There is no such session, or no more"),
    METHOD_NOT_ALLOWED(405, "method-not-allowed", "This address does not answer this method"),
    NOT_PUBLISHABLE(405, "not-publishable", "This camera takes no publisher"),
    NOT_AN_OFFER(415, "not-an-offer", "The body must be application/sdp"),
    NOT_A_FRAGMENT(415, "not-a-fragment", "The body must be application/trickle-ice-sdpfrag"),
    NOT_JSON(415, "not-json", "The body must be application/json"),
    TOO_LARGE(413, "too-large", "The body is too large"),
    BROKEN_OFFER(400, "broken-offer", "The offer cannot be read"),
    BROKEN_FRAGMENT(400, "broken-fragment", "There is no ICE in the fragment that could be read"),
    BROKEN_LAYER(400, "broken-layer", "The wish for a layer cannot be read"),
    UNUSABLE_OFFER(422, "unusable-offer", "The offer cannot be answered"),
    UNUSABLE_FRAGMENT(422, "unusable-fragment", "The session cannot do that"),
    UNUSABLE_LAYER(422, "unusable-layer", "The session cannot choose"),
    NO_CODEC_IN_COMMON(406, "no-codec-in-common", "No codec in common"),
    PRECONDITION_REQUIRED(428, "precondition-required", "If-Match must name the ICE session"),
    PRECONDITION_FAILED(412, "precondition-failed", "If-Match names an ICE session that is over"),
    AUTHENTICATION_REQUIRED(401, "authentication-required", "Credentials are needed, or these are wrong"),
    FORBIDDEN(403, "forbidden", "This is not allowed"),
    CUT(403, "cut", "The permission was taken back"),
    OCCUPIED(409, "occupied", "Another publisher holds the camera"),
    QUOTA(429, "quota", "A limit is reached"),
    NO_SOURCE(503, "no-source", "The camera does not answer, or nobody publishes it right now"),
    UNAVAILABLE(503, "unavailable", "Whether this is allowed cannot be decided right now"),
    OVERLOADED(503, "overloaded", "There are too many sessions"),
    FAILED(500, "failed", "The request failed");

    private static final String TYPE_PREFIX = "urn:porchlight:problem:";
    private static final String RETRY_SECONDS = "2";

    private final int status;
    private final String type;
    private final String title;

    Problem(int status, String type, String title) {
        this.status = status;
        this.type = type;
        this.title = title;
    }

    int status() {
        return status;
    }

    EdgeResponse response() {
        return response("");
    }

    /** @param detail what was wrong this time, in words for people; empty: nothing more to say */
    EdgeResponse response(String detail) {
        StringBuilder json = new StringBuilder(160)
                .append("{\"type\":\"")
                .append(TYPE_PREFIX)
                .append(type)
                .append("\",\"title\":\"")
                .append(title)
                .append("\",\"status\":")
                .append(status);
        if (!detail.isEmpty()) {
            json.append(",\"detail\":\"");
            escape(detail, json);
            json.append('"');
        }
        EdgeResponse response = EdgeResponse.of(status)
                .withBody("application/problem+json", json.append('}').toString());
        return status == 429 || status == 503 ? response.with("Retry-After", RETRY_SECONDS) : response;
    }

    /** RFC 8259 section 7; what is not printable ASCII becomes an escape. */
    private static void escape(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
    }
}
