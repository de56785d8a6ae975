package org.porchlight.relay.rtsp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a message, start line and header fields, whose bytes are complete. Stateless between calls.
 *
 * <p>Tolerances for both sides: LF without CR, folded header lines, a missing reason phrase, any number of blanks. Only for cameras
 * ({@code lenient}): header lines without a colon are passed over.
 */
final class RtspMessageParser {
    private static final int MAX_FIELDS = 256;

    private RtspMessageParser() {}

    /** A head that was read: a message still without its body, or null if it is none. */
    static @Nullable RtspMessage parseHead(ByteBuf buf, int from, int to, boolean lenient) {
        List<String> lines = lines(text(buf, from, to));
        RtspHeaders headers = lines.isEmpty() ? null : headers(lines, lenient);
        if (headers == null) {
            return null;
        }
        String startLine = RtspHeaders.clean(lines.get(0)).trim();
        return startsWithVersion(startLine) ? response(startLine, headers) : request(startLine, headers, lenient);
    }

    /** The sequence number in a head that may be cut or broken; -1 if there is none. */
    static int findCseq(ByteBuf buf, int from, int to) {
        for (String line : lines(text(buf, from, to))) {
            if (line.regionMatches(true, 0, "CSeq:", 0, 5)) {
                return Digits.parseInt(line.substring(5).trim());
            }
        }
        return -1;
    }

    private static boolean startsWithVersion(String startLine) {
        int blank = startLine.indexOf(' ');
        return RtspVersion.isVersion(blank < 0 ? startLine : startLine.substring(0, blank));
    }

    private static @Nullable RtspMessage response(String line, RtspHeaders headers) {
        int blank = line.indexOf(' ');
        if (blank < 0) {
            return null;
        }
        String rest = line.substring(blank + 1).trim();
        int end = rest.indexOf(' ');
        int status = Digits.parseInt(end < 0 ? rest : rest.substring(0, end));
        if (status < 100 || status > 999) {
            return null;
        }
        String reason = end < 0 ? "" : rest.substring(end + 1).trim();
        return new RtspResponse(status, reason, RtspVersion.of(line.substring(0, blank)), headers, RtspMessage.NO_BODY);
    }

    private static @Nullable RtspMessage request(String line, RtspHeaders headers, boolean lenient) {
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first <= 0 || last <= first || !RtspVersion.isVersion(line.substring(last + 1))) {
            return null;
        }
        String uri = line.substring(first + 1, last).trim();
        if (uri.isEmpty() || (!lenient && uri.indexOf(' ') >= 0)) {
            return null;
        }
        return new RtspRequest(
                line.substring(0, first), uri, RtspVersion.of(line.substring(last + 1)), headers, RtspMessage.NO_BODY);
    }

    private static @Nullable RtspHeaders headers(List<String> lines, boolean lenient) {
        RtspHeaders.Builder builder = RtspHeaders.builder();
        int index = 1;
        while (index < lines.size()) {
            String line = lines.get(index++);
            while (index < lines.size() && isFolded(lines.get(index))) {
                line = line + ' ' + lines.get(index++).trim();
            }
            int colon = line.indexOf(':');
            String name =
                    colon < 0 ? "" : RtspHeaders.clean(line.substring(0, colon)).trim();
            if (!name.isEmpty()) {
                builder.add(name, RtspHeaders.clean(line.substring(colon + 1)).trim());
            } else if (!lenient) {
                return null;
            }
            if (index > MAX_FIELDS) {
                return null;
            }
        }
        return builder.build();
    }

    private static boolean isFolded(String line) {
        return line.charAt(0) == ' ' || line.charAt(0) == '\t';
    }

    /** The lines that are not empty, without their ends. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int lf = text.indexOf('\n', start);
            int end = lf < 0 ? text.length() : lf;
            int next = end + 1;
            while (end > start && text.charAt(end - 1) == '\r') {
                end--;
            }
            if (end > start) {
                lines.add(text.substring(start, end));
            }
            start = next;
        }
        return lines;
    }

    /** UTF-8 where it is valid, else ISO 8859-1, so that no byte is lost. */
    private static String text(ByteBuf buf, int from, int to) {
        ByteBuffer bytes = buf.nioBuffer(from, to - from);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            return buf.toString(from, to - from, StandardCharsets.ISO_8859_1);
        }
    }
}
