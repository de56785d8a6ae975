package org.porchlight.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.DenyCode;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;

class MeasuredAdmissionTest {
    private static final InetSocketAddress CLIENT = InetSocketAddress.createUnresolved("client", 5000);

    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Long> told = new ArrayList<>();
    private long nowNanos = Long.MAX_VALUE - 10;
    private final MeasuredAdmission admission = new MeasuredAdmission(new Slow(), () -> nowNanos, told::add);

    @Test
    void tellsWhatAViewersAnswerTook() {
        CompletionStage<Answer> got = admission.mayView(
                new ViewRequest("yard", Rendition.MAIN, new Credentials.Anonymous(), CLIENT, "rtsp", false, "player"));
        assertThat(told).isEmpty();
        nowNanos += 1_500_000;
        answer.complete(new Answer.Deny(DenyCode.QUOTA));
        assertThat(got.toCompletableFuture()).isCompletedWithValue(new Answer.Deny(DenyCode.QUOTA));
        assertThat(told).containsExactly(1_500_000L);
    }

    @Test
    void tellsWhatAPublisherWaitedForAFailureToo() {
        CompletionStage<Answer> got = admission.mayPublish(new PublishRequest(
                "yard", Rendition.MAIN, new Credentials.Anonymous(), CLIENT, "rtsp", false, "encoder"));
        nowNanos += 7;
        answer.completeExceptionally(new IllegalStateException("control is gone"));
        assertThat(got.toCompletableFuture()).isCompletedExceptionally();
        assertThat(told).containsExactly(7L);
    }

    private final class Slow implements Admission {
        @Override
        public CompletionStage<Answer> mayView(ViewRequest request) {
            return answer;
        }

        @Override
        public CompletionStage<Answer> mayPublish(PublishRequest request) {
            return answer;
        }

        @Override
        public List<Challenge> challenges() {
            return List.of();
        }

        @Override
        public void onSessionEnded(SessionReport report) {}

        @Override
        public void onCutReceipt(CutReceipt receipt) {}

        @Override
        public void connect(Signals signals) {}
    }
}
