package org.porchlight.relay.rtsp.netty;

import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds addresses of host names without holding up a loop: the system's resolver (with hosts file, mDNS and its cache) on a few threads of
 * their own, behind a bounded queue. The same threads carry the arithmetic of TLS handshakes. Thread-safe.
 */
public final class HostLookup implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int MAX_WAITING = 4096;

    private final ThreadPoolExecutor threads;

    public HostLookup() {
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                new DefaultThreadFactory("lookup", true));
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Looks a host up.
     *
     * @param loop where {@code found} runs, not before this method has returned
     * @param found gets the address, or null when there is none or too many wait
     */
    public void find(String host, EventExecutor loop, Consumer<@Nullable InetAddress> found) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            InetAddress address = byAddress(literal);
            loop.execute(() -> found.accept(address));
            return;
        }
        try {
            threads.execute(() -> {
                InetAddress address = byName(host);
                loop.execute(() -> found.accept(address));
            });
        } catch (RejectedExecutionException e) {
            loop.execute(() -> found.accept(null));
        }
    }

    /** Where work of more than a few microseconds may go; refuses when too much waits. */
    ThreadPoolExecutor threads() {
        return threads;
    }

    private static @Nullable InetAddress byAddress(byte[] literal) {
        try {
            return InetAddress.getByAddress(literal);
        } catch (UnknownHostException e) {
            return null; // cannot be: four or sixteen bytes
        }
    }

    private static @Nullable InetAddress byName(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
