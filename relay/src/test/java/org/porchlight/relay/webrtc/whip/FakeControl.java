package org.porchlight.relay.webrtc.whip;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Answer;
import org.porchlight.relay.admission.Challenge;
import org.porchlight.relay.admission.Credentials;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.admission.PublishRequest;
import org.porchlight.relay.admission.SessionReport;
import org.porchlight.relay.admission.ViewRequest;

/** An admission that answers when the test says so, and remembers what it was told. */
public final class FakeControl implements Admission {
    public final List<String> asked = new ArrayList<>();
    public final List<SessionReport> ended = new ArrayList<>();
    public final Deque<CompletableFuture<Answer>> open = new ArrayDeque<>();
    List<Challenge> challenges = List.of(
            new Challenge.Digest("porchlight", org.porchlight.relay.admission.DigestAlgorithm.MD5),
            new Challenge.Bearer("porchlight"),
            new Challenge.Basic("por\"ch"));
    private int permits;

    public void permit(String person) {
        open.remove().complete(new Answer.Permit("s" + ++permits, person, "", false, Instant.MAX, 1));
    }

    private CompletionStage<Answer> ask(String question) {
        asked.add(question);
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        open.add(answer);
        return answer;
    }

    @Override
    public CompletionStage<Answer> mayView(ViewRequest request) {
        return ask("view " + request.camera() + " " + request.rendition() + " " + show(request.credentials()) + " "
                + request.protocol() + (request.encrypted() ? " encrypted" : "") + " " + request.userAgent());
    }

    @Override
    public CompletionStage<Answer> mayPublish(PublishRequest request) {
        return ask("publish " + request.camera() + " " + request.rendition() + " " + show(request.credentials()));
    }

    private static String show(Credentials credentials) {
        if (credentials instanceof Credentials.Bearer bearer) {
            return "bearer " + bearer.token();
        }
        return credentials instanceof Credentials.Basic basic
                ? "basic " + basic.user() + " " + basic.password()
                : "anonymous";
    }

    @Override
    public List<Challenge> challenges() {
        return challenges;
    }

    @Override
    public void onSessionEnded(SessionReport report) {
        ended.add(report);
    }

    @Override
    public void onCutReceipt(CutReceipt receipt) {}

    @Override
    public void connect(Signals signals) {}
}
