package org.porchlight.bench.report;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** Writes figures as JSON (RFC 8259), in the order in which they come. Values are maps, collections, text, numbers, booleans and null. */
public final class Json {

    private Json() {}

    /** Indented by two blanks, with a line end. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0);
        return out.append('\n').toString();
    }

    private static void append(StringBuilder out, @org.jspecify.annotations.Nullable Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            String separator = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                line(out, depth + 1);
                text(out, String.valueOf(entry.getKey()));
                out.append(": ");
                append(out, entry.getValue(), depth + 1);
                separator = ",";
            }
            if (!map.isEmpty()) {
                line(out, depth);
            }
            out.append('}');
        } else if (value instanceof Collection<?> items) {
            out.append('[');
            String separator = "";
            for (Object item : items) {
                out.append(separator);
                line(out, depth + 1);
                append(out, item, depth + 1);
                separator = ",";
            }
            if (!items.isEmpty()) {
                line(out, depth);
            }
            out.append(']');
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            out.append(Double.isFinite(number) ? plain(number) : "null");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            text(out, value.toString());
        }
    }

    /** Without exponent, and with no more digits than a measurement has. */
    private static String plain(double number) {
        String text = String.format(Locale.ROOT, "%.6f", number);
        int end = text.length();
        while (text.charAt(end - 1) == '0' && text.charAt(end - 2) != '.') {
            end--;
        }
        return text.substring(0, end);
    }

    private static void line(StringBuilder out, int depth) {
        out.append('\n').append("  ".repeat(depth));
    }

    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
