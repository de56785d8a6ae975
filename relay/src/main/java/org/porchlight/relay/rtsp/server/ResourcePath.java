package org.porchlight.relay.rtsp.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;

/**
 * What a request URI names: {@code /{camera}}, {@code /{camera}/sub}, and behind them one track as {@code /trackID=0}.
 *
 * <p>Clients put base and control URL together in their own ways: with and without a slash at the end of the base, the track before or
 * behind the query, the path alone. All of them are read. Control names of other servers ({@code streamid=0}) are taken too, as
 * publishers choose their own; an equals sign cannot be part of a camera's name.
 *
 * @param camera 1 to 128 letters, digits, {@code . _ -}, with single slashes between parts that are not just dots
 * @param track 0 to 99; -1: the whole
 */
record ResourcePath(String camera, Rendition rendition, int track) {
    static final String TRACK = "trackID=";

    private static final int MAX_NAME = 128;
    private static final String SUB = "sub";
    private static final Pattern SCHEME = Pattern.compile("(?i)[a-z][a-z0-9+.-]{0,15}://[^/?]*");
    private static final Pattern TRACK_PART = Pattern.compile("(?i)(?:trackid|track|streamid|stream)=([0-9]{1,2})");
    private static final String ALLOWED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    /** The path named by a URI; null if it cannot be the name of a camera. */
    static @Nullable ResourcePath parse(String uri) {
        String path = pathOf(uri);
        if (path == null) {
            return null;
        }
        int question = path.indexOf('?');
        List<String> parts = parts(question < 0 ? path : path.substring(0, question));
        int track = parts.isEmpty() ? -1 : trackOf(parts.get(parts.size() - 1));
        if (track >= 0) {
            parts.remove(parts.size() - 1);
        } else if (question >= 0) {
            track = trackBehindQuery(path.substring(question));
        }
        return named(parts, track);
    }

    /** The path and query of a URI without slashes at its end; null if it has none. */
    static @Nullable String pathOf(String uri) {
        Matcher scheme = SCHEME.matcher(uri);
        String path = scheme.lookingAt() ? uri.substring(scheme.end()) : uri;
        if (!scheme.lookingAt() && !path.startsWith("/")) {
            return null;
        }
        int fragment = path.indexOf('#');
        int end = fragment < 0 ? path.length() : fragment;
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    boolean isSameStream(ResourcePath other) {
        return camera.equals(other.camera) && rendition == other.rendition;
    }

    private static List<String> parts(String path) {
        List<String> parts = new ArrayList<>(4);
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static int trackOf(String part) {
        Matcher matcher = TRACK_PART.matcher(part);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    private static int trackBehindQuery(String query) {
        int slash = query.lastIndexOf('/');
        return slash < 0 ? -1 : trackOf(query.substring(slash + 1));
    }

    private static @Nullable ResourcePath named(List<String> parts, int track) {
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
                : new ResourcePath(camera, sub ? Rendition.SUB : Rendition.MAIN, track);
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
