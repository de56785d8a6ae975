package org.porchlight.relay.webrtc.dtls;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Where DTLS handshakes are run, and whose certificate they show. All methods may be called on any thread; closed by whoever made it, after
 * the sessions.
 *
 * <p>A handshake is two round trips of waiting and a few milliseconds of calculating. As the library blocks through both, threads are many
 * and permits to calculate few: a peer that has vanished holds a thread until its time is over, yet no processor, and viewers that come all
 * at once are served in their order, by no more processors than {@link DtlsSettings#maxCalculating}. Threads end when they have had nothing to
 * do for a while. One more thread reads the few records that come after a handshake.
 */
public final class DtlsEndpoint implements AutoCloseable {
    private static final Duration IDLE_THREAD = Duration.ofSeconds(10);
    private static final int MAX_READS_WAITING = 1024;
    /** A certificate outlives the time it is given out by this much, so that no session ends with it. */
    private static final Duration CERTIFICATE_TAIL = Duration.ofDays(30);

    private final DtlsSettings settings;
    private final SecureRandom random;
    private final InstantSource clock;
    private final BcTlsCrypto crypto;
    private final Semaphore calculating;
    private final ThreadPoolExecutor handshakes;
    private final ThreadPoolExecutor reads;
    private final AtomicBoolean renewing = new AtomicBoolean();
    private volatile CurrentIdentity current;

    private record CurrentIdentity(DtlsIdentity identity, Instant until) {}

    /** One handshake in the queue of the pool; equal to another of the same connection so that it can be taken out. */
    private record Turn(DtlsEndpoint endpoint, DtlsConnection connection) implements Runnable {
        @Override
        public void run() {
            endpoint.calculate(() -> connection.shakeHands(System.nanoTime()));
        }
    }

    /**
     * An endpoint with its first certificate; makes a key, so call it at start.
     *
     * @param clock for the validity of certificates
     */
    public DtlsEndpoint(DtlsSettings settings, SecureRandom random, InstantSource clock) {
        this.settings = settings;
        this.random = random;
        this.clock = clock;
        this.crypto = new BcTlsCrypto(random);
        this.calculating = new Semaphore(settings.maxCalculating(), true);
        this.handshakes = pool("dtls", settings.maxConcurrent(), new LinkedBlockingQueue<>(settings.maxWaiting()));
        this.reads = pool("dtls-records", 1, new ArrayBlockingQueue<>(MAX_READS_WAITING));
        this.current = newIdentity();
    }

    private static ThreadPoolExecutor pool(String name, int threads, BlockingQueue<Runnable> queue) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_THREAD.toMillis(), TimeUnit.MILLISECONDS, queue, named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The certificate for a new session, whose description and connection must use the same. Never blocks. */
    public DtlsIdentity identity() {
        CurrentIdentity now = current;
        if (!clock.instant().isBefore(now.until) && renewing.compareAndSet(false, true)) {
            renewSoon();
        }
        return now.identity;
    }

    private void renewSoon() {
        try {
            reads.execute(() -> {
                current = newIdentity();
                renewing.set(false);
            });
        } catch (RejectedExecutionException e) {
            renewing.set(false);
        }
    }

    private CurrentIdentity newIdentity() {
        Instant now = clock.instant();
        Duration lifetime = settings.identityLifetime();
        return new CurrentIdentity(
                DtlsIdentity.generate(random, now, lifetime.plus(CERTIFICATE_TAIL)), now.plus(lifetime));
    }

    /**
     * Begins a connection. Call it when the peer's address has passed a connectivity check and, as a server, when its first datagram is here:
     * a connection that is open holds a thread until its handshake is over.
     *
     * @param owner where {@code listener} is called, one call after the other; an event loop
     * @param listener also told when there is no room for one more, {@link DtlsFailure#OVERLOADED}
     */
    public DtlsConnection open(DtlsSetup setup, Executor owner, DtlsListener listener) {
        long deadlineNanos = System.nanoTime() + settings.timeout().toNanos();
        DtlsConnection connection = new DtlsConnection(this, setup, owner, listener, deadlineNanos);
        try {
            handshakes.execute(new Turn(this, connection));
        } catch (RejectedExecutionException e) {
            connection.finish(DtlsFailure.OVERLOADED);
        }
        return connection;
    }

    /** Whether a handshake that waited for its turn was taken out before that came. */
    boolean withdraw(DtlsConnection connection) {
        return handshakes.remove(new Turn(this, connection));
    }

    /** Lets a connection read its records; false: too many wait, what has come stays where it is. */
    boolean read(DtlsConnection connection) {
        try {
            reads.execute(() -> calculate(connection::readRecords));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void calculate(Runnable work) {
        calculating.acquireUninterruptibly();
        try {
            work.run();
        } finally {
            calculating.release();
        }
    }

    /** Handshakes that wait for a thread; for a gauge. */
    public int waiting() {
        return handshakes.getQueue().size();
    }

    /** Handshakes under way; for a gauge. */
    public int underWay() {
        return handshakes.getActiveCount();
    }

    DtlsSettings settings() {
        return settings;
    }

    BcTlsCrypto crypto() {
        return crypto;
    }

    Semaphore calculating() {
        return calculating;
    }

    /** Ends the threads; handshakes under way fail, waiting ones are forgotten. */
    @Override
    public void close() {
        handshakes.shutdownNow();
        reads.shutdownNow();
    }
}
