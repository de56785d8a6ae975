package org.porchlight.relay.webrtc.whip;

import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The open sessions by their names, which nobody guesses. Holds no more than its limit, those that are being made included. Thread-safe. */
final class OpenSessions {
    private static final int NAME_BYTES = 16;
    private static final int TAG_BYTES = 9;

    private final int limit;
    private final RandomGenerator random;
    private final Map<String, OpenSession> byId = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();

    /** @param random dice that cannot be guessed; thread-safe */
    OpenSessions(int limit, RandomGenerator random) {
        this.limit = limit;
        this.random = random;
    }

    /** Takes a place for a session that is to be made; false: there is none. */
    boolean reserve() {
        if (places.incrementAndGet() > limit) {
            places.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Gives a place back that no session has come to. */
    void release() {
        places.decrementAndGet();
    }

    /** Enters a session into its reserved place until it ends; its name. */
    String enter(OpenSession session) {
        String id = token(NAME_BYTES);
        byId.put(id, session);
        session.media().ended().whenComplete((done, failure) -> remove(id));
        return id;
    }

    /** Forgets a session that ends; may be repeated. */
    void remove(String id) {
        if (byId.remove(id) != null) {
            release();
        }
    }

    @Nullable
    OpenSession find(String id) {
        return byId.get(id);
    }

    int count() {
        return byId.size();
    }

    /** A new entity tag, with its quotes. */
    String newTag() {
        return '"' + token(TAG_BYTES) + '"';
    }

    private String token(int bytes) {
        byte[] dice = new byte[bytes];
        random.nextBytes(dice);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(dice);
    }
}
