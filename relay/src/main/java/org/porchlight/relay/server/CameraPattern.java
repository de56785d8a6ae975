package org.porchlight.relay.server;

/**
 * A camera's name, or a pattern of names in which each {@code *} stands for any number of characters, slashes included. Names are made of
 * letters, digits, {@code . _ -} and of slashes between parts; they are the path under which clients ask for the camera.
 *
 * @param text 1 to 128 characters
 */
public record CameraPattern(String text) {
    /** Longest name. */
    public static final int MAX_LENGTH = 128;
    /** Last part of a path that asks for the sub-stream, so no name may end in it. */
    public static final String SUB = "sub";

    private static final String ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

    public CameraPattern {
        String wrong = problemWith(text, true);
        if (!wrong.isEmpty()) {
            throw new InvalidSetting("text", wrong);
        }
    }

    /** Whether this is a name that a client may ask for: no wildcard, no odd characters, not too long. */
    public static boolean isName(String text) {
        return problemWith(text, false).isEmpty();
    }

    /** Whether it stands for one name only. */
    public boolean isExact() {
        return text.indexOf('*') < 0;
    }

    /** Whether the name fits, in time proportional to the product of the lengths at worst. */
    public boolean matches(String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int mark = 0;
        while (n < name.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                star = p++;
                mark = n;
            } else if (p < text.length() && text.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++mark;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }

    @Override
    public String toString() {
        return text;
    }

    private static String problemWith(String text, boolean wildcards) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return "a camera's name has 1 to " + MAX_LENGTH + " characters";
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = ALLOWED.indexOf(c) >= 0;
            if (!plain && !(wildcards && c == '*')) {
                return "a camera's name is made of letters, digits, and . _ - / only";
            }
        }
        String[] parts = text.split("/", -1);
        for (String part : parts) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return "a camera's name has something between its slashes, and not just dots";
            }
        }
        if (parts[parts.length - 1].equals(SUB)) {
            return "a camera's name must not end in \"" + SUB + "\", which asks for the sub-stream";
        }
        return "";
    }
}
