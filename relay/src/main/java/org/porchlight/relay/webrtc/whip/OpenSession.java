package org.porchlight.relay.webrtc.whip;

import java.security.MessageDigest;
import org.porchlight.relay.admission.StreamName;

/** One open session as requests find it. Thread-safe. */
final class OpenSession {
    private final boolean publishes;
    private final StreamName stream;
    private final String person;
    private final byte[] credentials;
    private final MediaSession media;
    private volatile String entityTag;

    /**
     * @param person whom admission knew the maker of the session as
     * @param credentials hash of what the maker showed
     * @param entityTag of the first ICE session, with its quotes
     */
    OpenSession(
            boolean publishes,
            StreamName stream,
            String person,
            byte[] credentials,
            MediaSession media,
            String entityTag) {
        this.publishes = publishes;
        this.stream = stream;
        this.person = person;
        this.credentials = credentials;
        this.media = media;
        this.entityTag = entityTag;
    }

    boolean publishes() {
        return publishes;
    }

    StreamName stream() {
        return stream;
    }

    String person() {
        return person;
    }

    MediaSession media() {
        return media;
    }

    /** Whether this hash is that of the credentials by which the session was made; in constant time. */
    boolean wasMadeBy(byte[] shown) {
        return MessageDigest.isEqual(credentials, shown);
    }

    /** Of the ICE session that is on (RFC 9725 section 4.3.1), with its quotes. */
    String entityTag() {
        return entityTag;
    }

    /** ICE has begun anew. */
    void restarted(String newTag) {
        entityTag = newTag;
    }

    /** Whether {@code If-Match} names the ICE session that is on (RFC 9110 section 13.1.1, strong comparison). */
    boolean isMatched(String ifMatch) {
        if (ifMatch.equals("*")) {
            return true;
        }
        String current = entityTag;
        for (String tag : ifMatch.split(",", 16)) {
            if (tag.strip().equals(current)) {
                return true;
            }
        }
        return false;
    }
}
