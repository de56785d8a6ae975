package org.porchlight.control.access;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks passwords on a pool and remembers the verdict for {@link #MEMORY}, so that a wall of viewers with one password costs one check. What is
 * remembered is found by a keyed hash of policy, name and password: the password itself is not kept. Any thread; never blocks.
 */
final class PasswordChecks {
    /** How long a verdict is remembered. */
    static final Duration MEMORY = Duration.ofSeconds(60);

    private static final int MAX_REMEMBERED = 10_000;

    private final AsyncCache<String, Boolean> verdicts;
    private final Executor pool;
    private final SecretKeySpec key;

    /**
     * @param pool runs the checks; bounded, and refuses by exception when it is full
     * @param key unpredictable, for this process only
     */
    PasswordChecks(Executor pool, byte[] key, Ticker ticker) {
        this.pool = pool;
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.verdicts = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterWrite(MEMORY)
                .ticker(ticker)
                .executor(Runnable::run)
                .buildAsync();
    }

    /** The verdict if it is remembered. */
    Optional<Boolean> remembered(AccessPolicy policy, String name, String password) {
        CompletableFuture<Boolean> verdict = verdicts.getIfPresent(keyOf(policy, name, password));
        return verdict != null && verdict.isDone() && !verdict.isCompletedExceptionally()
                ? Optional.of(verdict.join())
                : Optional.empty();
    }

    /** Checks; fails when the pool is full. */
    CompletableFuture<Boolean> check(AccessPolicy policy, String name, String password) {
        return verdicts.get(
                keyOf(policy, name, password),
                (hash, executor) -> CompletableFuture.supplyAsync(() -> policy.passwordMatches(name, password), pool));
    }

    private String keyOf(AccessPolicy policy, String name, String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            String text = policy.epoch() + ":" + name.length() + ":" + name + ":" + password;
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
