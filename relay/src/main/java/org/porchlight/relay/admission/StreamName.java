package org.porchlight.relay.admission;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which stream of which camera, as URLs name it: {@code camera} or {@code camera/sub}.
 *
 * @param camera 1 to 128 letters, digits, {@code . _ -}, with single slashes between parts that are not just dots
 */
public record StreamName(String camera, Rendition rendition) {
    private static final int MAX_NAME = 128;
    private static final String SUB = "sub";
    private static final String ALLOWED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    /**
     * The stream that the parts of a path name; null if they cannot.
     *
     * @param parts what lies between the slashes, with percent escapes, none of them empty
     */
    public static @Nullable StreamName parse(List<String> parts) {
        List<String> names = new ArrayList<>(parts.size());
        for (String part : parts) {
            String name = percentDecoded(part);
            if (name == null || !isName(name)) {
                return null;
            }
            names.add(name);
        }
        boolean sub = names.size() > 1 && names.get(names.size() - 1).equals(SUB);
        if (sub) {
            names.remove(names.size() - 1);
        }
        String camera = String.join("/", names);
        return camera.isEmpty() || camera.length() > MAX_NAME
                ? null
                : new StreamName(camera, sub ? Rendition.SUB : Rendition.MAIN);
    }

    private static boolean isName(String part) {
        for (int i = 0; i < part.length(); i++) {
            if (ALLOWED.indexOf(part.charAt(i)) < 0) {
                return false;
            }
        }
        return !part.equals(".") && !part.equals("..");
    }

    /** RFC 3986 section 2.1; null for a broken escape. */
    private static @Nullable String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            int value = bytes[i];
            if (value == '%') {
                int high = i + 1 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
                int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                value = high << 4 | low;
                i += 2;
            }
            decoded[length++] = (byte) value;
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }
}
