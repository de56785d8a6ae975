package org.porchlight.relay.rtsp.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.porchlight.relay.admission.Rendition;
import org.porchlight.relay.admission.StreamName;

/**
 * What a request URI names: {@code /{camera}}, {@code /{camera}/sub}, and behind them one track as {@code /trackID=0}.
 *
 * <p>Clients put base and control URL together in their own ways: with and without a slash at the end of the base, the track before or
 * behind the query, the path alone. All of them are read. Control names of other servers ({@code streamid=0}) are taken too, as
 * publishers choose their own; an equals sign cannot be part of a camera's name.
 *
 * @param camera see {@link StreamName}
 * @param track 0 to 99; -1: the whole
 */
record ResourcePath(String camera, Rendition rendition, int track) {
    static final String TRACK = "trackID=";

    private static final Pattern SCHEME = Pattern.compile("(?i)[a-z][a-z0-9+.-]{0,15}://[^/?]*");
    private static final Pattern TRACK_PART = Pattern.compile("(?i)(?:trackid|track|streamid|stream)=([0-9]{1,2})");

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
        StreamName stream = StreamName.parse(parts);
        return stream == null ? null : new ResourcePath(stream.camera(), stream.rendition(), track);
    }
}
