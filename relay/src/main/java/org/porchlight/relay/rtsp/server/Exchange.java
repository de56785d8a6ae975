package org.porchlight.relay.rtsp.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.rtsp.NumberPair;
import org.porchlight.relay.rtsp.RtspHeaders;
import org.porchlight.relay.rtsp.RtspMessage;
import org.porchlight.relay.rtsp.RtspRequest;
import org.porchlight.relay.rtsp.RtspResponse;
import org.porchlight.relay.rtsp.RtspStatus;
import org.porchlight.relay.rtsp.SessionHeader;

/**
 * The request that is being worked on: the question that it waits for, what was learned for it alone, and its answer. One after the other.
 * Owner: that of its session.
 */
final class Exchange {
    private static final String TIMESTAMP = "Timestamp";

    private final ServerPolicy policy;
    private final RtspServerActions actions;

    private @Nullable RtspRequest request;
    private int question;
    private boolean asking;
    private long questionDeadlineNanos;
    private @Nullable String lastWords;

    private boolean described;
    private @Nullable NumberPair ports;
    private @Nullable List<TrackStart> starts;
    private boolean recording;

    Exchange(ServerPolicy policy, RtspServerActions actions) {
        this.policy = policy;
        this.actions = actions;
    }

    /** Turns to the next request. */
    void begin(RtspRequest next) {
        request = next;
        described = false;
        ports = null;
        starts = null;
        recording = false;
    }

    /** Whether a request waits for its answer. */
    boolean isOpen() {
        return request != null;
    }

    RtspRequest request() {
        RtspRequest current = request;
        if (current == null) {
            throw new IllegalStateException("there is no request to answer");
        }
        return current;
    }

    /** Nobody waits for an answer any more. */
    void abandon() {
        request = null;
        asking = false;
    }

    // ---- questions

    /** The number of a new question, to be answered within the policy's time. */
    int ask(long nowNanos) {
        asking = true;
        questionDeadlineNanos = nowNanos + policy.questionTimeout().toNanos();
        return ++question;
    }

    /** Whether that question is open; from now on it is not. */
    boolean isAwaited(int toQuestion) {
        boolean awaited = asking && toQuestion == question;
        asking &= !awaited;
        return awaited;
    }

    boolean isAsking() {
        return asking;
    }

    long questionDeadlineNanos() {
        return questionDeadlineNanos;
    }

    /** The question has not been answered: this request is, and is the last. */
    void giveUp() {
        asking = false;
        lastWords = "no_answer";
        respond(RtspStatus.SERVICE_UNAVAILABLE);
    }

    // ---- facts of this request

    /** Whether the tracks were told for this request: a description is always a new one, as parameter sets may have been learned. */
    boolean isDescribed() {
        return described;
    }

    void learnDescription() {
        described = true;
    }

    void forgetDescription() {
        described = false;
    }

    /** Our ports for the track that is being set up; null: not known. */
    @Nullable
    NumberPair ports() {
        return ports;
    }

    void learnPorts(NumberPair opened) {
        ports = opened;
    }

    /** What comes first on each track of the playing that begins; null: not known. */
    @Nullable
    List<TrackStart> starts() {
        return starts;
    }

    void learnStarts(List<TrackStart> firstPackets) {
        starts = firstPackets;
    }

    /** Whether the session is the camera's source now. */
    boolean isRecording() {
        return recording;
    }

    void learnRecording() {
        recording = true;
    }

    // ---- answers

    /** The answer to this request is the last on this connection, which ends for that reason. */
    void endAfterwards(String reason) {
        lastWords = reason;
    }

    /** Why the connection ends behind this request; null: it does not. */
    @Nullable
    String lastWords() {
        return lastWords;
    }

    /** @param headers name, value, name, value */
    void respond(RtspStatus status, String... headers) {
        RtspHeaders.Builder builder = RtspHeaders.builder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.add(headers[i], headers[i + 1]);
        }
        respond(status, builder, RtspMessage.NO_BODY);
    }

    /** Answers the request, which ends this exchange. */
    void respond(RtspStatus status, RtspHeaders.Builder more, byte[] body) {
        RtspRequest answered = request();
        request = null;
        RtspHeaders.Builder headers = RtspHeaders.builder();
        if (answered.cseq() >= 0) {
            headers.add(RtspHeaders.CSEQ, Integer.toString(answered.cseq()));
        }
        headers.add(RtspHeaders.SERVER, policy.serverName());
        RtspHeaders added = more.build();
        SessionHeader session = answered.session();
        if (session != null && status == RtspStatus.OK && !added.contains(RtspHeaders.SESSION)) {
            headers.add(RtspHeaders.SESSION, session.id());
        }
        String timestamp = answered.headers().first(TIMESTAMP);
        if (timestamp != null) {
            headers.add(TIMESTAMP, timestamp);
        }
        added.fields().forEach(field -> headers.add(field.name(), field.value()));
        if (lastWords != null) {
            headers.add(RtspHeaders.CONNECTION, "close");
        }
        actions.transmit(new RtspResponse(status, headers.build(), body));
    }
}
