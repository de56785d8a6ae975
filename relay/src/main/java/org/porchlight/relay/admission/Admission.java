package org.porchlight.relay.admission;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * All that the relay knows of consent. Asked before any media flows; obeyed afterwards. Methods are called from event loops: they
 * never block, and may complete their stages on any thread. A stage that fails counts as {@link DenyCode#UNAVAILABLE}.
 */
public interface Admission {
    /** Leased sessions end when {@link Signals#renewLease} has not been called for this long. */
    Duration LEASE_EXPIRY = Duration.ofSeconds(5);

    CompletionStage<Answer> mayView(ViewRequest request);

    CompletionStage<Answer> mayPublish(PublishRequest request);

    /** The ways to authenticate, in the order in which clients are to see them; empty: none helps. */
    List<Challenge> challenges();

    /** A session that had a permit has ended, whatever the cause. */
    void onSessionEnded(SessionReport report);

    /** A cut has been carried out. */
    void onCutReceipt(CutReceipt receipt);

    /** Called once, before the first question: where to send cuts and lease renewals. */
    void connect(Signals signals);

    /** The way back into the relay; callable from any thread, returns at once. */
    interface Signals {
        void cut(Cut cut);

        /** Control is alive and stands by its permits; call about every second. */
        void renewLease();
    }
}
