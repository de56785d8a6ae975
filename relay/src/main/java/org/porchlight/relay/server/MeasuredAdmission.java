package org.porchlight.relay.server;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;

/**
 * Another admission, with the time that each of its answers took told to somebody: yes, no and failure alike, for every protocol that asks.
 * As thread-safe as the one it measures.
 */
final class MeasuredAdmission implements Admission {
    private final Admission asked;
    private final LongSupplier nanoTime;
    private final LongConsumer onAnswerNanos;

    /** @param onAnswerNanos told ns from question to answer, on the thread that answers */
    MeasuredAdmission(Admission asked, LongSupplier nanoTime, LongConsumer onAnswerNanos) {
        this.asked = asked;
        this.nanoTime = nanoTime;
        this.onAnswerNanos = onAnswerNanos;
    }

    @Override
    public CompletionStage<Answer> mayView(ViewRequest request) {
        return measured(() -> asked.mayView(request));
    }

    @Override
    public CompletionStage<Answer> mayPublish(PublishRequest request) {
        return measured(() -> asked.mayPublish(request));
    }

    private CompletionStage<Answer> measured(Supplier<CompletionStage<Answer>> question) {
        long askedNanos = nanoTime.getAsLong();
        return question.get()
                .whenComplete((answer, failure) -> onAnswerNanos.accept(nanoTime.getAsLong() - askedNanos));
    }

    @Override
    public List<Challenge> challenges() {
        return asked.challenges();
    }

    @Override
    public void onSessionEnded(SessionReport report) {
        asked.onSessionEnded(report);
    }

    @Override
    public void onCutReceipt(CutReceipt receipt) {
        asked.onCutReceipt(receipt);
    }

    @Override
    public void connect(Signals signals) {
        asked.connect(signals);
    }
}
