package org.porchlight.relay.rtsp.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.metrics.Counter;
import org.porchlight.relay.rtsp.FramingError;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMethod;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.RtspVersion;
import org.porchlight.relay.rtsp.SessionHeader;

/** What can be wrong with a request on the face of it, and the status that says so (RFC 2326 sections 11 and 12). */
final class RequestRules {
    static final String METHODS =
            "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER";
    /** The methods of a camera that takes no publisher. */
    static final String VIEWER_METHODS = METHODS.replace(" ANNOUNCE,", "").replace(" RECORD,", "");

    static final String SDP = "application/sdp";

    private static final int MAX_ACCEPTED = 64;

    private RequestRules() {}

    /**
     * One thing that is wrong.
     *
     * @param counter what it counts as; null: nothing of its own
     * @param headers that belong to its answer: name, value, name, value
     */
    record Fault(RtspStatus status, @Nullable Counter counter, List<String> headers) {
        Fault(RtspStatus status, @Nullable Counter counter, String... headers) {
            this(status, counter, List.of(headers));
        }
    }

    /**
     * What is wrong with a request whatever stream it is for; null: nothing.
     *
     * @param sessionId of the session that this connection has; empty: none
     */
    static @Nullable Fault faultOf(RtspRequest request, ServerPolicy policy, String sessionId) {
        if (request.version() != RtspVersion.RTSP_1) {
            return new Fault(RtspStatus.VERSION_NOT_SUPPORTED, null);
        }
        if (request.cseq() < 0) {
            return new Fault(RtspStatus.BAD_REQUEST, Counter.REQUESTS_MALFORMED);
        }
        RtspMethod method = RtspMethod.of(request.method());
        if (method == null) {
            return new Fault(RtspStatus.NOT_IMPLEMENTED, Counter.REQUESTS_UNSUPPORTED, RtspHeaders.PUBLIC, METHODS);
        }
        if (request.uri().length() > policy.maxUriBytes()) {
            return new Fault(RtspStatus.REQUEST_URI_TOO_LARGE, Counter.REQUESTS_TOO_LARGE);
        }
        String required = requiredOptions(request);
        if (!required.isEmpty()) {
            return new Fault(
                    RtspStatus.OPTION_NOT_SUPPORTED, Counter.REQUESTS_UNSUPPORTED, RtspHeaders.UNSUPPORTED, required);
        }
        SessionHeader session = request.session();
        if (session != null && !session.id().equals(sessionId)) {
            return new Fault(RtspStatus.SESSION_NOT_FOUND, null);
        }
        return method == RtspMethod.REDIRECT
                ? new Fault(RtspStatus.METHOD_NOT_ALLOWED, Counter.REQUESTS_UNSUPPORTED, RtspHeaders.ALLOW, METHODS)
                : null;
    }

    private static String requiredOptions(RtspRequest request) {
        List<String> required = new ArrayList<>(request.headers().all(RtspHeaders.REQUIRE));
        required.addAll(request.headers().all(RtspHeaders.PROXY_REQUIRE));
        required.removeIf(String::isBlank);
        return String.join(", ", required);
    }

    /** Whether a client takes the only format in which we describe (RFC 2326 section 12.1). */
    static boolean acceptsSdp(RtspRequest request) {
        List<String> accepted = request.headers().all(RtspHeaders.ACCEPT);
        if (accepted.isEmpty()) {
            return true;
        }
        for (String range : String.join(",", accepted).split(",", MAX_ACCEPTED)) {
            int parameters = range.indexOf(';');
            String type = (parameters < 0 ? range : range.substring(0, parameters))
                    .trim()
                    .toLowerCase(Locale.ROOT);
            if (type.equals(SDP) || type.equals("application/*") || type.equals("*/*") || type.equals("*")) {
                return true;
            }
        }
        return false;
    }

    /** What is wrong with the body of an ANNOUNCE before it is read; null: nothing. */
    static @Nullable RtspStatus announcementFault(RtspRequest request) {
        String type = request.headers().first(RtspHeaders.CONTENT_TYPE);
        if (type != null && !type.toLowerCase(Locale.ROOT).startsWith(SDP)) {
            return RtspStatus.UNSUPPORTED_MEDIA_TYPE;
        }
        if (request.body().length == 0) {
            boolean told = request.headers().contains(RtspHeaders.CONTENT_LENGTH);
            return told ? RtspStatus.BAD_REQUEST : RtspStatus.LENGTH_REQUIRED;
        }
        return null;
    }

    /** The last answer to a client whose bytes cannot be read on. */
    static Fault faultOf(FramingError error) {
        return switch (error.kind()) {
            case BODY_TOO_LARGE -> new Fault(RtspStatus.REQUEST_ENTITY_TOO_LARGE, Counter.REQUESTS_TOO_LARGE);
            case HEADER_TOO_LARGE -> new Fault(RtspStatus.BAD_REQUEST, Counter.REQUESTS_TOO_LARGE);
            case MALFORMED_MESSAGE, BAD_CONTENT_LENGTH, TOO_MUCH_GARBAGE ->
                new Fault(RtspStatus.BAD_REQUEST, Counter.REQUESTS_MALFORMED);
        };
    }
}
