package org.porchlight.relay.webrtc.negotiation;

/** Decimal numbers of a peer's description, without exceptions. */
final class Numbers {
    private Numbers() {}

    /**
     * Reads a number of ASCII digits.
     *
     * @param max largest value that makes sense
     * @return -1 when the text is empty, holds anything but digits, or exceeds {@code max}
     */
    static long parseLong(String text, long max) {
        if (text.isEmpty() || text.length() > 10) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value > max ? -1 : value;
    }

    /** The same for an int. */
    static int parse(String text, int max) {
        return (int) parseLong(text, max);
    }
}
