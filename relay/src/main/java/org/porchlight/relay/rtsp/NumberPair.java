package org.porchlight.relay.rtsp;

import org.jspecify.annotations.Nullable;

/**
 * A pair like {@code 4588-4589}: ports or interleaved channels for RTP and RTCP.
 *
 * @param first 0 or more
 * @param second 0 or more; the next after {@code first} where only one was told
 */
public record NumberPair(int first, int second) {

    public NumberPair {
        if (first < 0 || second < 0) {
            throw new IllegalArgumentException("a negative number in " + first + "-" + second);
        }
    }

    /** Reads {@code a-b} or {@code a}; null if it is neither or a number is above {@code max}. */
    static @Nullable NumberPair parse(String text, int max) {
        int dash = text.indexOf('-');
        int first = Digits.parseInt((dash < 0 ? text : text.substring(0, dash)).trim());
        int second =
                dash < 0 ? first + 1 : Digits.parseInt(text.substring(dash + 1).trim());
        if (first >= 0 && dash >= 0 && second < 0) {
            second = first + 1;
        }
        return first < 0 || first > max || second > max + (dash < 0 ? 1 : 0) ? null : new NumberPair(first, second);
    }

    /** As sent on the wire. */
    public String render() {
        return first + "-" + second;
    }
}
