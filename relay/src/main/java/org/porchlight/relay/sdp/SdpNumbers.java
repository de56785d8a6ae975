package org.porchlight.relay.sdp;

/** Decimal numbers of a session description, without exceptions. */
final class SdpNumbers {
    private SdpNumbers() {}

    /**
     * Reads a number of ASCII digits.
     *
     * @param max largest value that makes sense, at most {@link Integer#MAX_VALUE}
     * @return -1 when the text is empty, holds anything but digits, or exceeds {@code max}
     */
    static int parse(String text, int max) {
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
        return value > max ? -1 : (int) value;
    }
}
