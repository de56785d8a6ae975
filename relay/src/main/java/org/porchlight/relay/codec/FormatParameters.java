package org.porchlight.relay.codec;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an {@code a=fmtp} line after its payload type: {@code name=value} pairs between semicolons, their order kept. Reading
 * is lenient: names in any case, spaces anywhere, empty pieces, names without value; the first of several equal names wins.
 * Immutable.
 */
public final class FormatParameters {
    /** Longer texts are cut at the last whole parameter before this many characters. */
    public static final int MAX_TEXT_LENGTH = 64 * 1024;
    /** Parameters beyond this number are left out. */
    public static final int MAX_PARAMETERS = 64;

    private record Parameter(String name, @Nullable String value) {}

    private final List<Parameter> parameters;

    private FormatParameters(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    public static FormatParameters parse(String text) {
        List<Parameter> parameters = new ArrayList<>();
        int from = 0;
        while (from < text.length() && parameters.size() < MAX_PARAMETERS) {
            int to = text.indexOf(';', from);
            if (to < 0) {
                to = text.length();
            }
            if (to > MAX_TEXT_LENGTH) {
                break;
            }
            addParameter(parameters, text.substring(from, to));
            from = to + 1;
        }
        return new FormatParameters(parameters);
    }

    private static void addParameter(List<Parameter> parameters, String piece) {
        int equals = piece.indexOf('=');
        String name = (equals < 0 ? piece : piece.substring(0, equals)).strip();
        if (name.isEmpty() || parameters.stream().anyMatch(known -> known.name.equalsIgnoreCase(name))) {
            return;
        }
        parameters.add(new Parameter(
                name, equals < 0 ? null : unquoted(piece.substring(equals + 1).strip())));
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    public boolean isEmpty() {
        return parameters.isEmpty();
    }

    /** The value of a parameter, empty when it has none; null: not there. */
    public @Nullable String value(String name) {
        for (Parameter parameter : parameters) {
            if (parameter.name.equalsIgnoreCase(name)) {
                return parameter.value == null ? "" : parameter.value;
            }
        }
        return null;
    }

    /** A parameter read as a decimal number; the fallback when it is missing or is none. */
    public int number(String name, int fallback) {
        String value = value(name);
        if (value == null || value.isEmpty() || value.length() > 9) {
            return fallback;
        }
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return fallback;
            }
        }
        return Integer.parseInt(value);
    }

    /**
     * A comma-separated list of base64 texts, with or without their final padding, in the standard or the URL alphabet. Pieces that
     * cannot be read, and empty ones, are left out.
     */
    public List<byte[]> base64List(String name) {
        List<byte[]> list = new ArrayList<>();
        String value = value(name);
        int from = 0;
        while (value != null && from < value.length() && list.size() < MAX_PARAMETERS) {
            int comma = value.indexOf(',', from);
            int to = comma < 0 ? value.length() : comma;
            byte[] bytes = decodeBase64(value.substring(from, to));
            if (bytes.length > 0) {
                list.add(bytes);
            }
            from = to + 1;
        }
        return list;
    }

    private static byte[] decodeBase64(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '-') {
                plain.append('+');
            } else if (c == '_') {
                plain.append('/');
            } else if (c != '=' && !Character.isWhitespace(c)) {
                plain.append(c);
            }
        }
        // One character alone holds no whole byte.
        if (plain.length() % 4 == 1) {
            plain.setLength(plain.length() - 1);
        }
        try {
            return Base64.getDecoder().decode(plain.toString());
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** The same with one parameter set: in its old place, or at the end. */
    public FormatParameters with(String name, String value) {
        List<Parameter> changed = new ArrayList<>();
        boolean found = false;
        for (Parameter parameter : parameters) {
            boolean same = parameter.name.equalsIgnoreCase(name);
            changed.add(same ? new Parameter(parameter.name, value) : parameter);
            found |= same;
        }
        if (!found) {
            changed.add(new Parameter(name.toLowerCase(Locale.ROOT), value));
        }
        return new FormatParameters(changed);
    }

    /** The same with a parameter that holds byte strings, as {@link #base64List} reads it. */
    public FormatParameters withBase64List(String name, List<byte[]> list) {
        StringBuilder value = new StringBuilder();
        for (byte[] bytes : list) {
            value.append(value.length() == 0 ? "" : ",")
                    .append(Base64.getEncoder().encodeToString(bytes));
        }
        return with(name, value.toString());
    }

    /** The text as {@code a=fmtp} carries it after the payload type. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Parameter parameter : parameters) {
            text.append(text.length() == 0 ? "" : ";").append(parameter.name);
            if (parameter.value != null) {
                text.append('=').append(parameter.value);
            }
        }
        return text.toString();
    }
}
