package org.porchlight.relay.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A text that must not be seen: no log line, message or dump shows it unless it asks by {@link #reveal}. */
public final class Secret {
    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /** A secret with this text. */
    public static Secret of(String text) {
        return new Secret(text);
    }

    /** The text, for the one place that needs it. */
    public String reveal() {
        return text;
    }

    /** Compares in a time that does not tell how much is equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that
                && MessageDigest.isEqual(
                        text.getBytes(StandardCharsets.UTF_8), that.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
