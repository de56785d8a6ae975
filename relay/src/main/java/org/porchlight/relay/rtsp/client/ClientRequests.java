package org.porchlight.relay.rtsp.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.SessionHeader;
import org.porchlight.relay.rtsp.WwwAuthenticate;

/**
 * Our requests on one RTSP connection and their answers: CSeq (RFC 2326 section 12.17), Session (12.37) and the rounds of authentication. One request is in
 * flight at a time, so an answer without CSeq, or with a wrong one, still finds its request. Owner: the loop of the connection.
 */
final class ClientRequests {
    private static final long TEARDOWN_NANOS = 500_000_000L;
    private static final int MAX_TRIES = 8;

    private final ClientSettings settings;
    private final CameraMemory memory;
    private final Consumer<ClientOutput> outputs;
    private int cseq;
    private @Nullable Request awaited;
    /** An answer that we stopped waiting for may still come. */
    private boolean lateAnswerExpected;

    private String sessionId = "";
    private int timeoutSeconds = SessionHeader.DEFAULT_TIMEOUT_SECONDS;

    /**
     * A request that waits for its answer.
     *
     * @param headers its own, without those that every request has
     * @param tries 1 for the first; more were sent again with credentials
     */
    record Request(
            String method, String uri, RtspHeaders headers, int cseq, long waitNanos, long deadlineNanos, int tries) {}

    /** What an answer means. */
    sealed interface Answer {
        /** Nothing waits for it, or its request was sent again. */
        record Nothing() implements Answer {}

        /** The answer to this request. */
        record To(Request request) implements Answer {}

        /** The camera does not let us in. */
        record Unauthorized(String detail) implements Answer {}
    }

    private static final Answer NOTHING = new Answer.Nothing();

    ClientRequests(ClientSettings settings, CameraMemory memory, Consumer<ClientOutput> outputs) {
        this.settings = settings;
        this.memory = memory;
        this.outputs = outputs;
    }

    /** Sends a request and waits for its answer; one that still waited is forgotten. */
    void send(String method, String uri, RtspHeaders headers, long nowNanos) {
        send(method, uri, headers, 1, nowNanos);
    }

    private void send(String method, String uri, RtspHeaders headers, int tries, long nowNanos) {
        cseq++;
        RtspHeaders.Builder all = RtspHeaders.builder().add(RtspHeaders.CSEQ, Integer.toString(cseq));
        String authorization = memory.authentication().authorization(method, uri);
        if (authorization != null) {
            all.add(RtspHeaders.AUTHORIZATION, authorization);
        }
        if (!sessionId.isEmpty()) {
            all.add(RtspHeaders.SESSION, sessionId);
        }
        headers.fields().forEach(field -> all.add(field.name(), field.value()));
        all.add(RtspHeaders.USER_AGENT, settings.userAgent());
        boolean slow = method.equals("DESCRIBE") || method.equals("PLAY");
        long wait = method.equals("TEARDOWN") ? TEARDOWN_NANOS : settings.responseNanos() * (slow ? 2 : 1);
        awaited = new Request(method, uri, headers, cseq, wait, nowNanos + wait, tries);
        outputs.accept(new ClientOutput.Send(new RtspRequest(method, uri, all.build())));
    }

    /** An answer came; says what it means, and sends the request again if that is what the camera wants. */
    Answer receive(RtspResponse response, long nowNanos) {
        Request request = awaited;
        if (response.status() < 200 || request == null || isLate(response, request)) {
            return NOTHING; // 100 Continue, or an answer that came after we stopped waiting
        }
        awaited = null;
        if (response.status() != RtspStatus.UNAUTHORIZED.code()) {
            memory.authentication().onAccepted();
            return new Answer.To(request);
        }
        return request.method().equals("TEARDOWN") ? new Answer.To(request) : authenticate(request, response, nowNanos);
    }

    private boolean isLate(RtspResponse response, Request request) {
        int answered = response.cseq();
        boolean late = lateAnswerExpected && answered == request.cseq() - 1;
        lateAnswerExpected = false;
        if (answered < 0) {
            memory.note(CameraQuirk.CSEQ_MISSING);
        } else if (answered != request.cseq() && !late) {
            memory.note(CameraQuirk.CSEQ_WRONG);
        }
        return late;
    }

    private Answer authenticate(Request request, RtspResponse response, long nowNanos) {
        var offered = WwwAuthenticate.parse(response.headers().all(RtspHeaders.WWW_AUTHENTICATE));
        ClientAuthentication.Verdict verdict =
                memory.authentication().onUnauthorized(offered, memory.target().tls());
        if (verdict != ClientAuthentication.Verdict.RETRY) {
            return new Answer.Unauthorized(verdict.detail());
        }
        if (request.tries() >= MAX_TRIES) {
            return new Answer.Unauthorized("the camera asks for credentials again and again");
        }
        send(request.method(), request.uri(), request.headers(), request.tries() + 1, nowNanos);
        return NOTHING;
    }

    /** The request that waits for its answer, or null. */
    @Nullable
    Request awaited() {
        return awaited;
    }

    /** When it has waited long enough; {@link Long#MAX_VALUE}: nothing waits. */
    long deadlineNanos() {
        Request request = awaited;
        return request == null ? Long.MAX_VALUE : request.deadlineNanos();
    }

    /** The request whose answer is overdue, which is no longer waited for; null: none. */
    @Nullable
    Request takeOverdue(long nowNanos) {
        Request request = awaited;
        if (request == null || nowNanos < request.deadlineNanos()) {
            return null;
        }
        awaited = null;
        return request;
    }

    /** The session goes on without the answer, which may come all the same. */
    void expectLateAnswer() {
        lateAnswerExpected = true;
    }

    /** No answer is waited for any more. */
    void forget() {
        awaited = null;
    }

    /** Takes the session's id and time-out from the answer to a SETUP. */
    void learnSession(RtspResponse response) {
        SessionHeader session = response.session();
        if (session == null) {
            memory.note(CameraQuirk.SESSION_MISSING);
            return;
        }
        if (!sessionId.isEmpty() && !sessionId.equals(session.id())) {
            memory.note(CameraQuirk.SESSION_CHANGED);
        }
        sessionId = session.id();
        if (session.timeoutSeconds() > 0) {
            timeoutSeconds = session.timeoutSeconds();
        }
    }

    /** The camera's name for the session; empty: none yet. */
    String sessionId() {
        return sessionId;
    }

    boolean hasSession() {
        return !sessionId.isEmpty();
    }

    /** After so many seconds of silence the camera ends the session, as far as known. */
    int timeoutSeconds() {
        return timeoutSeconds;
    }
}
