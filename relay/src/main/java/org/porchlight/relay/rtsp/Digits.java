package org.porchlight.relay.rtsp;

/** Numbers in header fields: decimal digits only, no sign, no overflow. */
final class Digits {
    private Digits() {}

    /** A value of 0 to 2^31-1, or -1 for anything else. */
    static int parseInt(String text) {
        long value = parseLong(text);
        return value > Integer.MAX_VALUE ? -1 : (int) value;
    }

    /** A value of 0 to 10^18-1, or -1 for anything else. */
    static long parseLong(String text) {
        int length = text.length();
        if (length == 0 || length > 18) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** The digits that a text begins with as 0 to 2^31-1; -1 if there are none or too many. */
    static int parseLeading(String text) {
        int end = 0;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return parseInt(text.substring(0, end));
    }
}
