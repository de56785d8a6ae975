package org.porchlight.relay.webrtc.whip;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.StreamName;
import org.porchlight.relay.admission.ViewRequest;
import org.porchlight.relay.metrics.Counter;

/** Puts the question of a request to admission and turns a no into a response. Thread-safe. */
public final class EdgeAdmission {
    private static final String PROTOCOL = "webrtc";
    private static final int MAX_USER_AGENT = 256;

    private final Admission admission;
    private final LongSupplier mark;
    private final Consumer<Counter> count;

    /**
     * @param mark {@link org.porchlight.relay.egress.Sessions#mark}
     * @param count told what is to be counted, on any thread
     */
    public EdgeAdmission(Admission admission, LongSupplier mark, Consumer<Counter> count) {
        this.admission = admission;
        this.mark = mark;
        this.count = count;
    }

    /** A permit, and the moment before it was asked for, as cuts count it. */
    record Granted(Answer.Permit permit, long mark) {}

    /** What admission has said; one of these is called, once. */
    interface Told {
        void onRefused(EdgeResponse refusal);

        void onPermit(Granted granted);
    }

    /** Asks whether this client may publish or watch there. */
    void ask(EdgeRequest request, EdgePath.Endpoint endpoint, Told told) {
        Credentials credentials = ShownCredentials.of(request);
        if (credentials == null) {
            told.onRefused(ShownCredentials.challenge(admission.challenges()));
            return;
        }
        long asked = mark.getAsLong();
        CompletionStage<Answer> answer;
        try {
            answer = endpoint.publishes()
                    ? admission.mayPublish(publish(request, endpoint.stream(), credentials))
                    : admission.mayView(view(request, endpoint.stream(), credentials));
        } catch (RuntimeException e) {
            told.onRefused(refusalOf(DenyCode.UNAVAILABLE));
            return;
        }
        answer.whenComplete((said, failure) -> tell(said, asked, told));
    }

    private void tell(@Nullable Answer said, long asked, Told told) {
        if (said instanceof Answer.Permit permit) {
            count.accept(Counter.ADMISSION_PERMIT);
            told.onPermit(new Granted(permit, asked));
        } else {
            told.onRefused(refusalOf(said instanceof Answer.Deny deny ? deny.code() : DenyCode.UNAVAILABLE));
        }
    }

    private static ViewRequest view(EdgeRequest request, StreamName stream, Credentials credentials) {
        return new ViewRequest(
                stream.camera(),
                stream.rendition(),
                credentials,
                request.remote(),
                PROTOCOL,
                request.encrypted(),
                userAgent(request));
    }

    private static PublishRequest publish(EdgeRequest request, StreamName stream, Credentials credentials) {
        return new PublishRequest(
                stream.camera(),
                stream.rendition(),
                credentials,
                request.remote(),
                PROTOCOL,
                request.encrypted(),
                userAgent(request));
    }

    private static String userAgent(EdgeRequest request) {
        String agent = request.header("user-agent");
        return agent.length() > MAX_USER_AGENT ? agent.substring(0, MAX_USER_AGENT) : agent;
    }

    private EdgeResponse refusalOf(DenyCode code) {
        return switch (code) {
            case AUTHENTICATION_REQUIRED -> {
                count.accept(Counter.ADMISSION_AUTHENTICATION_REQUIRED);
                yield ShownCredentials.challenge(admission.challenges());
            }
            case FORBIDDEN -> {
                count.accept(Counter.ADMISSION_FORBIDDEN);
                yield Problem.FORBIDDEN.response();
            }
            case NOT_FOUND -> {
                count.accept(Counter.ADMISSION_NOT_FOUND);
                yield Problem.NOT_FOUND.response();
            }
            case QUOTA -> {
                count.accept(Counter.ADMISSION_QUOTA);
                yield Problem.QUOTA.response();
            }
            case UNAVAILABLE -> {
                count.accept(Counter.ADMISSION_UNAVAILABLE);
                yield Problem.UNAVAILABLE.response();
            }
        };
    }

    /** Nobody uses this permit. */
    void giveBack(Granted unused, StreamName stream) {
        admission.onSessionEnded(
                new SessionReport(unused.permit().session(), stream.camera(), "unused", Duration.ZERO, 0, 0));
    }
}
