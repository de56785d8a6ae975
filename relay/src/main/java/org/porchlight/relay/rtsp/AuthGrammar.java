package org.porchlight.relay.rtsp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The grammar of challenges and credentials (RFC 7235 section 2.1):
 *
 * <pre>
 *   element *( "," element )          element = scheme [ SP ( token68 / name "=" ( token / quoted ) *( "," ... ) ) ]
 * </pre>
 *
 * Lenient as cameras and players need it: commas may be missing or doubled, quotes missing or never closed.
 */
final class AuthGrammar {
    private static final int MAX_ELEMENTS = 8;
    private static final int MAX_PARAMETERS = 32;

    private final String text;
    private int at;

    private AuthGrammar(String text) {
        this.text = text;
    }

    /** All elements of one header value in order; never fails. */
    static List<AuthElement> parse(String value) {
        AuthGrammar grammar = new AuthGrammar(value);
        List<AuthElement> elements = new ArrayList<>(2);
        grammar.skipSeparators();
        while (grammar.at < value.length() && elements.size() < MAX_ELEMENTS) {
            String scheme = grammar.word();
            if (scheme.isEmpty()) {
                grammar.at++;
            } else {
                elements.add(grammar.element(scheme));
            }
            grammar.skipSeparators();
        }
        return elements;
    }

    private AuthElement element(String scheme) {
        Map<String, String> parameters = new HashMap<>();
        String token = "";
        boolean first = true;
        while (at < text.length()) {
            int start = at;
            boolean comma = skipSeparators();
            int wordAt = at;
            String word = word();
            int afterWord = at;
            skipBlanks();
            if (!word.isEmpty() && isAssignment(first && !comma)) {
                at++;
                skipBlanks();
                String value = value();
                if (parameters.size() < MAX_PARAMETERS) {
                    parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value);
                }
            } else if (first && !comma && !word.isEmpty()) {
                at = wordAt;
                token = token68();
            } else if (word.isEmpty() && at < text.length()) {
                at = Math.max(afterWord, wordAt) + 1;
            } else {
                at = start;
                break;
            }
            first = false;
        }
        return new AuthElement(scheme, token, parameters);
    }

    /** An equals sign; where a token68 may stand, one that does not end it: behind it stands a value. */
    private boolean isAssignment(boolean mayBeToken) {
        if (at >= text.length() || text.charAt(at) != '=') {
            return false;
        }
        if (!mayBeToken) {
            return true;
        }
        int next = at + 1;
        while (next < text.length() && text.charAt(next) == '=') {
            next++;
        }
        return next == at + 1 && next < text.length() && text.charAt(next) != ',';
    }

    private String word() {
        int start = at;
        while (at < text.length() && !isDelimiter(text.charAt(at)) && text.charAt(at) != '=') {
            at++;
        }
        return text.substring(start, at);
    }

    private String token68() {
        int start = at;
        while (at < text.length() && !isDelimiter(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private String value() {
        if (at < text.length() && text.charAt(at) == '"') {
            return quoted();
        }
        int start = at;
        while (at < text.length() && !isDelimiter(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at++));
        }
        at = Math.min(text.length(), at + 1);
        return value.toString();
    }

    /** Whether there was a comma among them. */
    private boolean skipSeparators() {
        boolean comma = false;
        while (at < text.length() && (isBlank(text.charAt(at)) || text.charAt(at) == ',')) {
            comma |= text.charAt(at) == ',';
            at++;
        }
        return comma;
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isDelimiter(char c) {
        return isBlank(c) || c == ',' || c == '"';
    }
}
