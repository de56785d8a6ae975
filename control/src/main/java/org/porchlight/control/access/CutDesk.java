package org.porchlight.control.access;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Admission;
import org.porchlight.relay.admission.Cut;
import org.porchlight.relay.admission.CutReceipt;

/** Sends cuts to the relay and brings each receipt to him who asked. Any thread. */
public final class CutDesk {
    /** A relay that has not answered by then will not. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MAX_PENDING = 1_000;

    private final Map<String, CompletableFuture<CutReceipt>> pending = new ConcurrentHashMap<>();
    private final Supplier<String> ids;
    private volatile Admission.@Nullable Signals signals;

    /** @param ids unique names for cuts */
    public CutDesk(Supplier<String> ids) {
        this.ids = ids;
    }

    void connect(Admission.Signals relay) {
        this.signals = relay;
    }

    /** Tells the relay that the permits stand; nothing before it is connected. */
    void renewLease() {
        Admission.Signals relay = signals;
        if (relay != null) {
            relay.renewLease();
        }
    }

    /**
     * Cuts.
     *
     * @return completes with the receipt; fails after {@link #PATIENCE} without one; empty when no relay is connected or too many cuts are pending
     */
    public Optional<CompletableFuture<CutReceipt>> cut(Cut.Scope scope, String subject, long epoch, String reason) {
        Admission.Signals relay = signals;
        if (relay == null || pending.size() >= MAX_PENDING) {
            return Optional.empty();
        }
        String id = ids.get();
        CompletableFuture<CutReceipt> receipt = new CompletableFuture<>();
        pending.put(id, receipt);
        receipt.orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS).whenComplete((done, failure) -> pending.remove(id));
        relay.cut(new Cut(id, scope, subject, epoch, reason));
        return Optional.of(receipt);
    }

    /** Cuts without waiting for a receipt, however many are pending: a revocation is never refused. */
    void revoke(Cut.Scope scope, String subject, long epoch, String reason) {
        Admission.Signals relay = signals;
        if (relay != null) {
            relay.cut(new Cut(ids.get(), scope, subject, epoch, reason));
        }
    }

    void onReceipt(CutReceipt receipt) {
        CompletableFuture<CutReceipt> waiting = pending.remove(receipt.cut().id());
        if (waiting != null) {
            waiting.complete(receipt);
        }
    }
}
