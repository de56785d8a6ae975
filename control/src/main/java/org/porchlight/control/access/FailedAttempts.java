package org.porchlight.control.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts failed log-ins per remote network and says when it is enough: {@value #MAX} within {@link #WINDOW} of the first. An IPv6 client
 * counts by its /64, which one host owns whole. Remembers at most {@value #MAX_ADDRESSES} networks. Any thread.
 */
final class FailedAttempts {
    /** Failures after which no more attempts are looked at. */
    static final int MAX = 20;
    /** How long after the first failure they are forgotten. */
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final int MAX_ADDRESSES = 50_000;

    private final Cache<String, AtomicInteger> failures;

    FailedAttempts(Ticker ticker) {
        failures = Caffeine.newBuilder()
                .maximumSize(MAX_ADDRESSES)
                .expireAfterWrite(WINDOW)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    void onFailure(InetAddress remote) {
        failures.get(networkOf(remote), network -> new AtomicInteger()).incrementAndGet();
    }

    boolean isExhausted(InetAddress remote) {
        AtomicInteger count = failures.getIfPresent(networkOf(remote));
        return count != null && count.get() >= MAX;
    }

    private static String networkOf(InetAddress remote) {
        byte[] address = remote.getAddress();
        return Arrays.toString(address.length == 16 ? Arrays.copyOf(address, 8) : address);
    }
}
