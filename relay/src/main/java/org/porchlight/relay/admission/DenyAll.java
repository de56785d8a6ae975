package org.porchlight.relay.admission;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The default: nobody watches, nobody publishes. A relay that was given no admission stays dark. */
public final class DenyAll implements Admission {
    private static final Answer NO = new Answer.Deny(DenyCode.FORBIDDEN);

    @Override
    public CompletionStage<Answer> mayView(ViewRequest request) {
        return CompletableFuture.completedStage(NO);
    }

    @Override
    public CompletionStage<Answer> mayPublish(PublishRequest request) {
        return CompletableFuture.completedStage(NO);
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
