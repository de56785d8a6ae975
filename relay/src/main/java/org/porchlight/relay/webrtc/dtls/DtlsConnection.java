package org.porchlight.relay.webrtc.dtls;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One DTLS association. Its owner, whoever opened it, calls {@link #receive} and {@link #close} on the executor that it gave and is told of
 * everything there. The handshake runs as one task on a thread of the endpoint; afterwards records (alerts, a repeated last flight of the
 * peer's, which is answered with ours) are read by short tasks on another, one at a time.
 */
public final class DtlsConnection {
    private final DtlsEndpoint endpoint;
    private final DtlsSetup setup;
    private final SrtpAgreement agreement;
    private final Executor owner;
    private final DtlsListener listener;
    private final DatagramPipe pipe;
    private final long deadlineNanos;

    // Shared between the owner and the running thread.
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile boolean closing;
    private volatile boolean connected;

    // The owner's.
    private boolean over;
    private long discardedDatagrams;

    // The running thread's; handed from the handshake's to the reader's through its queue.
    private @Nullable DTLSTransport transport;

    DtlsConnection(DtlsEndpoint endpoint, DtlsSetup setup, Executor owner, DtlsListener listener, long deadlineNanos) {
        this.endpoint = endpoint;
        this.setup = setup;
        this.agreement = new SrtpAgreement(setup);
        this.owner = owner;
        this.listener = listener;
        this.deadlineNanos = deadlineNanos;
        this.pipe = new DatagramPipe(
                endpoint.calculating(),
                endpoint.settings().maxDatagramBytes(),
                flight -> tell(() -> flight.forEach(this::forward)));
    }

    /**
     * A datagram of the peer's whose first byte says DTLS (RFC 7983: 20 to 63). Never blocks; what is too large or too much is lost.
     *
     * @param datagram borrowed
     */
    public void receive(ByteBuf datagram) {
        if (closing || over || !pipe.offer(datagram)) {
            discardedDatagrams++;
        } else if (connected) {
            readSoon();
        }
    }

    /** Ends it: close_notify when connected, an alert when not. {@link DtlsListener#onClosed} follows. May be repeated. */
    public void close() {
        if (closing || over) {
            return;
        }
        closing = true;
        pipe.stop();
        boolean runs = connected ? readSoon() : !endpoint.withdraw(this);
        if (!runs) {
            finish(DtlsFailure.CLOSED);
        }
    }

    /** Datagrams that {@link #receive} did not take. */
    public long discardedDatagrams() {
        return discardedDatagrams;
    }

    /** Whether what waits in the pipe will be read. */
    private boolean readSoon() {
        if (!reading.compareAndSet(false, true) || endpoint.read(this)) {
            return true;
        }
        reading.set(false);
        return false;
    }

    /** The handshake, on a thread of the endpoint that may calculate. */
    void shakeHands(long nowNanos) {
        if (closing) {
            finish(DtlsFailure.CLOSED);
        } else if (deadlineNanos - nowNanos <= 0) {
            finish(DtlsFailure.TIMED_OUT);
        } else {
            runHandshake();
        }
    }

    private void runHandshake() {
        try {
            transport = setup.role() == DtlsRole.SERVER
                    ? new DTLSServerProtocol()
                            .accept(new SrtpTlsServer(endpoint.crypto(), agreement, endpoint.settings()), pipe)
                    : new DTLSClientProtocol()
                            .connect(new SrtpTlsClient(endpoint.crypto(), agreement, endpoint.settings()), pipe);
        } catch (IOException | RuntimeException e) {
            pipe.flush();
            finish(reasonOf(e));
            return;
        }
        pipe.stopWaiting();
        pipe.flush();
        DtlsKeys keys = agreement.keys();
        if (keys == null) {
            throw new IllegalStateException("a handshake completed without keys");
        }
        tell(() -> announce(keys));
        connected = true;
        if (!pipe.isEmpty()) {
            readSoon();
        }
    }

    private DtlsFailure reasonOf(Exception e) {
        DtlsFailure known = agreement.failure();
        if (closing) {
            return DtlsFailure.CLOSED;
        } else if (known != null) {
            return known;
        } else if (e instanceof TlsTimeoutException) {
            return DtlsFailure.TIMED_OUT;
        }
        return e instanceof TlsFatalAlertReceived ? DtlsFailure.PEER_ALERT : DtlsFailure.PROTOCOL_ERROR;
    }

    /** Reads the records that have come since the handshake, on the endpoint's reading thread. */
    void readRecords() {
        reading.set(false);
        DTLSTransport open = transport;
        if (open == null) {
            return;
        }
        try {
            byte[] discarded = new byte[DatagramPipe.MAX_RECEIVED_BYTES];
            while (!closing && !pipe.isClosed()) {
                open.receive(discarded, 0, discarded.length, 1);
            }
            open.close();
            pipe.flush();
            end(agreement.failure());
        } catch (InterruptedIOException e) {
            pipe.flush();
            if (pipe.isClosed()) {
                end(agreement.failure());
            }
        } catch (IOException | RuntimeException e) {
            pipe.flush();
            end(reasonOf(e));
        }
    }

    private void end(@Nullable DtlsFailure reason) {
        transport = null;
        finish(closing ? DtlsFailure.CLOSED : reason == null ? DtlsFailure.PROTOCOL_ERROR : reason);
    }

    /** Any thread; the owner hears of the first only. */
    void finish(DtlsFailure reason) {
        tell(() -> conclude(reason));
    }

    private void tell(Runnable news) {
        try {
            owner.execute(news);
        } catch (RejectedExecutionException e) {
            // The owner's loop has ended, and with it everybody who would want to know.
            closing = true;
        }
    }

    private void forward(ByteBuf datagram) {
        listener.offerDatagram(datagram);
    }

    private void announce(DtlsKeys keys) {
        if (!over && !closing) {
            listener.onConnected(keys);
        }
    }

    private void conclude(DtlsFailure reason) {
        if (!over) {
            over = true;
            listener.onClosed(reason);
        }
    }
}
