package org.porchlight.control.management;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;
import org.porchlight.relay.server.SessionState;
import org.porchlight.relay.server.StreamState;

/** What the management port sees of the node. Called on Vert.x event loops: never blocks. */
public interface NodeView {
    /** Whether the process can still do its work; false: restart it. */
    boolean isAlive();

    /** Whether clients may be sent here. */
    boolean isReady();

    CompletionStage<List<StreamState>> streams();

    CompletionStage<List<SessionState>> sessions();

    /** Cuts and waits for the receipt; empty when that is not possible now. */
    Optional<CompletableFuture<CutReceipt>> cut(Cut.Scope scope, String subject, String reason);

    /** All meters in the Prometheus text format; may take milliseconds. */
    String scrape();
}
