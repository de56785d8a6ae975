package org.porchlight.control.server;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.server.Relay;
import org.porchlight.relay.server.RelayConfiguration;
import org.porchlight.relay.server.SessionState;
import org.porchlight.relay.server.StreamState;

/** A media plane without media that remembers what it was told. */
final class FakeRelay implements Relay {
    final BlockingQueue<RelayConfiguration> applied = new LinkedBlockingQueue<>();
    final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    final BlockingQueue<Cut> cuts = new LinkedBlockingQueue<>();

    /** Keeps what admission wants to be cut; there is nothing to cut, and the receipt says so. */
    FakeRelay obeying(Admission admission) {
        admission.connect(new Admission.Signals() {
            @Override
            public void cut(Cut cut) {
                cuts.add(cut);
                admission.onCutReceipt(new CutReceipt(cut, Instant.EPOCH, Instant.MIN, Instant.EPOCH, 0));
            }

            @Override
            public void renewLease() {}
        });
        return this;
    }

    @Override
    public void start(RelayConfiguration configuration) {
        calls.add("start");
    }

    @Override
    public CompletionStage<Void> apply(RelayConfiguration next) {
        applied.add(next);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> stop() {
        calls.add("stop");
        return CompletableFuture.completedStage(null);
    }

    @Override
    public boolean isReady() {
        return calls.contains("start") && !calls.contains("stop");
    }

    @Override
    public List<BoundListener> listeners() {
        return List.of();
    }

    @Override
    public CompletionStage<List<StreamState>> streams() {
        return CompletableFuture.completedStage(List.of());
    }

    @Override
    public CompletionStage<List<SessionState>> sessions() {
        return CompletableFuture.completedStage(List.of());
    }
}
