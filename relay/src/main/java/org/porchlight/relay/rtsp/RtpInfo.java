package org.porchlight.relay.rtsp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * {@code RTP-Info} (RFC 2326 section 12.33): what the first packet of each track after PLAY looks like.
 *
 * @param entries one per track
 */
public record RtpInfo(List<Entry> entries) {
    private static final int MAX_ENTRIES = 32;

    public RtpInfo {
        entries = List.copyOf(entries);
    }

    /**
     * One track.
     *
     * @param url control URL as written; may be relative
     * @param sequenceNumber 0 to 65,535, or -1: not told
     * @param rtpTimestamp 0 to 2^32-1, or -1: not told
     */
    public record Entry(String url, int sequenceNumber, long rtpTimestamp) {
        private String render() {
            StringBuilder out = new StringBuilder("url=").append(url);
            if (sequenceNumber >= 0) {
                out.append(";seq=").append(sequenceNumber);
            }
            if (rtpTimestamp >= 0) {
                out.append(";rtptime=").append(rtpTimestamp);
            }
            return out.toString();
        }
    }

    /** Reads a value, never fails; URLs may hold commas and semicolons. Numbers out of range count as not told. */
    public static RtpInfo parse(String value) {
        List<Entry> entries = new ArrayList<>(2);
        String lower = value.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("url=");
        while (at >= 0 && entries.size() < MAX_ENTRIES) {
            int next = nextEntry(lower, at + 4);
            entries.add(entry(value.substring(at + 4, next < 0 ? value.length() : next)));
            at = next;
        }
        return new RtpInfo(entries);
    }

    /** Where the next {@code url=} stands that follows a comma. */
    private static int nextEntry(String lower, int from) {
        int at = lower.indexOf("url=", from);
        while (at >= 0) {
            int before = at - 1;
            while (before >= from && lower.charAt(before) == ' ') {
                before--;
            }
            if (before >= from && lower.charAt(before) == ',') {
                return at;
            }
            at = lower.indexOf("url=", at + 4);
        }
        return -1;
    }

    private static Entry entry(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int sequenceAt = lower.lastIndexOf(";seq=");
        int timeAt = lower.lastIndexOf(";rtptime=");
        int urlEnd = text.length();
        urlEnd = sequenceAt < 0 ? urlEnd : Math.min(urlEnd, sequenceAt);
        urlEnd = timeAt < 0 ? urlEnd : Math.min(urlEnd, timeAt);
        long sequence = sequenceAt < 0
                ? -1
                : Digits.parseLeading(text.substring(sequenceAt + 5).trim());
        long time = timeAt < 0 ? -1 : leadingLong(text.substring(timeAt + 9).trim());
        String url = text.substring(0, urlEnd).trim();
        if (url.endsWith(",")) {
            url = url.substring(0, url.length() - 1).trim();
        }
        return new Entry(url, sequence > 0xffff ? -1 : (int) sequence, time > 0xffff_ffffL ? -1 : time);
    }

    private static long leadingLong(String text) {
        int end = 0;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        return Digits.parseLong(text.substring(0, end));
    }

    /** As sent on the wire. */
    public String render() {
        return entries.stream().map(Entry::render).collect(Collectors.joining(","));
    }
}
