package org.porchlight.relay.sdp;

/** Writes session descriptions as RFC 8866 section 9 (its grammar) asks: CRLF line ends, order of lines, all required lines. */
public final class SdpWriter {
    private SdpWriter() {}

    /**
     * Writes a description. An empty origin or timing, which the RFC requires, gets a harmless value.
     *
     * @throws IllegalArgumentException when a value holds CR, LF or NUL, or an m-line has no format: a description made by us is wrong
     */
    public static String write(SessionDescription description) {
        StringBuilder out = new StringBuilder(512);
        line(out, 'v', "0");
        line(out, 'o', description.origin().isEmpty() ? "- 0 0 IN IP4 0.0.0.0" : description.origin());
        line(out, 's', description.name().isEmpty() ? "-" : description.name());
        optionalLine(out, 'c', description.connection());
        line(out, 't', description.timing().isEmpty() ? "0 0" : description.timing());
        description.attributes().forEach(attribute -> attribute(out, attribute));
        description.media().forEach(media -> media(out, media));
        return out.toString();
    }

    private static void media(StringBuilder out, MediaDescription media) {
        if (media.formats().isEmpty()) {
            throw new IllegalArgumentException("m-line " + media.media() + " has no format");
        }
        line(
                out,
                'm',
                token(media.media()) + " " + media.port() + " " + token(media.protocol()) + " "
                        + String.join(" ", media.formats()));
        optionalLine(out, 'c', media.connection());
        if (media.bandwidthKbps() > 0) {
            line(out, 'b', "AS:" + media.bandwidthKbps());
        }
        media.attributes().forEach(attribute -> attribute(out, attribute));
    }

    private static void attribute(StringBuilder out, Attribute attribute) {
        String name = token(attribute.name());
        line(out, 'a', attribute.value().isEmpty() ? name : name + ":" + attribute.value());
    }

    private static void optionalLine(StringBuilder out, char type, String value) {
        if (!value.isEmpty()) {
            line(out, type, value);
        }
    }

    private static String token(String text) {
        if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c == ':' || c == 0x7f)) {
            throw new IllegalArgumentException("'" + text + "' is not a token");
        }
        return text;
    }

    private static void line(StringBuilder out, char type, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                throw new IllegalArgumentException("line " + type + "= holds a control character at " + i);
            }
        }
        out.append(type).append('=').append(value).append("\r\n");
    }
}
