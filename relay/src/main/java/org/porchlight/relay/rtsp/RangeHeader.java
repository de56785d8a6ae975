package org.porchlight.relay.rtsp;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code Range} (RFC 2326 section 12.29), as far as live media need it.
 *
 * @param unit {@code npt}, {@code clock} or {@code smpte} and its variants, lower case
 * @param start as written, {@code now} for the live edge; empty: not told
 * @param end as written; empty: open
 */
public record RangeHeader(String unit, String start, String end) {
    /** From now on: all that live media can offer. */
    public static final RangeHeader LIVE = new RangeHeader("npt", "now", "");

    /** Reads a value; null if it is no range. */
    public static @Nullable RangeHeader parse(String value) {
        int semicolon = value.indexOf(';');
        String range = (semicolon < 0 ? value : value.substring(0, semicolon)).trim();
        int equals = range.indexOf('=');
        if (equals <= 0) {
            return null;
        }
        String unit = range.substring(0, equals).trim().toLowerCase(Locale.ROOT);
        String spec = range.substring(equals + 1).trim();
        int dash = spec.indexOf('-');
        if (dash < 0 || !(unit.equals("npt") || unit.equals("clock") || unit.startsWith("smpte"))) {
            return null;
        }
        String start = spec.substring(0, dash).trim();
        String end = spec.substring(dash + 1).trim();
        return isTime(start) && isTime(end) ? new RangeHeader(unit, start, end) : null;
    }

    private static boolean isTime(String text) {
        return text.equalsIgnoreCase("now")
                || text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.' || c == ':' || c == 'T' || c == 'Z');
    }

    /** As sent on the wire. */
    public String render() {
        return unit + "=" + start + "-" + end;
    }
}
