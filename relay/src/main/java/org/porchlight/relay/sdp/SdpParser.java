package org.porchlight.relay.sdp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads session descriptions as cameras send them. Nothing is fatal: what cannot be understood is left out and told as an
 * {@link SdpFlaw}; whether the rest suffices the caller must judge (no m-line: nothing to play). Work and memory are linear in the
 * input, which is cut at {@link #MAX_BYTES}.
 */
public final class SdpParser {
    /** Input beyond this many bytes is left out. */
    public static final int MAX_BYTES = 256 * 1024;
    /** Longest line taken, in characters; parameter sets of H.265 with many layers stay below. */
    public static final int MAX_LINE = 32 * 1024;
    /** m-lines taken. */
    public static final int MAX_MEDIA = 32;
    /** Attributes taken in each section. */
    public static final int MAX_ATTRIBUTES = 256;
    /** Formats taken from one m-line. */
    public static final int MAX_FORMATS = 64;

    private static final int MAX_BANDWIDTH_KBPS = 100_000_000;

    private final Set<SdpFlaw> flaws = EnumSet.noneOf(SdpFlaw.class);
    private final Section session = new Section();
    private final List<MediaDescription> media = new ArrayList<>();
    private String version = "";
    private String origin = "";
    private String name = "";
    private String timing = "";
    private boolean nameSeen;
    private boolean mediaDropped;
    private Section current = session;

    private SdpParser() {}

    /**
     * What was read.
     *
     * @param description never null, possibly without any m-line
     * @param flaws what was forgiven
     */
    public record Result(SessionDescription description, Set<SdpFlaw> flaws) {
        public Result {
            flaws = Set.copyOf(flaws);
        }
    }

    /** Reads bytes as UTF-8; what is not UTF-8 becomes U+FFFD. */
    public static Result parse(byte[] bytes) {
        int length = Math.min(bytes.length, MAX_BYTES);
        SdpParser parser = new SdpParser();
        if (length < bytes.length) {
            parser.flaws.add(SdpFlaw.TOO_LARGE);
        }
        return parser.read(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    /** Reads text. */
    public static Result parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The section that lines go to: the session's or an m-line's. */
    private static final class Section {
        String mediaType = "";
        int port;
        String protocol = "";
        List<String> formats = List.of();
        String connection = "";
        int bandwidthKbps;
        final List<Attribute> attributes = new ArrayList<>();
    }

    private Result read(String text) {
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && text.charAt(end) != '\r' && text.charAt(end) != '\n') {
                end++;
            }
            line(text.substring(start, Math.min(end, start + MAX_LINE + 1)));
            start = afterLineEnd(text, end);
        }
        closeSection();
        if (version.isEmpty() || origin.isEmpty() || !nameSeen || timing.isEmpty()) {
            flaws.add(SdpFlaw.MISSING_HEADER);
        }
        return new Result(
                new SessionDescription(origin, name, session.connection, timing, session.attributes, media), flaws);
    }

    private int afterLineEnd(String text, int end) {
        if (end >= text.length()) {
            return end;
        }
        if (text.charAt(end) == '\r') {
            if (end + 1 < text.length() && text.charAt(end + 1) == '\n') {
                return end + 2;
            }
            flaws.add(SdpFlaw.LINE_ENDS);
        }
        return end + 1;
    }

    private void line(String raw) {
        String line = clean(raw);
        if (line.isEmpty()) {
            return;
        }
        if (line.length() > MAX_LINE) {
            flaws.add(SdpFlaw.TOO_LARGE);
            return;
        }
        int equals = line.indexOf('=');
        String type = equals < 0 ? "" : line.substring(0, equals).strip();
        if (type.length() != 1) {
            flaws.add(SdpFlaw.MALFORMED_LINE);
            return;
        }
        String value = line.substring(equals + 1).strip();
        switch (type.toLowerCase(Locale.ROOT)) {
            case "v" -> version = value.isEmpty() ? version : value;
            case "o" -> origin = value;
            case "s" -> {
                name = value;
                nameSeen = true;
            }
            case "t" -> timing = timing.isEmpty() ? value : timing;
            case "c" -> current.connection = value;
            case "b" -> bandwidth(value);
            case "a" -> attribute(value);
            case "m" -> media(value);
            default -> {} // i, u, e, p, r, z, k and what is unknown: of no use to a relay
        }
    }

    /** The line without blanks around it and without control characters. */
    private String clean(String raw) {
        String stripped = raw.strip();
        if (stripped.length() != raw.length() && (stripped.isEmpty() || raw.charAt(0) != stripped.charAt(0))) {
            flaws.add(SdpFlaw.STRAY_CHARACTERS);
        }
        StringBuilder kept = null;
        for (int i = 0; i < stripped.length(); i++) {
            char c = stripped.charAt(i);
            boolean stray = (c < ' ' && c != '\t') || c == 0x7f;
            if (stray && kept == null) {
                kept = new StringBuilder(stripped.length()).append(stripped, 0, i);
            } else if (!stray && kept != null) {
                kept.append(c);
            }
        }
        if (kept == null) {
            return stripped;
        }
        flaws.add(SdpFlaw.STRAY_CHARACTERS);
        return kept.toString().strip();
    }

    private void bandwidth(String value) {
        if (value.regionMatches(true, 0, "AS:", 0, 3)) {
            current.bandwidthKbps =
                    Math.max(0, SdpNumbers.parse(value.substring(3).strip(), MAX_BANDWIDTH_KBPS));
        }
    }

    private void attribute(String value) {
        if (current.attributes.size() >= MAX_ATTRIBUTES) {
            flaws.add(SdpFlaw.TOO_LARGE);
            return;
        }
        int colon = value.indexOf(':');
        String attributeName = (colon < 0 ? value : value.substring(0, colon)).strip();
        if (attributeName.isEmpty()) {
            flaws.add(SdpFlaw.MALFORMED_LINE);
            return;
        }
        Attribute attribute = new Attribute(
                attributeName, colon < 0 ? "" : value.substring(colon + 1).strip());
        if (attribute.isNamed("rtpmap") && RtpMap.parse(attribute.value()).isEmpty()) {
            flaws.add(SdpFlaw.BAD_PAYLOAD_TYPE);
        }
        current.attributes.add(attribute);
    }

    private void media(String value) {
        closeSection();
        current = new Section();
        mediaDropped = media.size() >= MAX_MEDIA;
        if (mediaDropped) {
            flaws.add(SdpFlaw.TOO_LARGE);
            return;
        }
        String[] words = value.split("\\s+", MAX_FORMATS + 4);
        current.mediaType = words[0].toLowerCase(Locale.ROOT);
        int next = 1;
        if (next < words.length) {
            String portText = words[next];
            int slash = portText.indexOf('/');
            // "0/2" counts ports; "RTP/AVP" in this place means that the port was left out
            int port = SdpNumbers.parse(slash < 0 ? portText : portText.substring(0, slash), 65_535);
            current.port = Math.max(0, port);
            next += port < 0 && slash > 0 ? 0 : 1;
        }
        current.protocol = next < words.length ? words[next] : "RTP/AVP";
        int firstFormat = Math.min(words.length, next + 1);
        int lastFormat = Math.min(words.length, firstFormat + MAX_FORMATS);
        current.formats = List.of(words).subList(firstFormat, lastFormat);
        if (lastFormat < words.length) {
            flaws.add(SdpFlaw.TOO_LARGE);
        }
        if (next != 2 || current.formats.isEmpty() || current.mediaType.isEmpty()) {
            flaws.add(SdpFlaw.SHORT_MEDIA_LINE);
        }
        boolean rtp = current.protocol.regionMatches(true, 0, "RTP/", 0, 4);
        if (rtp && current.formats.stream().anyMatch(format -> SdpNumbers.parse(format, 127) < 0)) {
            flaws.add(SdpFlaw.BAD_PAYLOAD_TYPE);
        }
    }

    private void closeSection() {
        if (current != session && !mediaDropped) {
            media.add(new MediaDescription(
                    current.mediaType,
                    current.port,
                    current.protocol,
                    current.formats,
                    current.connection,
                    current.bandwidthKbps,
                    current.attributes));
        }
    }
}
